import type { PointInTimeEvent, EventKind } from '../../features/events/point-in-time-event.ts';

/** Who says when an event became known: its source, a declared delay after its time, or the moment of its ingestion. */
export type KnownBy = 'source' | 'delay' | 'ingestion';

/** A point-in-time event with all that is on record of it. */
export interface EventRow {
  readonly source: string;
  /** The source's own name of it; a correction has the name of what it corrects, and a later revision. */
  readonly sourceId: string;
  readonly revision: number;
  /** Empty for the whole market. */
  readonly symbol: string;
  readonly kind: EventKind;
  readonly field: string;
  /** NaN for none. */
  readonly value: number;
  /** NaN for none. */
  readonly expected: number;
  readonly text: string | null;
  readonly eventMs: number;
  readonly knownMs: number;
  readonly knownBy: KnownBy;
  /** What made the value, where it is our own: a lexicon and its version. */
  readonly method: string | null;
}

/** Longest text that is kept of an event, in characters. */
export const TEXT_MAX = 2_000;

/** What tells an event of a source from its others. */
export function eventKey({ source, sourceId, symbol, kind, field }: Omit<EventRow, 'revision'>): string {
  return `${source}\n${sourceId}\n${symbol}\n${kind}\n${field}`;
}

/** As features read it. */
export function pointInTime(row: EventRow): PointInTimeEvent {
  const { symbol, kind, field, value, expected, eventMs, knownMs } = row;
  return { symbol, kind, field, value, expected, eventMs, knownMs, key: `${row.source} ${row.sourceId}` };
}
