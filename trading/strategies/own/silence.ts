/** A user's code was asked and did not answer in time: from there on it is not asked any more. */
export interface Silence {
  /** Whose code: 0 the strategy of the session, 1, 2, 3 ... one of several by its number, `SIZER` the sizer. */
  readonly by: number;
  /** Which of its questions that was: 1 is the first of the session. */
  readonly asked: number;
  /** How long the answer was waited for. */
  readonly waitedMs: number;
}

/** Number of a sizer among those who may be silent. */
export const SIZER = -1;
