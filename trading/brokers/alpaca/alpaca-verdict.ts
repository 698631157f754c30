import { errors } from '@alpacahq/alpaca-trade-api/rest';
import { z } from 'zod';
import type { Clock } from '../../../infra/clock.ts';
import { cutText } from '../../../infra/logging/storable-text.ts';
import { maskSecrets } from '../../../infra/logging/mask-secrets.ts';
import { parseRetryAfter } from '../../../pipelines/vendors/http/http-failure.ts';
import { DeadlinePassed, failureCauses, GarbledAnswer, NOT_CONNECTED } from '../venue/request-failure.ts';
import type { RequestVerdict, VerdictName } from '../venue/request-verdict.ts';

/** Waits for the budget of the next minute where Alpaca does not say how long. */
const WAIT_MS = 5_000;
const WORDS_MAX = 200;

/** One code (40310000) for several reasons: the message tells them apart. */
const FORBIDDEN: readonly (readonly [RegExp, VerdictName])[] = [
  [/wash trade|opposite side/i, 'wash-trade'],
  [/insufficient qty|insufficient quantity|not enough shares|available for order/i, 'insufficient-quantity'],
  [/buying power|insufficient (balance|funds)|day ?trading/i, 'insufficient-funds'],
  [/blocked|suspended|not allowed to|restricted/i, 'account-blocked'],
];

const cut = (text: string): string => cutText(maskSecrets(text, 2000).replace(/\s+/g, ' ').trim(), WORDS_MAX);

/** An error as Alpaca writes it: its codes have eight digits, the first three of them a status. */
const ENVELOPE = z.object({ code: z.int().min(10_000_000).max(99_999_999), message: z.string() });

/** A request that was answered with no success: by Alpaca itself where there is a code. */
export class AlpacaRefusal extends Error {
  readonly status: number;
  /** Alpaca's own; null where the answer is of a server in between. */
  readonly code: number | null;
  readonly headers: Headers;

  constructor(answer: { status: number; code: number | null; message: string; headers: Headers }) {
    super(answer.message);
    this.status = answer.status;
    this.code = answer.code;
    this.headers = answer.headers;
  }
}

/** The SDK's error as it is told on: its own takes a code of any shape, and a page for a message. */
export async function readRefusal({ response, message }: errors.ApiError): Promise<AlpacaRefusal> {
  const { status, headers } = response;
  const envelope = ENVELOPE.safeParse(await jsonOf(response));
  if (envelope.success) return new AlpacaRefusal({ status, headers, ...envelope.data });
  return new AlpacaRefusal({ status, headers, code: null, message });
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await response.clone().text());
  } catch {
    // A page, nothing at all, or a part: whatever it is, Alpaca did not write it.
    return null;
  }
}

/**
 * What a failed request about an order proves. The venue's own refusal is proof; a status alone is none, because any
 * server in between has the same ones, and neither is what may have happened on the way back.
 */
export function verdictOf(error: unknown, of: 'submit' | 'cancel' | 'amend', clock: Clock): RequestVerdict {
  if (error instanceof DeadlinePassed) {
    if (!error.sent) return { result: 'not-processed', name: 'not-sent', words: error.message };
    return { result: 'unknown', name: 'timed-out', words: error.message };
  }
  if (error instanceof GarbledAnswer) return { result: 'unknown', name: 'garbled', words: cut(error.message) };
  if (error instanceof AlpacaRefusal) return statusVerdict(error, of, clock);
  const { codes, words } = connectionWords(error);
  if (codes.some((code) => NOT_CONNECTED.has(code))) return { result: 'not-processed', name: 'not-connected', words };
  return { result: 'unknown', name: error instanceof SyntaxError ? 'garbled' : 'cut-off', words };
}

/** Alpaca itself says that there is no such order: a 404 of a server in between has another code, or none. */
export const isAbsence = (error: unknown): boolean => error instanceof AlpacaRefusal && error.code === 40410000;

function statusVerdict(refusal: AlpacaRefusal, of: 'submit' | 'cancel' | 'amend', clock: Clock): RequestVerdict {
  const { status, code, message, headers } = refusal;
  const words = cut(`HTTP ${status} ${message}`);
  if (status === 429) {
    const result = code === null ? 'unknown' : 'not-processed';
    return { result, name: 'rate-limited', words, retryAfterMs: waitOf(headers, clock()) };
  }
  if (status === 409) return { result: 'unknown', name: 'conflict', words };
  if (status === 408) return { result: 'unknown', name: 'timed-out', words };
  if (status >= 500) return { result: 'unknown', name: 'server-error', words };
  if (status < 400 || code === null) return { result: 'unknown', name: 'garbled', words };
  return { result: 'refused', name: refusalName(status, message, of), words };
}

function refusalName(status: number, message: string, of: 'submit' | 'cancel' | 'amend'): VerdictName {
  if (status === 401) return 'unauthorised';
  if (status === 403) return FORBIDDEN.find(([words]) => words.test(message))?.[1] ?? 'forbidden';
  if (status === 404) return 'not-found';
  if (status !== 422) return 'invalid';
  if (of === 'submit' && /client_order_id.*unique|unique.*client_order_id/i.test(message)) return 'duplicate-id';
  return of === 'cancel' ? 'not-cancelable' : 'invalid';
}

/** How long a 429 asks to wait: by its header, or until the minute ends (epoch seconds). */
function waitOf(headers: Headers, nowMs: number): number {
  const asked = parseRetryAfter(headers.get('retry-after'), nowMs);
  if (asked !== undefined) return asked;
  const resetMs = 1000 * Number(headers.get('x-ratelimit-reset') ?? NaN);
  return resetMs > nowMs ? resetMs - nowMs : WAIT_MS;
}

/** What a connection failed with, down its chain of causes. */
export function connectionWords(error: unknown): { readonly codes: readonly string[]; readonly words: string } {
  // What the SDK says of its own interceptors tells nobody anything.
  const tells = (one: Error): boolean => !(one instanceof errors.FetchError) && one.message !== 'fetch failed';
  const { codes, words } = failureCauses(error, tells);
  return { codes, words: cut(words) };
}
