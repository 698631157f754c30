import { isAxiosError } from 'axios';
import type { Clock } from '../../../infra/clock.ts';
import { connectionError, parseRetryAfter, statusError, type HttpAnswer, type VendorEndpoint } from './http-failure.ts';
import { VendorError } from '../vendor-error.ts';

/** Answers larger than this are not bars: a full page of 50,000 takes 6 MB. */
export const ANSWER_MAX_BYTES = 64 * 1024 * 1024;

/** The vendor's own words in an error answer; Polygon says `error` or `message`, Binance `msg`. */
function wordsOf(data: unknown): string {
  if (typeof data === 'string') return data;
  const { error, message, msg } = (data ?? {}) as Record<string, unknown>;
  const words = [error, message, msg].find((value) => typeof value === 'string');
  return typeof words === 'string' ? words : '';
}

/**
 * What an SDK on axios threw, as a VendorError. `refine` may say more of a status than its number does. The original is
 * not kept as the cause: it carries the request with its key.
 */
export function axiosFailure(
  where: VendorEndpoint,
  error: unknown,
  clock: Clock,
  refine: (status: number, data: unknown) => Pick<HttpAnswer, 'kind' | 'remedy'> = () => ({}),
): VendorError {
  if (error instanceof VendorError) return error;
  const response = isAxiosError(error) ? error.response : undefined;
  // An answer that was cut off counts as one for axios.
  if (response === undefined || response.status < 300) return connectionError(where, withoutRequest(error));
  const { status, data } = response;
  const retryAfterMs = parseRetryAfter(response.headers['retry-after'], clock());
  return statusError(where, { status, detail: wordsOf(data), retryAfterMs, ...refine(status, data) });
}

function withoutRequest(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { code } = error as { code?: string };
  return new Error(code === undefined || error.message.includes(code) ? error.message : `${error.message} ${code}`);
}
