/** How long a session waits for a venue before it does something about it, in ms. */
export interface VenuePatience {
  /** What a request came to is asked for after this, and again as often. */
  readonly askAfterMs: number;
  /** An order that was asked for this often, */
  readonly absences: number;
  /** over at least this long, and was found nowhere, did not arrive. */
  readonly absentMs: number;
  /** An opening that is older than this is not sent, or sent again. */
  readonly openingMs: number;
  /** What is left of an entry that keeps the exit of its first part from being placed is cancelled after this. */
  readonly armWithinMs: number;
  /** A request that is proven not to have been processed is made again after this, doubled each time. */
  readonly againMs: number;
  /** Account, open orders and executions are compared with the books as often as this. */
  readonly compareMs: number;
  /** A difference in the positions is believed once it was seen this often in a row, */
  readonly differences: number;
  /** with this between. */
  readonly lookAgainMs: number;
  /** The first wait before the stream is opened again, doubled each time up to half a minute. */
  readonly reconnectMs: number;
  /** A trailing stop that is moved from here: by no less than this share of its distance, */
  readonly trailStep: number;
  /** and no sooner than this after the last time. */
  readonly trailEveryMs: number;
}

/** Within a budget of 200 requests a minute: three questions every 30 s, and one for each order in doubt every 5 s. */
export const DEFAULT_PATIENCE: VenuePatience = {
  askAfterMs: 5_000,
  absences: 3,
  absentMs: 30_000,
  openingMs: 60_000,
  armWithinMs: 5_000,
  againMs: 1_000,
  compareMs: 30_000,
  differences: 3,
  lookAgainMs: 2_000,
  reconnectMs: 500,
  trailStep: 0.1,
  trailEveryMs: 5_000,
};
