import { SignalboxError } from '../../infra/errors.ts';
import { cutText } from '../../infra/logging/storable-text.ts';
import { maskSecrets } from '../../infra/logging/mask-secrets.ts';

/** What went wrong at a vendor, whatever SDK and status said it. */
export type VendorErrorKind =
  | 'unauthorised'
  | 'forbidden'
  | 'not-found'
  | 'invalid-request'
  | 'rate-limited'
  | 'unavailable'
  | 'malformed'
  | 'timed-out';

/**
 * Mistakes of the user or of the configuration: asking again changes nothing, and no other vendor is asked in their
 * place.
 */
const USERS: ReadonlySet<VendorErrorKind> = new Set(['unauthorised', 'forbidden', 'not-found', 'invalid-request']);

export interface VendorErrorOptions {
  readonly kind: VendorErrorKind;
  readonly vendor: string;
  /** What was asked for, in words without a secret: `stock bars of AAPL`. */
  readonly endpoint: string;
  /** What the vendor or the connection said; secrets are masked and it is cut to 200 characters. */
  readonly detail: string;
  readonly remedy?: string;
  /** How long the vendor asked to wait (rate-limited, unavailable). */
  readonly retryAfterMs?: number | undefined;
}

const WORDS: Readonly<Record<VendorErrorKind, string>> = {
  unauthorised: 'refused the credentials',
  forbidden: 'does not permit this',
  'not-found': 'does not have this',
  'invalid-request': 'does not understand the request',
  'rate-limited': 'asks to slow down',
  unavailable: 'is not available',
  malformed: 'gave an answer that cannot be right',
  'timed-out': 'did not answer in time',
};

const REMEDIES: Readonly<Record<VendorErrorKind, string>> = {
  unauthorised: 'Check the key and the secret in the environment; `signalbox doctor` names the variables.',
  forbidden: 'The account or its data subscription does not include this: choose another feed, range or vendor.',
  'not-found': 'Check the symbol as the vendor writes it.',
  'invalid-request': 'Check symbol, bar size and range.',
  'rate-limited': 'Try again later, or lower what is asked for at a time.',
  unavailable: 'Try again later; what was fetched is stored, and the next run goes on from there.',
  malformed: 'Try again later; nothing of this answer was stored.',
  'timed-out': 'Try again later; what was fetched is stored, and the next run goes on from there.',
};

const DETAIL_MAX = 200;
/** Of what a vendor said, before blanks are squeezed. */
const READ_MAX = 2000;

/**
 * A vendor refused, failed or answered nonsense. Exit code 2 where the request or the credentials are wrong, 1 for an
 * outage. The message names vendor and endpoint and never holds a secret.
 */
export class VendorError extends SignalboxError {
  readonly kind: VendorErrorKind;
  readonly vendor: string;
  readonly endpoint: string;
  /** What the vendor or the connection said, as the message repeats it. */
  readonly detail: string;
  readonly retryAfterMs: number | undefined;

  constructor(options: VendorErrorOptions) {
    const { kind, vendor, endpoint } = options;
    const detail = cutText(maskSecrets(options.detail, READ_MAX).replace(/\s+/g, ' ').trim(), DETAIL_MAX);
    super(`${vendor} ${WORDS[kind]} (${endpoint})${detail === '' ? '.' : `: ${detail}`}`, {
      remedy: options.remedy ?? REMEDIES[kind],
      exitCode: USERS.has(kind) ? 2 : 1,
    });
    this.kind = kind;
    this.vendor = vendor;
    this.endpoint = endpoint;
    this.detail = detail;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether asking again may help: an outage, a limit or a broken answer. */
  get retryable(): boolean {
    return !USERS.has(this.kind);
  }
}
