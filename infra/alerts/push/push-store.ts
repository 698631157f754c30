import type pg from 'pg';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Where a browser is told, and with what it opens what it is told, as `PushSubscription` in the browser has them. */
export interface PushAddress {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

/** A browser of a user that is told by push. */
export interface PushSubscriptionRow extends PushAddress {
  readonly id: number;
  readonly userId: number;
  readonly browser: string;
  readonly madeAt: Date;
}

const COLUMNS = `id::float8 AS id, user_id::float8 AS "userId", endpoint, p256dh, auth, browser, made_at AS "madeAt"`;

/** Keeps a browser. One that was known before is whose that keeps it now. */
export async function addPush(
  client: Queryable,
  userId: number,
  { endpoint, p256dh, auth, browser, atMs }: PushAddress & { readonly browser: string; readonly atMs: number },
): Promise<PushSubscriptionRow> {
  const { rows } = await client.query<PushSubscriptionRow>(
    `INSERT INTO signalbox.push_subscriptions (user_id, endpoint, p256dh, auth, browser, made_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (endpoint) DO UPDATE SET user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth,
       browser = excluded.browser, made_at = excluded.made_at
     RETURNING ${COLUMNS}`,
    [userId, endpoint, p256dh, auth, browser, new Date(atMs)],
  );
  return rows[0]!;
}

/** The browsers of a user, the oldest first. */
export async function listPushes(client: Queryable, userId: number): Promise<PushSubscriptionRow[]> {
  const sql = `SELECT ${COLUMNS} FROM signalbox.push_subscriptions WHERE user_id = $1 ORDER BY id`;
  return (await client.query<PushSubscriptionRow>(sql, [userId])).rows;
}

/** Browsers by their numbers; those that are no more are left out. */
export async function findPushes(client: Queryable, ids: readonly number[]): Promise<PushSubscriptionRow[]> {
  const sql = `SELECT ${COLUMNS} FROM signalbox.push_subscriptions WHERE id = ANY ($1)`;
  return (await client.query<PushSubscriptionRow>(sql, [ids])).rows;
}

/** Forgets a browser, of a user where one is named. Returns whether there was one. */
export async function removePush(client: Queryable, id: number, userId: number | null): Promise<boolean> {
  const { rowCount } = await client.query(
    'DELETE FROM signalbox.push_subscriptions WHERE id = $1 AND ($2::bigint IS NULL OR user_id = $2)',
    [id, userId],
  );
  return rowCount === 1;
}
