import { EventBook } from '../../../features/events/event-book.ts';
import { MARKET, type PointInTimeEvent } from '../../../features/events/point-in-time-event.ts';
import { systemClock } from '../../../infra/clock.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { zoneNamed } from '../../../pipelines/dialects/time-zone.ts';
import { parseEventColumns } from '../../../pipelines/events/event-columns.ts';
import { pointInTime } from '../../../pipelines/events/event-row.ts';
import { readEvents } from '../../../pipelines/events/event-store.ts';
import { parseDelay } from '../../../pipelines/events/event-times.ts';
import { readEventsFile, type EventsFile } from '../../../pipelines/events/events-file.ts';
import { withSentiment } from '../../../pipelines/events/sentiment.ts';
import type { Experiment } from '../experiment.ts';
import type { EventSource } from './events-schema.ts';

type FileSource = Extract<EventSource, { file: string }>;

export interface EventsAsked {
  /** Symbols whose events are wanted; the market's are wanted in any case. */
  readonly symbols: readonly string[];
  /** Where events of the store are read; null where there is none at hand. */
  readonly database: Pick<Database, 'pool'> | null;
  /** The last row of the store that counts, in place of all there are. */
  readonly toId?: number | undefined;
}

/** The events of an experiment, and what is to be said of them. */
export interface ExperimentEvents {
  readonly book: EventBook;
  /** One line a source. */
  readonly statements: readonly string[];
}

/**
 * Reads the events that an experiment names; null where it names none. InputError that names the key for a file that is
 * not in order, for a source that the store does not have, and where the store is not at hand.
 */
export async function experimentEvents(
  { events: sources }: Pick<Experiment, 'events'>,
  { symbols, database, toId }: EventsAsked,
): Promise<ExperimentEvents | null> {
  if (sources === undefined) return null;
  const wanted = new Set([...symbols, MARKET]);
  const events: PointInTimeEvent[] = [];
  const statements: string[] = [];
  for (const [at, source] of sources.entries()) {
    const before = events.length;
    if ('file' in source) {
      const found = await readSourceFile(source, at);
      for (const row of found.rows) if (wanted.has(row.symbol)) events.push(pointInTime(row));
      statements.push(fileStatement(source.file, found, events.length - before));
      continue;
    }
    if (database === null) {
      throw new InputError(`events[${at}].stored: the store is not read here.`, 'Name a file of events in its place.');
    }
    const asked = { sources: source.stored, symbols: [...wanted], toId };
    for await (const row of readEvents(database.pool, asked)) events.push(pointInTime(row));
    if (events.length === before && toId === undefined) {
      throw new InputError(
        `events[${at}].stored: the store has no events of ${source.stored.join(', ')} for this universe.`,
        'See `signalbox events list`; bring them in with `signalbox events ingest`.',
      );
    }
    statements.push(`${events.length - before} events of ${source.stored.join(', ')} on record.`);
  }
  return { book: new EventBook(events), statements };
}

/**
 * Reads the file of the entry `events[at]` of an experiment. What a file is called does not identify its events.
 * InputError begins with the key.
 */
export async function readSourceFile(source: FileSource, at: number): Promise<EventsFile> {
  const { columns = {}, delay, timezone } = source;
  try {
    const found = await readEventsFile(source.file, {
      columns: typeof columns === 'string' ? parseEventColumns(columns, 'columns') : columns,
      kind: source.kind,
      source: source.source ?? `file ${at}`,
      delayMs: delay === undefined ? undefined : parseDelay(delay, 'delay'),
      zone: timezone === undefined ? null : zoneNamed(timezone, 'timezone'),
      nowMs: systemClock(),
    });
    return source.sentiment === true ? { ...found, rows: withSentiment(found.rows) } : found;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`events[${at}]: ${error.message}`, error.remedy, error);
  }
}

function fileStatement(path: string, { rows, duplicates, outOfOrder, knownBy }: EventsFile, used: number): string {
  const corrections = rows.filter(({ revision }) => revision > 0).length;
  const delayed = knownBy.delay === 0 ? '' : `, ${knownBy.delay} known by a declared delay`;
  return (
    `${used} of ${rows.length} events of ${path}: ${corrections} corrections, ${duplicates} duplicates passed over, ` +
    `${outOfOrder} out of order${delayed}.`
  );
}
