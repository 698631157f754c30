import type pg from 'pg';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Records of a session's journal whose alerts are stored; where none are known yet, `records` from here on. */
export async function readAlertMark(client: Queryable, sessionId: string, records: number): Promise<number> {
  const { rows } = await client.query<{ records: number }>(
    `INSERT INTO signalbox.session_alert_marks AS mark (session_id, records) VALUES ($1, $2)
     ON CONFLICT (session_id) DO UPDATE SET records = mark.records RETURNING records::float8 AS records`,
    [sessionId, records],
  );
  return rows[0]!.records;
}

/** Alerts of so many records are stored. */
export async function noteAlertMark(client: Queryable, sessionId: string, records: number): Promise<void> {
  await client.query('UPDATE signalbox.session_alert_marks SET records = $2 WHERE session_id = $1', [
    sessionId,
    records,
  ]);
}
