import { isAxiosError } from 'axios';
import { z } from 'zod';
import { cutText } from '../../../infra/logging/storable-text.ts';
import { maskSecrets } from '../../../infra/logging/mask-secrets.ts';
import { parseRetryAfter } from '../../../pipelines/vendors/http/http-failure.ts';
import { DeadlinePassed, failureCauses, NOT_CONNECTED } from '../venue/request-failure.ts';
import type { GivenAnswer } from '../venue/request-tape.ts';
import type { RequestVerdict, VerdictName } from '../venue/request-verdict.ts';

/** Waits where Binance does not say how long. */
const WAIT_MS = 5_000;
/** The clock is measured anew before the next request. */
const SKEW_WAIT_MS = 250;
const WORDS_MAX = 200;

/** Text without what was signed: the SDK's errors hold the key and whole addresses with their signatures. */
export function scrubbed(text: string): string {
  return maskSecrets(text, 2000)
    .replace(/(signature|listenKey|apiKey|X-MBX-APIKEY)("?\s*[=:]\s*"?)[^\s&",}]+/gi, '$1$2***')
    .replace(/\s+/g, ' ')
    .trim();
}
const cut = (text: string): string => cutText(scrubbed(text), WORDS_MAX);

/** What has to come before a request failed: it has not left. */
export class NotSent extends Error {}

/** An error as Binance writes it. */
const ENVELOPE = z.object({ code: z.int().negative(), msg: z.string() });

/** A request that was answered with no success. Nothing of the SDK's own error is kept. */
class BinanceRefusal extends Error {
  readonly status: number;
  /** Binance's own code; 0 where there is none: any server in between may have answered. */
  readonly code: number;
  readonly retryAfterMs: number | undefined;

  constructor(answer: { status: number; code: number; message: string; retryAfterMs: number | undefined }) {
    super(scrubbed(answer.message));
    this.status = answer.status;
    this.code = answer.code;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

/** Binance itself says that there is no such order: a 404 of a server in between says nothing of it. */
export const isAbsence = (error: unknown): boolean => error instanceof BinanceRefusal && error.code === -2013;

/** The connection failed: no answer, or a part of one. */
class BrokenConnection extends Error {
  readonly codes: readonly string[];

  constructor(codes: readonly string[], words: string) {
    super(words);
    this.codes = codes;
  }
}

/** What the SDK threw, without the request that it carries. */
export function withoutRequest(error: unknown, nowMs: number): Error {
  const response = isAxiosError(error) ? error.response : undefined;
  // An answer that was cut off counts as one for axios.
  if (response === undefined || response.status < 300) return brokenConnection(error);
  const { status, data, headers } = response;
  const retryAfterMs = parseRetryAfter((headers as Record<string, unknown>)['retry-after'], nowMs);
  const { code, msg } = bodyOf(data);
  return new BinanceRefusal({ status, code, message: msg, retryAfterMs });
}

/** What came back of a request that the SDK threw for: an answer in its own words, or how the connection failed. */
export function givenAnswer(error: unknown): GivenAnswer {
  const response = isAxiosError(error) ? error.response : undefined;
  if (response === undefined) return { status: null, answer: failureCauses(error).words };
  return { status: response.status, answer: String(response.data ?? '') };
}

function bodyOf(data: unknown): { code: number; msg: string } {
  const text = String(data ?? '');
  try {
    const envelope = ENVELOPE.safeParse(JSON.parse(text));
    if (envelope.success) return envelope.data;
  } catch {
    // No JSON: a gateway in between answers with pages of its own.
  }
  return { code: 0, msg: text.slice(0, WORDS_MAX) };
}

function brokenConnection(error: unknown): BrokenConnection {
  const { codes, words } = failureCauses(error);
  return new BrokenConnection(codes, cut(words));
}

type Of = 'submit' | 'cancel' | 'amend';
type Proof = Pick<RequestVerdict, 'result' | 'name'>;
const refuses = (name: VerdictName): Proof => ({ result: 'refused', name });
const unknown = (name: VerdictName): Proof => ({ result: 'unknown', name });
const unprocessed = (name: VerdictName): Proof => ({ result: 'not-processed', name });

/** Whoever says so wants nothing more for a while. */
const HELD_OFF: ReadonlySet<VerdictName> = new Set(['rate-limited', 'forbidden']);

/** Codes that say what became of a request, whatever its status. */
const CODES: Readonly<Record<number, Proof>> = {
  // "Unknown error", "internal error": an order may have been placed.
  [-1000]: unknown('server-error'),
  [-1001]: unknown('server-error'),
  [-1006]: unknown('server-error'),
  [-1007]: unknown('timed-out'),
  [-1003]: unprocessed('rate-limited'),
  [-1008]: unprocessed('rate-limited'),
  [-1015]: unprocessed('rate-limited'),
  [-1021]: unprocessed('clock-skew'),
  [-1002]: refuses('unauthorised'),
  [-1022]: refuses('unauthorised'),
  [-2014]: refuses('unauthorised'),
  [-2015]: refuses('unauthorised'),
  [-2011]: refuses('not-cancelable'),
  [-2013]: refuses('not-found'),
  // Of the futures exchange.
  [-1016]: unprocessed('market-closed'),
  [-2018]: refuses('insufficient-funds'),
  [-2019]: refuses('insufficient-funds'),
  // The position would be larger than the leverage allows.
  [-2027]: refuses('insufficient-funds'),
  [-2028]: refuses('insufficient-funds'),
  [-2023]: refuses('account-blocked'),
  [-2025]: refuses('too-many-orders'),
  [-4045]: refuses('too-many-orders'),
  [-4061]: refuses('account-blocked'),
  [-4108]: unprocessed('market-closed'),
  [-4109]: refuses('account-blocked'),
  [-4116]: refuses('duplicate-id'),
  [-4118]: refuses('nothing-to-reduce'),
  [-4140]: unprocessed('market-closed'),
  [-4164]: refuses('below-minimum'),
  [-4400]: refuses('account-blocked'),
  [-5021]: refuses('not-immediate'),
  [-5022]: refuses('would-take'),
};

/** -2010 and -1013 have many reasons: the message tells them apart. */
const REASONS: readonly (readonly [RegExp, Proof])[] = [
  [/duplicate order/i, refuses('duplicate-id')],
  [/trigger immediately|immediately trigger/i, refuses('would-trigger')],
  [/immediately match/i, refuses('would-take')],
  [/reduce-?only order is rejected/i, refuses('nothing-to-reduce')],
  [/market is closed|trading is disabled|symbol is not/i, unprocessed('market-closed')],
  [/insufficient balance/i, refuses('insufficient-funds')],
  [/MAX_NUM|maximum number of orders|too many/i, refuses('too-many-orders')],
  [/disabled on this account|may not|permission/i, refuses('account-blocked')],
];

/**
 * What a failed request about an order proves. The venue's own refusal is proof; a status alone is none, because any
 * server in between has the same ones, and neither is what may have happened on the way back.
 */
export function verdictOf(error: unknown, of: Of): RequestVerdict {
  if (error instanceof DeadlinePassed) {
    return { ...(error.sent ? unknown('timed-out') : unprocessed('not-sent')), words: error.message };
  }
  if (error instanceof NotSent) return { ...unprocessed('not-sent'), words: error.message };
  if (error instanceof BinanceRefusal) {
    const { retryAfterMs, status, code, message } = error;
    const proof = proofOf(error, of);
    const words = cut(`HTTP ${status} ${code === 0 ? '' : `${code} `}${message}`);
    const waits = proof.result === 'not-processed' || HELD_OFF.has(proof.name);
    const waitMs = retryAfterMs ?? (proof.name === 'clock-skew' ? SKEW_WAIT_MS : WAIT_MS);
    return { ...proof, words, ...(waits ? { retryAfterMs: waitMs } : {}) };
  }
  if (!(error instanceof BrokenConnection)) return { ...unknown('garbled'), words: cut(String(error)) };
  const isProof = error.codes.some((code) => NOT_CONNECTED.has(code));
  return { ...(isProof ? unprocessed('not-connected') : unknown('cut-off')), words: error.message };
}

function proofOf({ status, code, message }: BinanceRefusal, of: Of): Proof {
  if (status === 409) return unknown('conflict');
  if (status === 408) return unknown('timed-out');
  const known = CODES[code];
  // A refusal has a status of its own: with another it contradicts itself.
  if (known !== undefined && (known.result !== 'refused' || (status >= 400 && status < 500))) return known;
  const isTheirs = code !== 0;
  if (status === 418 || status === 429) return isTheirs ? unprocessed('rate-limited') : unknown('rate-limited');
  if (status >= 500) return unknown('server-error');
  // Binance's firewall looks like any other: it asks to wait, and proves nothing.
  if (status === 403 && !isTheirs) return unknown('forbidden');
  if (status < 400 || !isTheirs) return unknown('garbled');
  if (status === 401) return refuses('unauthorised');
  if (status === 403) return refuses('forbidden');
  if (status === 404) return refuses('not-found');
  const reason = REASONS.find(([words]) => words.test(message))?.[1];
  return reason ?? refuses(of === 'cancel' ? 'not-cancelable' : 'invalid');
}
