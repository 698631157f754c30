import type pg from 'pg';
import type { AlertSeverity } from '../alert.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** From which severity on a channel is told of alerts of a type. */
export interface AlertChoice {
  readonly channel: string;
  /** Null: of every type that has no choice of its own. */
  readonly type: string | null;
  /** `none`: it is not told. */
  readonly least: AlertSeverity | 'none';
}

/** The choices of a user, or of the house (null). */
export async function listChoices(client: Queryable, userId: number | null): Promise<AlertChoice[]> {
  const { rows } = await client.query<AlertChoice>(
    `SELECT channel, type, least FROM signalbox.alert_choices WHERE user_id IS NOT DISTINCT FROM $1
     ORDER BY channel, type NULLS FIRST`,
    [userId],
  );
  return rows;
}

/** Stores a choice in the place of the one of its channel and type; `least` null: there is none. */
export async function putChoice(
  client: Queryable,
  userId: number | null,
  { channel, type, least }: Omit<AlertChoice, 'least'> & { readonly least: AlertChoice['least'] | null },
): Promise<void> {
  if (least === null) {
    await client.query(
      `DELETE FROM signalbox.alert_choices
       WHERE user_id IS NOT DISTINCT FROM $1 AND channel = $2 AND type IS NOT DISTINCT FROM $3`,
      [userId, channel, type],
    );
    return;
  }
  await client.query(
    `INSERT INTO signalbox.alert_choices (user_id, channel, type, least) VALUES ($1, $2, $3, $4)
     ON CONFLICT (user_id, channel, type) DO UPDATE SET least = excluded.least`,
    [userId, channel, type, least],
  );
}
