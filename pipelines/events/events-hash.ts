import { createHash } from 'node:crypto';
import type { EventBook } from '../../features/events/event-book.ts';
import { MARKET } from '../../features/events/point-in-time-event.ts';
import type { FeatureSet } from '../../features/feature-set.ts';
import { timeframeMs } from '../../features/timeframe.ts';
import { hashOf } from '../../infra/hash.ts';
import type { StoredSeries } from '../bars/bar-series-store.ts';

/**
 * Identifies what features of `symbol` may have read of a book up to a moment: its own events and the market's that had
 * become known by then. Empty for none: what becomes known later changes no row, and so does not change this either.
 */
export function eventsHash(book: EventBook, symbol: string, untilMs: number): string {
  const hash = createHash('sha256');
  let count = 0;
  for (const whose of [symbol, MARKET]) {
    for (const event of book.eventsOf(whose)) {
      if (event.knownMs > untilMs) break;
      const { kind, field, value, expected, eventMs, knownMs, key } = event;
      hash.update(JSON.stringify([whose, kind, field, String(value), String(expected), eventMs, knownMs, key]));
      count += 1;
    }
  }
  return count === 0 ? '' : hash.digest('hex');
}

/** The same of a series in the store whose bars open by `range.toMs`; empty where no feature reads events. */
export function seriesEventsHash(
  { events, graph }: FeatureSet,
  { symbol, lastOpenMs, timeframe }: Pick<StoredSeries, 'symbol' | 'lastOpenMs' | 'timeframe'>,
  range: { readonly toMs: number },
): string {
  if (events === null || !graph.readsEvents) return '';
  return eventsHash(events, symbol, Math.min(lastOpenMs, range.toMs) + timeframeMs(timeframe));
}

/** What feature rows of a series are made of beside its bars. */
export interface RowsBasis {
  /** Identifies the actions its bars are adjusted by; empty or absent for raw bars. */
  readonly adjustment?: string | undefined;
  /** Identifies the events that its rows were made of; empty or absent for none. */
  readonly events?: string | undefined;
}

/** What tells rows of a series from rows of the same bars that were adjusted otherwise or made of other events. */
export function rowsHash({ adjustment = '', events = '' }: RowsBasis): string {
  return events === '' ? adjustment : hashOf({ adjustment, events });
}

/** A data hash with the events that rows were made of, where there are any. */
export function dataHashWithEvents(
  dataHash: string,
  series: readonly (RowsBasis & { readonly symbol: string })[],
): string {
  const used = series.flatMap(({ symbol, events = '' }) => (events === '' ? [] : [[symbol, events]]));
  return used.length === 0 ? dataHash : hashOf({ data: dataHash, events: used.sort(([a], [b]) => (a! < b! ? -1 : 1)) });
}
