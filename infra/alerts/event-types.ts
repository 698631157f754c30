import type { AlertSeverity } from './alert.ts';

/** A type of alerts that parts of the program raise by themselves; further ones are those of rules, by their names. */
export interface EventType {
  readonly type: string;
  /** The gravest that it comes with. */
  readonly severity: AlertSeverity;
  readonly words: string;
}

/** Every type of alert that is no rule's. */
export const EVENT_TYPES = [
  { type: 'halt', severity: 'critical', words: 'a limit, the venue or an operator has halted a session' },
  { type: 'emergency-stop', severity: 'critical', words: 'a session was stopped in an emergency' },
  { type: 'mismatch', severity: 'critical', words: 'books and venue differ' },
  { type: 'order-in-doubt', severity: 'critical', words: 'nobody knows what became of an order' },
  { type: 'position-unprotected', severity: 'critical', words: 'a position is held without a resting exit' },
  { type: 'orders-rejected', severity: 'warning', words: 'the venue has rejected an order' },
  { type: 'orders-failing', severity: 'critical', words: 'requests about orders fail in a row' },
  { type: 'breaker-open', severity: 'critical', words: 'a breaker before the venue or the database is open' },
  { type: 'venue-away', severity: 'warning', words: 'the stream of the venue is lost' },
  { type: 'venue-unreachable', severity: 'critical', words: 'the venue does not answer requests' },
  { type: 'latency', severity: 'warning', words: 'requests about orders take long' },
  { type: 'feed-silent', severity: 'critical', words: 'closes of the market do not come' },
  { type: 'model-expired', severity: 'critical', words: 'a model gives no signals any more' },
  { type: 'model-drifting', severity: 'warning', words: 'a model is not what it was when it was trained' },
  { type: 'job-failed', severity: 'warning', words: 'a job of a worker failed for good' },
] as const satisfies readonly EventType[];

/** What raises an alert by itself raises one of these, or people could not choose to be told of it. */
export type EventTypeName = (typeof EVENT_TYPES)[number]['type'];
