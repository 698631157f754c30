import { errors } from '@alpacahq/alpaca-trade-api/rest';
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

/**
 * What a failed request about an order proves. A status that is the venue's refusal is proof; everything that may have
 * happened on the way back is not.
 */
export function verdictOf(error: unknown, of: 'submit' | 'cancel' | 'amend', clock: Clock): RequestVerdict {
  if (error instanceof DeadlinePassed) {
    if (!error.sent) return { result: 'not-processed', name: 'not-sent', words: error.message };
    return { result: 'unknown', name: 'timed-out', words: error.message };
  }
  if (error instanceof GarbledAnswer) return { result: 'unknown', name: 'garbled', words: cut(error.message) };
  if (error instanceof errors.ApiError) return statusVerdict(error, of, clock);
  const { codes, words } = connectionWords(error);
  if (codes.some((code) => NOT_CONNECTED.has(code))) return { result: 'not-processed', name: 'not-connected', words };
  return { result: 'unknown', name: error instanceof SyntaxError ? 'garbled' : 'cut-off', words };
}

/** Alpaca itself says that there is no such order: a 404 of a server in between has another code, or none. */
export const isAbsence = (error: unknown): boolean =>
  error instanceof errors.ApiError && Number(error.code) === 40410000;

function statusVerdict(error: errors.ApiError, of: 'submit' | 'cancel' | 'amend', clock: Clock): RequestVerdict {
  const { status, response } = error;
  const words = cut(`HTTP ${status} ${error.message}`);
  if (status === 429) {
    const retryAfterMs = waitOf(response, clock());
    return { result: 'not-processed', name: 'rate-limited', words, retryAfterMs };
  }
  if (status === 409) return { result: 'unknown', name: 'conflict', words };
  if (status === 408) return { result: 'unknown', name: 'timed-out', words };
  if (status >= 500) return { result: 'unknown', name: 'server-error', words };
  if (status < 400) return { result: 'unknown', name: 'garbled', words };
  return { result: 'refused', name: refusalName(status, error.message, of), words };
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
function waitOf(response: Response, nowMs: number): number {
  const asked = parseRetryAfter(response.headers.get('retry-after'), nowMs);
  if (asked !== undefined) return asked;
  const resetMs = 1000 * Number(response.headers.get('x-ratelimit-reset') ?? NaN);
  return resetMs > nowMs ? resetMs - nowMs : WAIT_MS;
}

/** What a connection failed with, down its chain of causes. */
export function connectionWords(error: unknown): { readonly codes: readonly string[]; readonly words: string } {
  // What the SDK says of its own interceptors tells nobody anything.
  const tells = (one: Error): boolean => !(one instanceof errors.FetchError) && one.message !== 'fetch failed';
  const { codes, words } = failureCauses(error, tells);
  return { codes, words: cut(words) };
}
