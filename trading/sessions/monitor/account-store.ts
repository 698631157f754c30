import type pg from 'pg';
import { momentBound } from '../../../infra/postgres/moment-bound.ts';
import type { VenueAccount, VenuePosition } from '../../brokers/venue/request-verdict.ts';
import type { AccountPoint } from './books-teller.ts';
import type { SessionBooks } from './session-books.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** As `noteBooks` hands them over. */
const POINT_COLUMNS = ['minuteMs', 'equity', 'cash', 'gross', 'net', 'realised', 'unrealised', 'fees'] as const;

/** What a venue last said of an account. */
export interface VenueWord {
  readonly venue: string;
  readonly account: VenueAccount;
  readonly positions: readonly VenuePosition[];
}

/** The last snapshots of one session's account; null where there is none yet. */
export interface AccountSnapshot {
  readonly sessionId: string;
  readonly books: SessionBooks | null;
  /** The market's moment of the books. */
  readonly booksAt: Date | null;
  readonly venue: VenueWord | null;
  readonly venueAt: Date | null;
}

/** Records the account as the books have it, in place of what was recorded before, and its points of minutes. */
export async function noteBooks(
  client: Queryable,
  id: string,
  { books, atMs, points }: { books: SessionBooks; atMs: number; points: readonly AccountPoint[] },
): Promise<void> {
  const column = (name: keyof AccountPoint): number[] => points.map((point) => point[name]);
  await client.query(
    `WITH point AS (
       INSERT INTO signalbox.account_points (session_id, minute, equity, cash, gross, net, realised, unrealised, fees)
       SELECT $1, to_timestamp(minute_ms / 1000), equity, cash, gross, net, realised, unrealised, fees
       FROM unnest($4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::float8[], $10::float8[],
         $11::float8[]) AS told (minute_ms, equity, cash, gross, net, realised, unrealised, fees)
       ON CONFLICT (session_id, minute) DO UPDATE SET equity = excluded.equity, cash = excluded.cash,
         gross = excluded.gross, net = excluded.net, realised = excluded.realised,
         unrealised = excluded.unrealised, fees = excluded.fees
     )
     INSERT INTO signalbox.account_snapshots (session_id, books, books_at) VALUES ($1, $2, $3)
     ON CONFLICT (session_id) DO UPDATE SET books = excluded.books, books_at = excluded.books_at`,
    [id, JSON.stringify(books), new Date(atMs), ...POINT_COLUMNS.map(column)],
  );
}

/** Records the account as the venue tells it, in place of what was recorded before. */
export async function noteVenueWord(client: Queryable, id: string, word: VenueWord, atMs: number): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.account_snapshots (session_id, venue, venue_at) VALUES ($1, $2, $3)
     ON CONFLICT (session_id) DO UPDATE SET venue = excluded.venue, venue_at = excluded.venue_at`,
    [id, JSON.stringify(word), new Date(atMs)],
  );
}

/** The account of a session over time: its newest points, at most one a minute of the market, the oldest first. */
export async function readPoints(
  client: Queryable,
  id: string,
  limit: number,
): Promise<{ readonly minute: Date; readonly equity: number; readonly realised: number; readonly fees: number }[]> {
  const { rows } = await client.query<{ minute: Date; equity: number; realised: number; fees: number }>(
    `SELECT minute, equity, realised, fees FROM signalbox.account_points WHERE session_id = $1
     ORDER BY minute DESC LIMIT $2`,
    [id, limit],
  );
  return rows.reverse();
}

/** The snapshots of some sessions, by session; those that have none are left out. */
export async function readSnapshots(
  client: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AccountSnapshot>> {
  const { rows } = await client.query<AccountSnapshot>(
    `SELECT session_id AS "sessionId", books, books_at AS "booksAt", venue, venue_at AS "venueAt"
     FROM signalbox.account_snapshots WHERE session_id = ANY($1)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.sessionId, row]));
}

/** The account of a session over time, ascending, as columns: a point a minute of the market at most. */
export interface AccountPoints {
  readonly timeMs: number[];
  readonly equity: number[];
  readonly gross: number[];
}

/** All points of a session up to a moment, of which the newest two years of minutes at most. */
export async function readPointColumns(client: Queryable, id: string, toMs: number): Promise<AccountPoints> {
  const { rows } = await client.query<{ time_ms: number; equity: number; gross: number }>(
    `SELECT extract(epoch FROM minute)::float8 * 1000 AS time_ms, equity, gross FROM signalbox.account_points
     WHERE session_id = $1 AND minute < $2 ORDER BY minute DESC LIMIT 1048576`,
    [id, momentBound(toMs)],
  );
  rows.reverse();
  return {
    timeMs: rows.map(({ time_ms }) => Math.round(time_ms)),
    equity: rows.map(({ equity }) => equity),
    gross: rows.map(({ gross }) => gross),
  };
}

/** The highest equity that the points of some sessions have, by session; those that have none are left out. */
export async function readPeaks(client: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ id: string; peak: number }>(
    `SELECT session_id AS id, max(equity) AS peak FROM signalbox.account_points
     WHERE session_id = ANY($1) GROUP BY session_id`,
    [ids],
  );
  return new Map(rows.map(({ id, peak }) => [id, peak]));
}
