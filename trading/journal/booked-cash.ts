import type pg from 'pg';
import type { LedgerRow } from './ledger-rows.ts';

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
  client: Pick<pg.ClientBase, 'query'>,
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
