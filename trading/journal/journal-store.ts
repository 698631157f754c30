import type {
  Booked,
  DecisionPrice,
  ListedFill,
  ListedOrder,
  ListedRefusal,
  ListedSignal,
  RecordCounts,
  RowsAsked,
  WorkingOrder,
} from './listed-rows.ts';
import type pg from 'pg';
import type { RowsInto, WriteStep } from '../../infra/postgres/write-steps.ts';
import { FINAL_STATES } from '../orders/order-state.ts';
import { PUBLISHED_SIGNAL_SQL, SIGNAL_CHANNEL, type PublishedSignal } from '../signals/publishing/published-signal.ts';
import type { OrderFacts } from './order-facts.ts';
import { decodeRecords, type JournalEntry } from './journal-record.ts';
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

/** The encoded records of a session, batch after batch, of which one is held at a time. */
export async function* readBatches(client: Queryable, sessionId: string): AsyncGenerator<Buffer> {
  for (let after = -1; ;) {
    const { rows } = await client.query<{ first: number; bytes: Buffer }>(
      `SELECT first_record::float8 AS first, bytes FROM signalbox.journal_batches
       WHERE session_id = $1 AND first_record > $2 ORDER BY first_record LIMIT 1`,
      [sessionId, after],
    );
    const [batch] = rows;
    if (batch === undefined) return;
    yield batch.bytes;
    after = batch.first;
  }
}

/** How many records of a session are stored. */
export async function storedRecords(client: Queryable, sessionId: string): Promise<number> {
  const { rows } = await client.query<{ records: number }>(
    `SELECT coalesce(max(first_record + records), 0)::float8 AS records FROM signalbox.journal_batches
     WHERE session_id = $1`,
    [sessionId],
  );
  return rows[0]!.records;
}

/** What is stored of a session from record `first` on. */
export async function readEntriesFrom(client: Queryable, sessionId: string, first: number): Promise<JournalEntry[]> {
  const { rows } = await client.query<{ first: number; bytes: Buffer }>(
    `SELECT first_record::float8 AS first, bytes FROM signalbox.journal_batches
     WHERE session_id = $1 AND first_record + records > $2 ORDER BY first_record`,
    [sessionId, first],
  );
  return rows.flatMap((batch) => [...decodeRecords(batch.bytes)].slice(Math.max(0, first - batch.first)));
}

/** Adds a batch. An error where its first record is stored already. */
export function batchStep(sessionId: string, { first, records, bytes }: JournalBatch): WriteStep {
  return {
    name: 'journal-batch',
    text: 'INSERT INTO signalbox.journal_batches (session_id, first_record, records, bytes) VALUES ($1, $2, $3, $4)',
    values: [sessionId, first, records, Buffer.from(bytes)],
  };
}

const TABLES: Readonly<Record<JournalTable, Pick<RowsInto, 'table' | 'json'>>> = {
  signals: { table: 'signalbox.signals' },
  orders: { table: 'signalbox.orders' },
  fills: { table: 'signalbox.fills' },
  refusals: { table: 'signalbox.refusals' },
  amendments: { table: 'signalbox.order_amendments' },
  ledger: { table: 'signalbox.ledger_entries' },
  parents: { table: 'signalbox.parent_orders', json: ['rule'] },
  parentEnds: { table: 'signalbox.parent_order_ends' },
};

/** Puts the rows of a batch into their tables and brings the states of older orders up to date. */
export function journalRowsSteps(sessionId: string, rows: JournalRows): WriteStep[] {
  const steps: WriteStep[] = (Object.keys(TABLES) as JournalTable[])
    .filter((name) => rows[name].length > 0)
    .map((name) => ({ ...TABLES[name], columns: JOURNAL_COLUMNS[name], lines: rows[name] }));
  if (rows.states.size === 0) return steps;
  const states = {
    name: 'order-states',
    text: `UPDATE signalbox.orders SET state = new.state
     FROM unnest($2::bigint[], $3::text[]) AS new (sequence, state)
     WHERE session_id = $1 AND orders.sequence = new.sequence`,
    values: [sessionId, [...rows.states.keys()], [...rows.states.values()]],
  };
  return [...steps, states];
}

/** Notifies whoever listens of the signals of `[from, to)`: none is told of unless the transaction commits. */
export function notifySignals(
  sessionId: string,
  { from, to }: { readonly from: number; readonly to: number },
): WriteStep {
  return {
    name: 'notify-signals',
    text: `SELECT pg_notify('${SIGNAL_CHANNEL}', told) FROM (
       SELECT ${PUBLISHED_SIGNAL_SQL}::text AS told FROM signalbox.signals
       WHERE session_id = $1 AND record >= $2 AND record < $3 ORDER BY record
     ) AS signals`,
    values: [sessionId, from, to],
  };
}

/** Recorded signals of a session after a sequence, in order. */
export async function signalsAfter(
  client: Queryable,
  sessionId: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<PublishedSignal[]> {
  const { rows } = await client.query<{ told: PublishedSignal }>(
    `SELECT ${PUBLISHED_SIGNAL_SQL} AS told FROM signalbox.signals
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

/** It has not ended: the words of the index `orders_working`, which is not taken for others. */
const WORKS = `state NOT IN (${FINAL_STATES.map((state) => `'${state}'`).join(', ')})`;

/** The orders of some sessions that still work, in the order in which they were given. */
export async function workingOrders(client: Queryable, sessionIds: readonly string[]): Promise<WorkingOrder[]> {
  const { rows } = await client.query<WorkingOrder>(
    `SELECT session_id AS "sessionId", sequence::float8 AS sequence, symbol, side, abs(quantity)::float8 AS quantity
     FROM signalbox.orders WHERE session_id = ANY($1) AND ${WORKS} ORDER BY session_id, sequence`,
    [sessionIds],
  );
  return rows;
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

/** The newest first, or from where a file has come to. */
const orderOf = ({ after }: Pick<RowsAsked, 'after'>): 'ASC' | 'DESC' => (after === undefined ? 'DESC' : 'ASC');

/** A condition on moments of the market, and its two values. */
const inSpan = (place: number): string =>
  `($${place}::timestamptz IS NULL OR time >= $${place}) AND ($${place + 1}::timestamptz IS NULL OR time < $${place + 1})`;
const spanOf = ({ fromMs, toMs }: Pick<RowsAsked, 'fromMs' | 'toMs'>): (Date | null)[] =>
  [fromMs, toMs].map((timeMs) => (timeMs === undefined ? null : new Date(timeMs)));

/** Orders of a session. @param state one by name, or `working` for those that have not ended */
export async function readOrders(
  client: Queryable,
  sessionId: string,
  { state, ...asked }: RowsAsked & { readonly state?: string | undefined },
): Promise<ListedOrder[]> {
  const { limit, before, after, symbol, strategy } = asked;
  const ended = state === 'working' ? undefined : state;
  const { rows } = await client.query<ListedOrder>(
    `WITH page AS (
       SELECT * FROM signalbox.orders
       WHERE session_id = $1 AND ($3::bigint IS NULL OR sequence < $3) AND ($4::text IS NULL OR symbol = $4)
         AND ($5::text IS NULL OR strategy = $5)
         AND ($6::text IS NULL OR state = $6) AND ($7::bigint IS NULL OR sequence > $7) AND ${inSpan(8)}
         ${state === 'working' ? `AND ${WORKS}` : ''}
       ORDER BY sequence ${orderOf({ after })} LIMIT $2
     ), done AS (
       SELECT sequence, sum(CASE WHEN takes_back THEN -abs(quantity) ELSE abs(quantity) END) AS filled,
              sum(CASE WHEN takes_back THEN -1 ELSE 1 END * abs(quantity) * price) AS notional
       FROM signalbox.fills WHERE session_id = $1 AND sequence IN (SELECT sequence FROM page) GROUP BY sequence
     )
     SELECT page.sequence::float8 AS sequence, page.client_order_id AS "clientOrderId", page.time, page.symbol,
            page.side, page.order_type AS type,
            role, abs(page.quantity)::float8 AS quantity, page.trigger_price::float8 AS "triggerPrice",
            page.limit_price::float8 AS "limitPrice", time_in_force AS "timeInForce", state,
            coalesce(done.filled, 0)::float8 AS filled, (notional / nullif(done.filled, 0))::float8 AS "averagePrice",
            page.clipped_by AS "clippedBy", page.strategy, page.parent::float8 AS parent, algorithm,
            ends.given_up::float8 AS "givenUp", ends.code AS "givenUpFor",
            coalesce(amended.trigger_price, page.trigger_price)::float8 AS "currentTrigger",
            coalesce(amended.limit_price, page.limit_price)::float8 AS "currentLimit"
     FROM page LEFT JOIN done USING (sequence)
     LEFT JOIN signalbox.parent_orders p ON p.session_id = $1 AND p.parent = page.parent
     LEFT JOIN signalbox.parent_order_ends ends ON ends.session_id = $1 AND ends.parent = page.parent
     LEFT JOIN LATERAL (
       SELECT trigger_price, limit_price FROM signalbox.order_amendments AS amendment
       WHERE amendment.session_id = $1 AND amendment.sequence = page.sequence ORDER BY record DESC LIMIT 1
     ) AS amended ON true
     ORDER BY sequence ${orderOf({ after })}`,
    [
      ...[sessionId, limit, before ?? null, symbol ?? null, strategy ?? null, ended ?? null],
      ...[after ?? null, ...spanOf(asked)],
    ],
  );
  return rows;
}

/** Decimals that the quantities of each symbol were traded with, and whether several strategies share the account. */
export async function quantityDecimals(
  client: Queryable,
  sessionId: string,
): Promise<{ readonly decimals: ReadonlyMap<string, number>; readonly shared: boolean }> {
  const { rows } = await client.query<{ symbol: string; decimals: number; shared: boolean }>(
    `SELECT symbol, max(scale(trim_scale(quantity))) AS decimals, bool_or(strategy IS NOT NULL) AS shared
     FROM signalbox.fills WHERE session_id = $1 GROUP BY symbol`,
    [sessionId],
  );
  const decimals = new Map(rows.map((row) => [row.symbol, row.decimals]));
  return { decimals, shared: rows.some((row) => row.shared) };
}

/** Fills of a session. */
export async function readFills(client: Queryable, sessionId: string, asked: RowsAsked): Promise<ListedFill[]> {
  const { rows } = await client.query<ListedFill>(
    `SELECT record::float8 AS record, sequence::float8 AS sequence, time, symbol, quantity::float8 AS quantity,
            price::float8 AS price, fee::float8 AS fee, slippage::float8 AS slippage, execution_id AS "executionId",
            takes_back AS "takesBack", origin, strategy
     FROM signalbox.fills
     WHERE session_id = $1 AND ($3::bigint IS NULL OR record < $3) AND ($4::text IS NULL OR symbol = $4)
       AND ($5::text IS NULL OR strategy = $5) AND ($6::bigint IS NULL OR record > $6) AND ${inSpan(7)}
     ORDER BY record ${orderOf(asked)} LIMIT $2`,
    [
      ...[sessionId, asked.limit, asked.before ?? null, asked.symbol ?? null, asked.strategy ?? null],
      ...[asked.after ?? null, ...spanOf(asked)],
    ],
  );
  return rows;
}

/** The prices at which orders of a session were decided on, by their sequences. */
export async function decisionPrices(client: Queryable, id: string, of: readonly number[]): Promise<DecisionPrice[]> {
  const sql = `SELECT sequence::float8 AS sequence, decision_price::float8 AS price, order_type AS type FROM signalbox.orders
     WHERE session_id = $1 AND sequence = ANY($2)`;
  return (await client.query<DecisionPrice>(sql, [id, of])).rows;
}

/** Share of their value that the last fills of a session have cost in fees; null before the first. */
export async function paidShare(client: Queryable, sessionId: string): Promise<number | null> {
  const { rows } = await client.query<{ share: number | null }>(
    `SELECT (sum(fee) / nullif(sum(abs(quantity) * price), 0))::float8 AS share FROM (
       SELECT fee, quantity, price FROM signalbox.fills WHERE session_id = $1 AND NOT takes_back
       ORDER BY record DESC LIMIT 200) AS last`,
    [sessionId],
  );
  return rows[0]!.share;
}

/** Signals of a session that asked for something. */
export async function readSignals(
  client: Queryable,
  sessionId: string,
  { action, ...asked }: RowsAsked & { readonly action?: string | undefined },
): Promise<ListedSignal[]> {
  const { limit, before, symbol, strategy } = asked;
  const { rows } = await client.query<ListedSignal>(
    `SELECT record::float8 AS record, time, symbol, action, probability, confidence, reason, model, novelty, strategy,
            strength, expires_at AS "expiresAt", refused
     FROM signalbox.signals
     WHERE session_id = $1 AND ($3::bigint IS NULL OR record < $3) AND ($4::text IS NULL OR symbol = $4)
       AND ($5::text IS NULL OR strategy = $5) AND ($6::text IS NULL OR action = $6) AND ${inSpan(7)}
     ORDER BY record DESC LIMIT $2`,
    [sessionId, limit, before ?? null, symbol ?? null, strategy ?? null, action ?? null, ...spanOf(asked)],
  );
  return rows;
}

/** What a session did not let through. */
export async function readRefusals(
  client: Queryable,
  sessionId: string,
  { limit, before, symbol }: RowsAsked,
): Promise<ListedRefusal[]> {
  const { rows } = await client.query<ListedRefusal>(
    `SELECT record::float8 AS record, time, symbol, stage, code, reason FROM signalbox.refusals
     WHERE session_id = $1 AND ($3::bigint IS NULL OR record < $3) AND ($4::text IS NULL OR symbol = $4)
     ORDER BY record DESC LIMIT $2`,
    [sessionId, limit, before ?? null, symbol ?? null],
  );
  return rows;
}

/** An order by its sequence or by the id that its venue knows; undefined where there is none. */
export async function orderFacts(client: Queryable, sessionId: string, named: string): Promise<OrderFacts | undefined> {
  const sequence = /^\d{1,15}$/.test(named) ? Number(named) : null;
  const { rows } = await client.query<OrderFacts>(
    `SELECT to_jsonb(o) AS order, to_jsonb(p) AS parent,
       (SELECT to_jsonb(e) FROM signalbox.parent_order_ends e WHERE e.session_id = $1 AND e.parent = o.parent) AS "parentEnd",
       (SELECT to_jsonb(s) FROM signalbox.signals s WHERE s.session_id = $1 AND s.symbol = o.symbol AND s.record < o.record
          AND s.time = coalesce(p.time, o.time) ORDER BY s.record DESC LIMIT 1) AS signal,
       ARRAY(SELECT to_jsonb(a) FROM signalbox.order_amendments a WHERE a.session_id = $1 AND a.sequence = o.sequence ORDER BY a.record) AS amendments,
       ARRAY(SELECT to_jsonb(f) FROM signalbox.fills f WHERE f.session_id = $1 AND f.sequence = o.sequence ORDER BY f.record) AS fills
     FROM signalbox.orders o LEFT JOIN signalbox.parent_orders p ON p.session_id = $1 AND p.parent = o.parent
     WHERE o.session_id = $1 AND (o.sequence = $2 OR o.client_order_id = $3)`,
    [sessionId, sequence, named],
  );
  return rows[0];
}

export async function countRecords(client: Queryable, sessionId: string): Promise<RecordCounts> {
  const { rows } = await client.query<RecordCounts>(
    `SELECT (SELECT count(*) FROM signalbox.signals WHERE session_id = $1)::int AS signals,
            (SELECT count(*) FROM signalbox.orders WHERE session_id = $1)::int AS orders,
            (SELECT count(*) FROM signalbox.orders WHERE session_id = $1 AND ${WORKS})::int AS working,
            (SELECT count(*) FROM signalbox.fills WHERE session_id = $1)::int AS fills,
            (SELECT count(*) FROM signalbox.refusals WHERE session_id = $1)::int AS refusals`,
    [sessionId],
  );
  return rows[0]!;
}
