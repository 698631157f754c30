import type pg from 'pg';
import type { Role } from '../roles.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** What is stored of a user's second factor. */
export interface StoredFactor {
  /** As `Seal` has it. */
  readonly secret: string;
  readonly begunAt: Date;
  /** Null until the first code of it was given. */
  readonly confirmedAt: Date | null;
  readonly lastStep: number | null;
}

/** Undefined where a user has begun none. */
export async function factorOf(client: Queryable, user: number): Promise<StoredFactor | undefined> {
  const { rows } = await client.query<StoredFactor>({
    name: 'factor-of',
    text: `SELECT secret, begun_at AS "begunAt", confirmed_at AS "confirmedAt", last_step::float8 AS "lastStep"
           FROM signalbox.second_factors WHERE user_id = $1`,
    values: [user],
  });
  return rows[0];
}

/** Keeps a secret that waits for its first code; false where the user has one that counts. */
export async function beginFactor(client: Queryable, user: number, secret: string, at: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO signalbox.second_factors (user_id, secret, begun_at) VALUES ($1, $2, $3)
     ON CONFLICT (user_id) DO UPDATE SET secret = $2, begun_at = $3, last_step = NULL
     WHERE second_factors.confirmed_at IS NULL`,
    [user, secret, at],
  );
  return rowCount === 1;
}

/** From now on it counts. */
export async function confirmFactor(client: Queryable, user: number, at: Date): Promise<void> {
  await client.query(
    'UPDATE signalbox.second_factors SET confirmed_at = coalesce(confirmed_at, $2) WHERE user_id = $1',
    [user, at],
  );
}

/** Takes the code of a step, once: false where that or a later one was taken. */
export async function takeStep(client: Queryable, user: number, step: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE signalbox.second_factors SET last_step = $2 WHERE user_id = $1 AND (last_step IS NULL OR last_step < $2)`,
    [user, step],
  );
  return rowCount === 1;
}

/** The same secret as another key seals it. */
export async function storeAgain(client: Queryable, user: number, was: string, secret: string): Promise<void> {
  await client.query('UPDATE signalbox.second_factors SET secret = $3 WHERE user_id = $1 AND secret = $2', [
    user,
    was,
    secret,
  ]);
}

/** Forgets a second factor with its recovery codes; false where there is none. */
export async function removeFactor(client: Queryable, user: number): Promise<boolean> {
  return (await client.query('DELETE FROM signalbox.second_factors WHERE user_id = $1', [user])).rowCount === 1;
}

/** Ids of users whose second factor counts. */
export async function usersWithFactor(client: Queryable): Promise<Set<number>> {
  const { rows } = await client.query<{ id: number }>(
    'SELECT user_id::float8 AS id FROM signalbox.second_factors WHERE confirmed_at IS NOT NULL',
  );
  return new Set(rows.map(({ id }) => id));
}

/** Recovery codes in place of earlier ones. */
export async function replaceRecoveryCodes(client: Queryable, user: number, hashes: readonly string[]): Promise<void> {
  await client.query('DELETE FROM signalbox.recovery_codes WHERE user_id = $1', [user]);
  await client.query('INSERT INTO signalbox.recovery_codes (user_id, hash) SELECT $1, unnest($2::text[])', [
    user,
    hashes,
  ]);
}

/** Uses a recovery code up; false where it is none, or was used. */
export async function useRecoveryCode(client: Queryable, user: number, hash: string, at: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    'UPDATE signalbox.recovery_codes SET used_at = $3 WHERE user_id = $1 AND hash = $2 AND used_at IS NULL',
    [user, hash, at],
  );
  return rowCount === 1;
}

/** How many recovery codes are left. */
export async function recoveryCodesLeft(client: Queryable, user: number): Promise<number> {
  const sql = 'SELECT count(*)::int AS left FROM signalbox.recovery_codes WHERE user_id = $1 AND used_at IS NULL';
  return (await client.query<{ left: number }>(sql, [user])).rows[0]!.left;
}

/** Roles whose users do nothing before they have a second factor. */
export async function rolesWithFactor(client: Queryable): Promise<Role[]> {
  const { rows } = await client.query<{ role: Role }>({
    name: 'roles-with-factor',
    text: 'SELECT role FROM signalbox.second_factor_roles ORDER BY role',
  });
  return rows.map(({ role }) => role);
}

/** Whether users of a role have to have one from now on. */
export async function setRoleNeeds(client: Queryable, role: Role, needed: boolean): Promise<void> {
  const sql = needed
    ? 'INSERT INTO signalbox.second_factor_roles (role) VALUES ($1) ON CONFLICT DO NOTHING'
    : 'DELETE FROM signalbox.second_factor_roles WHERE role = $1';
  await client.query(sql, [role]);
}
