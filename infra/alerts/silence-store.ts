import type pg from 'pg';
import { maskSecrets } from '../logging/mask-secrets.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

const REASON_MAX = 500;

/** What people are not told of for a while. What is null is any. */
export interface Silence {
  readonly type: string | null;
  readonly session: string | null;
  readonly untilMs: number;
}

/** A silence as it is stored. */
export interface StoredSilence {
  readonly id: number;
  readonly type: string | null;
  readonly session: string | null;
  readonly until: Date;
  readonly madeAt: Date;
  readonly madeBy: string;
  readonly reason: string;
}

/** Begins a silence. Returns its number. */
export async function beginSilence(
  client: Queryable,
  { type, session, untilMs }: Silence,
  { atMs, by, reason }: { readonly atMs: number; readonly by: string; readonly reason: string },
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO signalbox.alert_silences (type, session_id, until, made_at, made_by, reason)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id::float8 AS id`,
    [type, session, new Date(untilMs), new Date(atMs), by, maskSecrets(reason, REASON_MAX)],
  );
  return rows[0]!.id;
}

/** Ends a silence. Returns whether there was one that had not ended. */
export async function endSilence(client: Queryable, id: number, atMs: number): Promise<boolean> {
  const { rowCount } = await client.query(
    'UPDATE signalbox.alert_silences SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL AND until > $2',
    [id, new Date(atMs)],
  );
  return rowCount === 1;
}

/** Silences that hold. */
export async function listSilences(client: Queryable, atMs: number): Promise<StoredSilence[]> {
  const { rows } = await client.query<StoredSilence>(
    `SELECT id::float8 AS id, type, session_id AS session, until, made_at AS "madeAt", made_by AS "madeBy", reason
     FROM signalbox.alert_silences WHERE ended_at IS NULL AND until > $1 ORDER BY id`,
    [new Date(atMs)],
  );
  return rows;
}
