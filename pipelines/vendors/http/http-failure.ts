import { VendorError, type VendorErrorKind } from '../vendor-error.ts';
import type { VendorName } from '../vendor.ts';

/** Which request, for messages. */
export interface VendorEndpoint {
  readonly vendor: VendorName;
  readonly endpoint: string;
}

/** What a status means; 418 is Binance's ban of an address that kept asking, 451 its refusal by country. */
function kindOfStatus(status: number): VendorErrorKind {
  if (status === 401) return 'unauthorised';
  if (status === 402 || status === 403 || status === 451) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 408) return 'timed-out';
  if (status === 418 || status === 425 || status === 429) return 'rate-limited';
  if (status >= 400 && status < 500) return 'invalid-request';
  return status >= 500 ? 'unavailable' : 'malformed';
}

/** Milliseconds that a Retry-After header asks to wait (RFC 9110: seconds or a date); undefined where there is none. */
export function parseRetryAfter(header: unknown, nowMs: number): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

export interface HttpAnswer {
  readonly status: number;
  /** The vendor's own words. */
  readonly detail: string;
  readonly retryAfterMs?: number | undefined;
  readonly kind?: VendorErrorKind | undefined;
  readonly remedy?: string | undefined;
}

/** The error behind an answer that is not a success. */
export function statusError(where: VendorEndpoint, answer: HttpAnswer): VendorError {
  const { status, detail, retryAfterMs, remedy } = answer;
  return new VendorError({
    ...where,
    kind: answer.kind ?? kindOfStatus(status),
    detail: `HTTP ${status} ${detail}`,
    retryAfterMs,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** The error behind a connection that failed: refused, closed, cut off in the middle. */
export function connectionError(where: VendorEndpoint, error: unknown): VendorError {
  const words: string[] = [];
  for (let at: unknown = error; at instanceof Error && words.length < 4; at = at.cause) {
    const { code } = at as { code?: unknown };
    words.push(typeof code === 'string' && !at.message.includes(code) ? `${at.message} ${code}` : at.message);
  }
  const detail = words.filter((word) => word.trim() !== '').join(': ');
  return new VendorError({ ...where, kind: 'unavailable', detail: detail === '' ? String(error) : detail });
}
