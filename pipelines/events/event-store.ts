import type pg from 'pg';
import type { EventKind } from '../../features/events/point-in-time-event.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { Transactional } from '../../infra/postgres/joined-transaction.ts';
import { copyIn } from '../binary-copy.ts';
import { COPIED_COLUMNS, encodeEvents } from './event-copy.ts';
import type { EventRow, KnownBy } from './event-row.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A source says something else of an event than what is on record. Nothing was stored. */
export class ChangedEventError extends SignalboxError {}

/** What a call of `storeEvents` has done. */
export interface StoredEvents {
  readonly stored: number;
  /** Of them those that correct an earlier row. */
  readonly corrections: number;
  /** Rows that are on record as they are offered. */
  readonly known: number;
  /** Of the stored those that became known before what the store had of their source already: they came late. */
  readonly late: number;
}

/** One ingestion at a time: ids are in the order of commits, so that who has read up to one has missed none. */
const INGEST_LOCK = 0x5e_4e_47;
const KEY = 'source, source_id, symbol, kind, field';
const SAME_KEY =
  'k.source = o.source AND k.source_id = o.source_id AND k.symbol = o.symbol AND k.kind = o.kind AND k.field = o.field';

/**
 * Puts events on record, all or none. Rows that are there are counted and left alone; throws ChangedEventError for one
 * that says something else under the same id and revision, or that corrects an event from before it became known.
 */
export async function storeEvents(database: Transactional, rows: readonly EventRow[]): Promise<StoredEvents> {
  return database.transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [INGEST_LOCK]);
    await client.query(
      `CREATE TEMPORARY TABLE offered_events ON COMMIT DROP AS SELECT ${COPIED_COLUMNS} FROM known_events WITH NO DATA`,
    );
    await copyIn(client, `offered_events (${COPIED_COLUMNS})`, encodeEvents(rows));
    await client.query('ANALYZE offered_events');
    await requireUnchanged(client);
    const late = await countLate(client);
    const beforeId = await newestEventId(client);
    const { rowCount } = await client.query(
      `INSERT INTO known_events (${COPIED_COLUMNS}) SELECT ${COPIED_COLUMNS} FROM offered_events
       ORDER BY known_time, revision ON CONFLICT (${KEY}, revision) DO NOTHING`,
    );
    const stored = rowCount ?? 0;
    const corrections = stored === 0 ? 0 : await requireOrder(client, beforeId);
    return { stored, corrections, known: rows.length - stored, late };
  });
}

async function requireUnchanged(client: Queryable): Promise<void> {
  const { rows } = await client.query<{ source: string; source_id: string; revision: number; differing: number }>(
    `SELECT o.source, o.source_id, o.revision, count(*) OVER ()::int AS differing
     FROM offered_events o JOIN known_events k ON ${SAME_KEY} AND k.revision = o.revision
     WHERE (k.value, k.expected, k.body, k.event_time) IS DISTINCT FROM (o.value, o.expected, o.body, o.event_time)
        AND NOT (k.known_by = 'ingestion' AND o.known_by = 'ingestion' AND
          (k.value, k.expected, k.body) IS NOT DISTINCT FROM (o.value, o.expected, o.body))
        OR (k.known_time IS DISTINCT FROM o.known_time AND NOT (k.known_by = 'ingestion' AND o.known_by = 'ingestion'))
     LIMIT 1`,
  );
  const [first] = rows;
  if (first === undefined) return;
  throw new ChangedEventError(
    `${first.differing} ${first.differing === 1 ? 'event is' : 'events are'} on record with other content; the first is ` +
      `${JSON.stringify(first.source_id)} of ${first.source}, revision ${first.revision}.`,
    {
      remedy: 'What was known stays as it was known: offer a correction as a higher revision with its own known time.',
    },
  );
}

/** Offered rows that are not on record and became known before the newest of their source that is. */
async function countLate(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ late: number }>(
    `SELECT count(*)::int AS late FROM offered_events o
     JOIN (SELECT source, max(known_time) AS newest FROM known_events GROUP BY source) s USING (source)
     WHERE o.known_time < s.newest AND NOT EXISTS
       (SELECT FROM known_events k WHERE ${SAME_KEY} AND k.revision = o.revision)`,
  );
  return rows[0]!.late;
}

/** Counts corrections among the rows after `beforeId`; each became known after all that it corrects. */
async function requireOrder(client: Queryable, beforeId: number): Promise<number> {
  const { rows } = await client.query<{ source: string; source_id: string }>(
    `SELECT o.source, o.source_id FROM known_events o JOIN known_events k ON ${SAME_KEY} AND k.revision <> o.revision
     WHERE o.id > $1 AND (k.revision < o.revision) IS DISTINCT FROM (k.known_time < o.known_time)
        OR o.id > $1 AND k.known_time = o.known_time LIMIT 1`,
    [beforeId],
  );
  const [first] = rows;
  if (first !== undefined) {
    throw new ChangedEventError(
      `A correction of ${JSON.stringify(first.source_id)} of ${first.source} became known no later than what it corrects.`,
      { remedy: 'Give each revision the time at which it became known itself.' },
    );
  }
  const counted = await client.query<{ corrections: number }>(
    `SELECT count(*)::int AS corrections FROM known_events o WHERE o.id > $1 AND o.revision > 0
       AND EXISTS (SELECT FROM known_events k WHERE ${SAME_KEY} AND k.revision < o.revision)`,
    [beforeId],
  );
  return counted.rows[0]!.corrections;
}

/** Which events are meant; all of them where nothing is said. */
export interface EventsWanted {
  readonly sources?: readonly string[] | undefined;
  /** The whole market is the empty symbol. */
  readonly symbols?: readonly string[] | undefined;
  readonly kinds?: readonly EventKind[] | undefined;
  /** Known time, both included. */
  readonly knownFromMs?: number | undefined;
  readonly knownToMs?: number | undefined;
  /** Ids in `(afterId, toId]`: what was put on record between two moments. */
  readonly afterId?: number | undefined;
  readonly toId?: number | undefined;
}

/** An event with its place on record. */
export interface RecordedEvent extends EventRow {
  readonly id: number;
  readonly ingestedMs: number;
}

interface SelectedRow {
  readonly id: string | number;
  readonly source: string;
  readonly source_id: string;
  readonly revision: number;
  readonly symbol: string;
  readonly kind: EventKind;
  readonly field: string;
  readonly value: number | null;
  readonly expected: number | null;
  readonly body: string | null;
  readonly event_ms: number;
  readonly known_ms: number;
  readonly known_by: KnownBy;
  readonly method: string | null;
  readonly ingested_ms: number;
}

const msOf = (column: string): string => `round(date_part('epoch', ${column}) * 1000)`;
const CONDITIONS = `($1::text[] IS NULL OR source = ANY($1)) AND ($2::text[] IS NULL OR symbol = ANY($2))
  AND ($3::text[] IS NULL OR kind = ANY($3)) AND known_time >= $4 AND known_time <= $5`;
const momentOf = (timeMs: number | undefined, otherwise: string): Date | string =>
  timeMs === undefined || !Number.isFinite(timeMs) ? otherwise : new Date(timeMs);

function conditionsOf(wanted: EventsWanted): unknown[] {
  const { sources, symbols, kinds, knownFromMs, knownToMs } = wanted;
  return [
    ...[sources ?? null, symbols ?? null, kinds ?? null],
    momentOf(knownFromMs, '-infinity'),
    momentOf(knownToMs, 'infinity'),
  ];
}

/** Rows read at a time. */
const PIECE_ROWS = 20_000;

/** The events that are meant, in the order in which they were put on record: as they were when it began to read. */
export async function* readEvents(pool: Pick<pg.Pool, 'connect'>, wanted: EventsWanted): AsyncGenerator<RecordedEvent> {
  const client = await pool.connect();
  let whole = false;
  try {
    await client.query('BEGIN READ ONLY');
    await client.query(
      `DECLARE wanted_events NO SCROLL CURSOR FOR
       SELECT id::float8 AS id, source, source_id, revision, symbol, kind, field, value, expected, body, known_by, method,
         ${msOf('event_time')} AS event_ms, ${msOf('known_time')} AS known_ms, ${msOf('ingested_at')} AS ingested_ms
       FROM known_events WHERE ${CONDITIONS} AND id > $6 AND id <= $7 ORDER BY id`,
      [...conditionsOf(wanted), wanted.afterId ?? 0, wanted.toId ?? Number.MAX_SAFE_INTEGER],
    );
    for (;;) {
      const { rows } = await client.query<SelectedRow>(`FETCH ${PIECE_ROWS} FROM wanted_events`);
      for (const row of rows) yield toEvent(row);
      if (rows.length < PIECE_ROWS) break;
    }
    await client.query('COMMIT');
    whole = true;
  } finally {
    // A connection whose reading was broken off is in the middle of a transaction.
    client.release(!whole);
  }
}

/** The newest events that are meant by known time, at most `limit`, each as it was known last by then. */
export async function queryEvents(client: Queryable, wanted: EventsWanted, limit: number): Promise<RecordedEvent[]> {
  const { rows } = await client.query<SelectedRow>(
    `SELECT * FROM (
       SELECT DISTINCT ON (${KEY}) id::float8 AS id, ${KEY}, revision, value, expected, body, known_by, method,
         ${msOf('event_time')} AS event_ms, ${msOf('known_time')} AS known_ms, ${msOf('ingested_at')} AS ingested_ms
       FROM known_events WHERE ${CONDITIONS} ORDER BY ${KEY}, revision DESC) newest
     ORDER BY known_ms DESC, id DESC LIMIT $6`,
    [...conditionsOf(wanted), limit],
  );
  return rows.map(toEvent);
}

function toEvent(row: SelectedRow): RecordedEvent {
  return {
    id: Number(row.id),
    source: row.source,
    sourceId: row.source_id,
    revision: row.revision,
    symbol: row.symbol,
    kind: row.kind,
    field: row.field,
    value: row.value ?? NaN,
    expected: row.expected ?? NaN,
    text: row.body,
    eventMs: row.event_ms,
    knownMs: row.known_ms,
    knownBy: row.known_by,
    method: row.method,
    ingestedMs: row.ingested_ms,
  };
}

/** What the store has of one source and kind. */
export interface EventHolding {
  readonly source: string;
  readonly kind: EventKind;
  readonly events: number;
  readonly corrections: number;
  readonly symbols: number;
  /** Rows whose known time is a declared delay, or the moment of their ingestion. */
  readonly delayed: number;
  readonly atIngestion: number;
  /** Known times of the first and the last. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Longest time without any, in days, and when it began. */
  readonly longestGapDays: number;
  readonly gapFromMs: number;
}

/** What the store has, by source and kind. */
export async function eventHoldings({ pool }: Pick<Database, 'pool'>): Promise<EventHolding[]> {
  const { rows } = await pool.query<EventHolding & { gapFromMs: number | null }>(
    `SELECT source, kind, count(*)::int AS events, count(DISTINCT symbol)::int AS symbols,
       count(*) FILTER (WHERE revision > 0)::int AS corrections,
       count(*) FILTER (WHERE known_by = 'delay')::int AS delayed,
       count(*) FILTER (WHERE known_by = 'ingestion')::int AS "atIngestion",
       ${msOf('min(known_time)')} AS "firstMs", ${msOf('max(known_time)')} AS "lastMs",
       coalesce(extract(epoch FROM max(gap))::float8 / 86400, 0) AS "longestGapDays",
       ${msOf('(array_agg(before ORDER BY gap DESC NULLS LAST))[1]')} AS "gapFromMs"
     FROM (SELECT *, known_time - lag(known_time) OVER own AS gap, lag(known_time) OVER own AS before
           FROM known_events WINDOW own AS (PARTITION BY source, kind ORDER BY known_time)) ordered
     GROUP BY source, kind ORDER BY source, kind`,
  );
  return rows.map((row) => ({ ...row, gapFromMs: row.gapFromMs ?? row.firstMs }));
}

/** The newest id on record; 0 where there is none. */
export async function newestEventId(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ id: number }>('SELECT coalesce(max(id), 0)::float8 AS id FROM known_events');
  return rows[0]!.id;
}

/** How far a source has been asked about a symbol, `[fromMs, toMs)`; null where it has not. */
export async function askedRange(
  client: Queryable,
  source: string,
  symbol: string,
): Promise<{ fromMs: number; toMs: number } | null> {
  const { rows } = await client.query<{ fromMs: number; toMs: number }>(
    `SELECT ${msOf('from_time')} AS "fromMs", ${msOf('to_time')} AS "toMs" FROM event_ranges WHERE source = $1 AND symbol = $2`,
    [source, symbol],
  );
  return rows[0] ?? null;
}

/** Says that a source has been asked about a symbol in `[fromMs, toMs)`, which goes on from what came before. */
export async function recordAsked(
  client: Queryable,
  { source, symbol, fromMs, toMs }: { source: string; symbol: string; fromMs: number; toMs: number },
): Promise<void> {
  await client.query(
    `INSERT INTO event_ranges (source, symbol, from_time, to_time) VALUES ($1, $2, $3, $4)
     ON CONFLICT (source, symbol) DO UPDATE SET from_time = least(event_ranges.from_time, excluded.from_time),
       to_time = greatest(event_ranges.to_time, excluded.to_time)`,
    [source, symbol, new Date(fromMs), new Date(toMs)],
  );
}
