import { createHash } from 'node:crypto';

/** 80 bits: two of a million sessions share them once in 10^12 times. */
const DIGEST_DIGITS = 20;

/**
 * The ids by which brokers know the orders of a session: a pure function of the whole session id and the sequence, at
 * most 36 characters up to sequence 10^12, letters, digits and hyphens only. What Binance takes; Alpaca takes more.
 */
export function clientOrderIds(sessionId: string): (sequence: number) => string {
  const digest = createHash('sha256').update(sessionId).digest('hex').slice(0, DIGEST_DIGITS);
  return (sequence) => `sb-${digest}-${sequence}`;
}

/** The sequence of an order by the name that brokers know it by, or what took its place; null for no name of ours. */
export function sequenceOf(clientOrderId: string): number | null {
  const found = /^sb-[0-9a-f]{20}-(\d{1,15})(?:-|$)/.exec(clientOrderId);
  return found === null ? null : Number(found[1]);
}
