import { SignalboxError } from '../../infra/errors.ts';
import { amountText } from '../amount-text.ts';
import { refusedCount } from '../refusal-groups.ts';
import type { SessionResult } from '../session-result.ts';

/** What came of a session, as its command's document has it. */
export function summaryOf(id: string, result: SessionResult): Record<string, unknown> {
  const { bars, fills, ledger, reasons, journalHash, initialCapital } = result;
  return {
    session: id,
    bars,
    fills,
    trades: ledger.length,
    refused: refusedCount(result.refused),
    initialCapital,
    finalEquity: result.equity.at(-1) ?? initialCapital,
    reasons,
    journalHash,
    ...(result.strategies === undefined ? {} : { strategies: result.strategies }),
  };
}

/** The same for people. */
export function describe(id: string, result: SessionResult): string {
  const equity = result.equity.at(-1) ?? result.initialCapital;
  return [
    `${id}: ${result.bars} bars, ${result.fills} fills, ${refusedCount(result.refused)} refused`,
    `equity ${amountText(equity)} from ${amountText(result.initialCapital)}`,
    ...result.reasons,
    `journal ${result.journalHash}`,
  ].join('\n');
}

/** What a session that has ended left is its record: it is run again to be looked at, never to be changed. */
export function requireRepeat(id: string, { journalHash }: SessionResult, endedWith: string): void {
  if (journalHash === endedWith) return;
  throw new SignalboxError(`Session "${id}" has ended, and does not repeat its journal.`, {
    remedy: 'Its predictions or the software changed since. Begin another one with --session ID.',
  });
}
