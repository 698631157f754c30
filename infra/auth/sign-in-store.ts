import type pg from 'pg';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Begins a sign-in, to which refresh tokens belong; returns its number. */
export async function beginSignIn(
  client: Queryable,
  { user, address, at }: { user: number; address: string; at: Date },
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO signalbox.sign_ins (user_id, address, began_at) VALUES ($1, $2, $3) RETURNING id::float8 AS id`,
    [user, address, at],
  );
  return rows[0]!.id;
}

/** Whose sign-in it is; null where there is none or it has ended. */
export async function userOfSignIn(client: Queryable, id: number): Promise<number | null> {
  const { rows } = await client.query<{ user_id: number }>({
    name: 'user-of-sign-in',
    text: 'SELECT user_id::float8 AS user_id FROM signalbox.sign_ins WHERE id = $1 AND ended_at IS NULL',
    values: [id],
  });
  return rows[0]?.user_id ?? null;
}

/** Ends one sign-in, or all of a user. */
export async function endSignIns(
  client: Queryable,
  { id, user }: { id?: number; user?: number },
  { at, why }: { at: Date; why: string },
): Promise<void> {
  await client.query(
    `UPDATE signalbox.sign_ins SET ended_at = $3, ended_for = $4 WHERE (id = $1 OR user_id = $2) AND ended_at IS NULL`,
    [id ?? null, user ?? null, at, why],
  );
}

/** A sign-in that has not ended. */
export interface OpenSignIn {
  readonly id: number;
  readonly beganAt: Date;
  readonly lastAt: Date;
  readonly address: string;
}

/** Sign-ins of a user that can still go on, the newest first. */
export async function signInsOf(client: Queryable, user: number, now: Date): Promise<OpenSignIn[]> {
  const { rows } = await client.query<OpenSignIn>(
    `SELECT sign_ins.id::float8 AS id, began_at AS "beganAt", address, greatest(began_at, max(used_at)) AS "lastAt"
     FROM signalbox.sign_ins JOIN signalbox.refresh_tokens ON sign_in_id = sign_ins.id
     WHERE user_id = $1 AND ended_at IS NULL
     GROUP BY sign_ins.id HAVING bool_or(refresh_tokens.used_at IS NULL AND expires_at > $2)
     ORDER BY sign_ins.id DESC`,
    [user, now],
  );
  return rows;
}

export async function addRefresh(client: Queryable, hash: string, signIn: number, expiresAt: Date): Promise<void> {
  await client.query('INSERT INTO signalbox.refresh_tokens (hash, sign_in_id, expires_at) VALUES ($1, $2, $3)', [
    hash,
    signIn,
    expiresAt,
  ]);
}

/** What became of a refresh token that was presented. */
export type RefreshUse =
  { readonly is: 'good' | 'replayed'; readonly signIn: number; readonly user: number } | { readonly is: 'unknown' };

/** Uses a refresh token up, in the caller's transaction: of two who present it at once one is the second. */
export async function useRefresh(client: Queryable, hash: string, now: Date): Promise<RefreshUse> {
  const { rows } = await client.query<{ sign_in: number; user_id: number; used_at: Date | null; good: boolean }>(
    `SELECT sign_in_id::float8 AS sign_in, user_id::float8 AS user_id, used_at, expires_at > $2 AND ended_at IS NULL AS good
     FROM signalbox.refresh_tokens JOIN signalbox.sign_ins ON sign_ins.id = sign_in_id
     WHERE hash = $1 FOR UPDATE OF refresh_tokens`,
    [hash, now],
  );
  const [found] = rows;
  if (found === undefined) return { is: 'unknown' };
  const { sign_in: signIn, user_id: user } = found;
  if (found.used_at !== null) return { is: 'replayed', signIn, user };
  if (!found.good) return { is: 'unknown' };
  await client.query('UPDATE signalbox.refresh_tokens SET used_at = $2 WHERE hash = $1', [hash, now]);
  return { is: 'good', signIn, user };
}

/** Failures since a moment, of each of `who`. */
export async function failuresSince(client: Queryable, who: readonly string[], since: Date): Promise<number[]> {
  const { rows } = await client.query<{ who: string; failures: number }>(
    `SELECT who, count(*)::int AS failures FROM signalbox.sign_in_failures
     WHERE who = ANY($1) AND at > $2 GROUP BY who`,
    [who, since],
  );
  return who.map((one) => rows.find((row) => row.who === one)?.failures ?? 0);
}

/** Tries of the same name or address are counted one after the other, in the caller's transaction. */
export async function lockTries(client: Queryable, who: readonly string[]): Promise<void> {
  for (const one of who)
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('sign-in ' || $1, 0))", [one]);
}

export async function noteFailure(client: Queryable, who: readonly string[], at: Date): Promise<void> {
  await client.query('INSERT INTO signalbox.sign_in_failures (who, at) SELECT unnest($1::text[]), $2', [who, at]);
}

/** What was noted of each of `who` at that moment was no failure. */
export async function takeFailureBack(client: Queryable, who: readonly string[], at: Date): Promise<void> {
  await client.query(
    `DELETE FROM signalbox.sign_in_failures WHERE ctid IN (
       SELECT DISTINCT ON (who) ctid FROM signalbox.sign_in_failures WHERE who = ANY($1) AND at = $2)`,
    [who, at],
  );
}

/** What is too old to count is of no use. */
export async function forgetFailures(client: Queryable, before: Date, who: readonly string[] = []): Promise<void> {
  await client.query('DELETE FROM signalbox.sign_in_failures WHERE at <= $1 OR who = ANY($2)', [before, who]);
}
