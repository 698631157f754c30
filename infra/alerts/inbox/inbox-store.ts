import type pg from 'pg';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** The last alert that a user has read; 0 where none was. */
export async function readTo(client: Queryable, userId: number): Promise<number> {
  const { rows } = await client.query<{ to: number }>(
    'SELECT read_to::float8 AS to FROM signalbox.alert_inboxes WHERE user_id = $1',
    [userId],
  );
  return rows[0]?.to ?? 0;
}

/** A user has read up to an alert. What was read stays so. */
export async function noteRead(client: Queryable, userId: number, alert: number): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.alert_inboxes (user_id, read_to) VALUES ($1, $2)
     ON CONFLICT (user_id) DO UPDATE SET read_to = greatest(alert_inboxes.read_to, excluded.read_to)`,
    [userId, alert],
  );
}
