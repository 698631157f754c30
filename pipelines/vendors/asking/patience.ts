/** How long a request to a vendor is pursued. */
export interface Patience {
  /**
   * Attempts of one request in all; waits of 1, 2, 4 ... 60 s, each cut at random by up to a half, lie between them.
   */
  readonly attempts: number;
  /** A vendor that asks for a longer pause is not waited for. */
  readonly retryAfterMaxMs: number;
  /** Whether an open breaker is waited out. Otherwise it ends the attempts at once. */
  readonly outlastsBreaker: boolean;
  /** A deadline of each attempt that is shorter than the vendor's own. */
  readonly timeoutMs?: number;
}

/**
 * Where there is no other vendor: about two minutes of waits, and the half minutes for which the breaker holds requests
 * back.
 */
export const FULL_PATIENCE: Patience = { attempts: 8, retryAfterMaxMs: 300_000, outlastsBreaker: true };

/** Bars, while another vendor can serve: it is asked after 1.5 to 3 s of waits. */
export const HISTORY_PATIENCE: Patience = { attempts: 3, retryAfterMaxMs: 5_000, outlastsBreaker: false };

/**
 * A quote, while another vendor can serve: it is asked after 1 s, or after 11 s where the first one does not answer at
 * all.
 */
export const QUOTE_PATIENCE: Patience = {
  attempts: 2,
  retryAfterMaxMs: 2_000,
  outlastsBreaker: false,
  timeoutMs: 5_000,
};
