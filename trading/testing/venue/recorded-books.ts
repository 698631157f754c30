import type pg from 'pg';

/** What the journal's rows of a session say, in exact decimals. */
export interface RecordedBooks {
  readonly executions: readonly string[];
  /** Signed units of the symbols that have a position. */
  readonly positions: Readonly<Record<string, string>>;
  readonly cash: string;
}

/** Executions, positions and cash of a session by its fills, and by what the venue took or gave without one. */
export async function recordedBooks({ pool }: { readonly pool: pg.Pool }, sessionId: string): Promise<RecordedBooks> {
  const { rows: fills } = await pool.query<{ id: string }>(
    'SELECT execution_id AS id FROM signalbox.fills WHERE session_id = $1 ORDER BY 1',
    [sessionId],
  );
  const { rows: sums } = await pool.query<{ symbol: string; quantity: string }>(
    `SELECT symbol, trim_scale(sum(quantity))::text AS quantity FROM signalbox.fills
     WHERE session_id = $1 GROUP BY symbol HAVING sum(quantity) <> 0`,
    [sessionId],
  );
  const { rows } = await pool.query<{ cash: string }>(
    `SELECT trim_scale(capital - coalesce((SELECT sum(quantity * price + fee) FROM signalbox.fills WHERE session_id = $1), 0)
       + coalesce((SELECT sum(amount) FROM signalbox.ledger_entries WHERE session_id = $1 AND payment_id IS NOT NULL), 0))::text
       AS cash FROM signalbox.sessions WHERE id = $1`,
    [sessionId],
  );
  return {
    executions: fills.map(({ id }) => id),
    positions: Object.fromEntries(sums.map(({ symbol, quantity }) => [symbol, quantity])),
    cash: rows[0]!.cash,
  };
}
