import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { FINAL_STATES } from '../orders/order-state.ts';
import type { LedgerRow } from './ledger-rows.ts';
import { SIGNAL_CHANNEL, type PublishedSignal } from '../signals/publishing/published-signal.ts';
import { JOURNAL_COLUMNS, type JournalRows, type JournalTable } from './journal-rows.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Records of a session that follow each other, encoded. */
export interface JournalBatch {
  /** Position of the first of them in the journal. */
  readonly first: number;
  readonly records: number;
  readonly bytes: Uint8Array;
}

/** The encoded records of a session, from the first on. */
export async function readRecords(client: Queryable, sessionId: string): Promise<Buffer> {
  const { rows } = await client.query<{ bytes: Buffer }>(
    'SELECT bytes FROM signalbox.journal_batches WHERE session_id = $1 ORDER BY first_record',
    [sessionId],
  );
  return Buffer.concat(rows.map((row) => row.bytes));
}

/** Adds a batch inside the caller's transaction. An error where its first record is stored already. */
export async function writeBatch(client: Queryable, sessionId: string, batch: JournalBatch): Promise<void> {
  await client.query(
    'INSERT INTO signalbox.journal_batches (session_id, first_record, records, bytes) VALUES ($1, $2, $3, $4)',
    [sessionId, batch.first, batch.records, Buffer.from(batch.bytes)],
  );
}

const TARGETS: Readonly<Record<JournalTable, string>> = {
  signals: `signalbox.signals (${JOURNAL_COLUMNS.signals})`,
  orders: `signalbox.orders (${JOURNAL_COLUMNS.orders})`,
  fills: `signalbox.fills (${JOURNAL_COLUMNS.fills})`,
  refusals: `signalbox.refusals (${JOURNAL_COLUMNS.refusals})`,
  amendments: `signalbox.order_amendments (${JOURNAL_COLUMNS.amendments})`,
  ledger: `signalbox.ledger_entries (${JOURNAL_COLUMNS.ledger})`,
};

/**
 * Copies the rows of a batch into their tables and brings the states of older orders up to date, in the caller's
 * transaction.
 */
export async function writeJournalRows(client: pg.ClientBase, sessionId: string, rows: JournalRows): Promise<void> {
  for (const table of Object.keys(TARGETS) as JournalTable[]) await copyRows(client, TARGETS[table], rows[table]);
  if (rows.states.size === 0) return;
  await client.query(
    `UPDATE signalbox.orders SET state = new.state
     FROM unnest($2::bigint[], $3::text[]) AS new (sequence, state)
     WHERE session_id = $1 AND orders.sequence = new.sequence`,
    [sessionId, [...rows.states.keys()], [...rows.states.values()]],
  );
}

async function copyRows(client: pg.ClientBase, target: string, rows: readonly string[]): Promise<void> {
  if (rows.length === 0) return;
  const stream = client.query(copyFrom(`COPY ${target} FROM STDIN`));
  const finished = once(stream, 'finish');
  stream.end(rows.join(''));
  await finished;
}

/** A moment as text: ISO 8601 in UTC. */
const isoSql = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** A signal as `PublishedSignal`. Without its reason it stays far below the 8,000 bytes of a notification. */
const PUBLISHED_SQL = `json_build_object('id', signal_id, 'session', session_id, 'sequence', record, 'time', ${isoSql('time')},
  'symbol', symbol, 'action', action, 'strength', strength, 'confidence', confidence, 'probability', probability,
  'model', model, 'strategy', strategy, 'decided', ${isoSql('decided_at')}, 'expires', ${isoSql('expires_at')},
  'refused', refused)`;

/** Notifies whoever listens of the signals of `[from, to)`, in the caller's transaction: none is told of unless it commits. */
export async function notifySignals(
  client: Queryable,
  sessionId: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  await client.query(
    `SELECT pg_notify('${SIGNAL_CHANNEL}', told) FROM (
       SELECT ${PUBLISHED_SQL}::text AS told FROM signalbox.signals
       WHERE session_id = $1 AND record >= $2 AND record < $3 ORDER BY record
     ) AS signals`,
    [sessionId, from, to],
  );
}

/** Recorded signals of a session after a sequence, in order. */
export async function readSignals(
  client: Queryable,
  sessionId: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<PublishedSignal[]> {
  const { rows } = await client.query<{ told: PublishedSignal }>(
    `SELECT ${PUBLISHED_SQL} AS told FROM signalbox.signals
     WHERE session_id = $1 AND record > $2 ORDER BY record LIMIT $3`,
    [sessionId, after, limit],
  );
  return rows.map(({ told }) => told);
}

/** Sequence of the newest signal of a session but `count`; -1 where there are no more than that. */
export async function newestSignalBut(client: Queryable, sessionId: string, count: number): Promise<number> {
  const { rows } = await client.query<{ record: number }>(
    'SELECT record FROM signalbox.signals WHERE session_id = $1 ORDER BY record DESC OFFSET $2 LIMIT 1',
    [sessionId, count],
  );
  return rows[0]?.record ?? -1;
}

/** An order that has been approved and is neither filled nor over. */
export interface WorkingOrder {
  readonly sessionId: string;
  readonly sequence: number;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  /** Units without a sign; 0 for one that is sized when it is filled. */
  readonly quantity: number;
}

/** The orders of some sessions that still work, in the order in which they were given. */
export async function workingOrders(client: Queryable, sessionIds: readonly string[]): Promise<WorkingOrder[]> {
  const { rows } = await client.query<WorkingOrder>(
    `SELECT session_id AS "sessionId", sequence::float8 AS sequence, symbol, side, abs(quantity)::float8 AS quantity
     FROM signalbox.orders WHERE session_id = ANY($1) AND state <> ALL($2) ORDER BY session_id, sequence`,
    [sessionIds, FINAL_STATES],
  );
  return rows;
}

/** What the bookings of one kind add up to, in exact decimals. */
export interface Booked {
  readonly sessionId: string;
  readonly kind: LedgerRow['kind'];
  readonly entries: number;
  readonly amount: string;
  /** Cash of the session: its capital and all of its bookings. */
  readonly cash: string;
}

/** The bookings of some sessions by kind, and the cash that they leave of the capital of each. */
export async function bookedCash(
  client: Queryable,
  sessions: readonly { readonly id: string; readonly capital: number }[],
): Promise<Booked[]> {
  const { rows } = await client.query<Booked>(
    `WITH asked AS (SELECT * FROM unnest($1::text[], $2::numeric[]) AS asked (session_id, capital)),
     kinds AS (
       SELECT session_id, kind, capital, count(*)::int AS entries, sum(amount) AS amount
       FROM signalbox.ledger_entries JOIN asked USING (session_id) GROUP BY session_id, kind, capital
     )
     SELECT session_id AS "sessionId", kind, entries, trim_scale(amount)::text AS amount,
            trim_scale(capital + sum(amount) OVER (PARTITION BY session_id))::text AS cash
     FROM kinds ORDER BY session_id, kind`,
    [sessions.map(({ id }) => id), sessions.map(({ capital }) => capital)],
  );
  return rows;
}
