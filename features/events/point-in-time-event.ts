/** What an event may be about. */
export const EVENT_KINDS = ['news', 'sentiment', 'fundamental', 'calendar'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Stands for the symbol of an event that is about the whole market. */
export const MARKET = '';

/** One thing that became known at one moment; a later correction is another one with the same `key`. */
export interface PointInTimeEvent {
  /** `MARKET` for the whole market. */
  readonly symbol: string;
  readonly kind: EventKind;
  /** What of it: `eps`, `headline`; empty where its kind says all. */
  readonly field: string;
  /** NaN where there is none. */
  readonly value: number;
  /** What was expected of the value; NaN where nothing was. */
  readonly expected: number;
  /** When it happens or happened, UTC milliseconds; of a calendar's often later than it became known. */
  readonly eventMs: number;
  /** When it became known, UTC milliseconds: nothing sees it before. */
  readonly knownMs: number;
  /** What tells it from others; a correction has the key of what it corrects. */
  readonly key: string;
}
