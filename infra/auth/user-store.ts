import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { InputError } from '../errors.ts';
import type { Role } from './roles.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

export interface User {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly sessions: readonly string[] | null;
  readonly preferences: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
  /** Whether one was ever chosen. */
  readonly hasPassword: boolean;
  /** Issuer and subject at the identity provider; null for one who has never come from there. */
  readonly providerSubject: string | null;
}

const USER = `id::float8 AS id, name, role, sessions, preferences, created_at AS "createdAt",
  disabled_at AS "disabledAt", password_hash IS NOT NULL AS "hasPassword",
  provider_subject AS "providerSubject"`;

/** All users, by name. */
export async function listUsers(client: Queryable): Promise<User[]> {
  const { rows } = await client.query<User>(`SELECT ${USER} FROM signalbox.users ORDER BY lower(name)`);
  return rows;
}

export async function countUsers(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ users: number }>('SELECT count(*)::int AS users FROM signalbox.users');
  return rows[0]!.users;
}

/** A user by id, name or subject at the provider; undefined where there is none. */
export async function findUser(
  client: Queryable,
  wanted: { id: number } | { name: string } | { providerSubject: string },
): Promise<User | undefined> {
  const { id = null, name = null, providerSubject = null } = wanted as Partial<User>;
  const { rows } = await client.query<User>({
    name: 'find-user',
    text: `SELECT ${USER} FROM signalbox.users WHERE id = $1 OR lower(name) = lower($2) OR provider_subject = $3`,
    values: [id, name, providerSubject],
  });
  return rows[0];
}

/** A user by name. @throws InputError where there is none */
export async function userNamed(client: Queryable, name: string): Promise<User> {
  const user = await findUser(client, { name });
  if (user !== undefined) return user;
  throw new InputError(`There is no user "${name}".`, 'signalbox users list shows who there is.');
}

export async function passwordHashOf(client: Queryable, id: number): Promise<string | null> {
  const sql = 'SELECT password_hash FROM signalbox.users WHERE id = $1';
  const { rows } = await client.query<{ password_hash: string | null }>(sql, [id]);
  return rows[0]?.password_hash ?? null;
}

/** Adds a user without a password; null where the name is taken. */
export async function addUser(
  client: Queryable,
  { name, role, sessions }: { name: string; role: Role; sessions: readonly string[] | null },
): Promise<User | null> {
  const { rows } = await client.query<User>(
    `INSERT INTO signalbox.users (name, role, sessions) VALUES ($1, $2, $3)
     ON CONFLICT (lower(name)) DO NOTHING RETURNING ${USER}`,
    [name, role, sessions],
  );
  return rows[0] ?? null;
}

/** What may be changed of a user. */
export interface UserChange {
  readonly role?: Role | undefined;
  readonly sessions?: readonly string[] | null | undefined;
  readonly disabledAt?: Date | null | undefined;
  readonly passwordHash?: string | undefined;
  readonly preferences?: Readonly<Record<string, unknown>> | undefined;
  readonly providerSubject?: string | undefined;
}

export async function changeUser(client: Queryable, id: number, change: UserChange): Promise<User | null> {
  const { role, sessions, disabledAt, passwordHash, preferences, providerSubject } = change;
  const { rows } = await client.query<User>(
    `UPDATE signalbox.users SET
       role = coalesce($2, role), password_hash = coalesce($3, password_hash),
       sessions = CASE WHEN $4 THEN $5::text[] ELSE sessions END,
       disabled_at = CASE WHEN $6 THEN $7::timestamptz ELSE disabled_at END,
       preferences = coalesce($8::jsonb, preferences), provider_subject = coalesce($9, provider_subject)
     WHERE id = $1 RETURNING ${USER}`,
    [
      id,
      role ?? null,
      passwordHash ?? null,
      sessions !== undefined,
      sessions ?? null,
      disabledAt !== undefined,
      disabledAt ?? null,
      preferences === undefined ? null : JSON.stringify(preferences),
      providerSubject ?? null,
    ],
  );
  return rows[0] ?? null;
}

/** Keeps the hash of a link. Earlier links of the user are void. */
export async function addLink(client: Queryable, hash: string, user: number, expiresAt: Date): Promise<void> {
  await client.query('DELETE FROM signalbox.one_time_links WHERE user_id = $1', [user]);
  await client.query('INSERT INTO signalbox.one_time_links (hash, user_id, expires_at) VALUES ($1, $2, $3)', [
    hash,
    user,
    expiresAt,
  ]);
}

/** Uses a link up; returns whose it was, or null where it is none, is used or has expired. */
export async function useLink(client: Queryable, hash: string, now: Date): Promise<number | null> {
  const { rows } = await client.query<{ user_id: number }>(
    `UPDATE signalbox.one_time_links SET used_at = $2
     WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING user_id::float8 AS user_id`,
    [hash, now],
  );
  return rows[0]?.user_id ?? null;
}

/** What signs short tokens: made once, the same for every process. */
export async function signingKey(client: Queryable): Promise<Uint8Array> {
  await client.query('INSERT INTO signalbox.signing_keys (id, secret) VALUES (1, $1) ON CONFLICT (id) DO NOTHING', [
    randomBytes(32),
  ]);
  const { rows } = await client.query<{ secret: Buffer }>('SELECT secret FROM signalbox.signing_keys WHERE id = 1');
  return new Uint8Array(rows[0]!.secret);
}
