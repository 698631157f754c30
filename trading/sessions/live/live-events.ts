import type pg from 'pg';
import type { EventBook } from '../../../features/events/event-book.ts';
import { MARKET } from '../../../features/events/point-in-time-event.ts';
import type { FeatureSet } from '../../../features/feature-set.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { experimentEvents } from '../../../models/experiment/events/experiment-events.ts';
import { experimentFeatures } from '../../../models/experiment/experiment-features.ts';
import type { MarketData } from '../../../models/experiment/market-data.ts';
import { marketHours } from '../../../pipelines/calendars/market-hours.ts';
import { pointInTime, type EventRow } from '../../../pipelines/events/event-row.ts';
import { newestEventId, readEvents } from '../../../pipelines/events/event-store.ts';
import type { ClosedBars } from '../replayed-feed.ts';

interface LiveEventsOptions {
  readonly pool: Pick<pg.Pool, 'connect' | 'query'>;
  /** Where what arrives is added; features read it. */
  readonly book: EventBook;
  readonly sources: readonly string[];
  readonly symbols: readonly string[];
  /** The last row that the book has. */
  readonly fromId: number;
}

/**
 * Events that are put on record while a session runs. Each close is handed on with the last row that was there, and the
 * features of that close see the rows up to it: a restarted session, which is told the same rows, sees the same. An
 * event that arrives after a close that it claims to have been known by counts from the next one.
 */
export class LiveEvents {
  readonly #options: LiveEventsOptions;
  #readTo: number;
  #lastCloseMs = -Infinity;
  /** Read, and not known before a later close. */
  #coming: EventRow[] = [];

  constructor(options: LiveEventsOptions) {
    this.#options = options;
    this.#readTo = options.fromId;
  }

  /** The newest row on record: what a close that comes now may see. */
  newest(): Promise<number> {
    return newestEventId(this.#options.pool as pg.Pool);
  }

  /** Brings what a close may see into the book, before features are computed of it. */
  async take({ closeTimeMs, eventsTo }: Pick<ClosedBars, 'closeTimeMs' | 'eventsTo'>): Promise<void> {
    if (eventsTo !== undefined && eventsTo > this.#readTo) {
      const { pool, sources, symbols } = this.#options;
      const wanted = { sources, symbols: [...symbols, MARKET], afterId: this.#readTo, toId: eventsTo };
      for await (const row of readEvents(pool, wanted)) this.#coming.push(row);
      this.#readTo = eventsTo;
    }
    const due = this.#coming.filter(({ knownMs }) => knownMs <= closeTimeMs);
    this.#coming = this.#coming.filter(({ knownMs }) => knownMs > closeTimeMs);
    const { book } = this.#options;
    const newestMs = book.events().at(-1)?.knownMs ?? -Infinity;
    const earliestMs = Math.max(newestMs, this.#lastCloseMs + 1);
    const counted = due.map((row) => ({ ...row, knownMs: Math.max(row.knownMs, earliestMs) }));
    for (const row of counted.sort((a, b) => a.knownMs - b.knownMs || a.revision - b.revision))
      book.add(pointInTime(row));
    this.#lastCloseMs = closeTimeMs;
  }
}

/** A session's features, with the events that it began with, and what follows them. */
export interface SessionEvents {
  readonly set: FeatureSet;
  /** Null where no feature reads events of the store. */
  readonly events: LiveEvents | null;
  /** The last row of the store that it began with; absent without. */
  readonly eventsTo?: number;
}

/**
 * The features of a session over the events that were on record when it began. `begunTo`: the last of them, of one
 * that goes on. What a file of the experiment holds is all known from the start.
 */
export async function sessionEvents(
  database: Database,
  { experiment, set, calendar }: Pick<MarketData, 'experiment' | 'set' | 'calendar'>,
  begunTo: number | undefined,
): Promise<SessionEvents> {
  const sources = (experiment.events ?? []).flatMap((source) => ('stored' in source ? source.stored : []));
  if (!set.graph.readsEvents || sources.length === 0) return { set, events: null };
  const { symbols, timeframe } = set;
  const eventsTo = begunTo ?? (await newestEventId(database.pool));
  const found = await experimentEvents(experiment, { symbols, database, toId: eventsTo });
  const book = found!.book;
  return {
    set: experimentFeatures(experiment, { timeframe, symbols, hours: marketHours(calendar), events: book }),
    events: new LiveEvents({ pool: database.pool, book, sources, symbols, fromId: eventsTo }),
    eventsTo,
  };
}
