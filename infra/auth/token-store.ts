import type pg from 'pg';
import type { Role } from './roles.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A token for programs, without the token. */
export interface ApiToken {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly sessions: readonly string[] | null;
  readonly madeBy: string;
  readonly madeAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** The user whose it is; null for those of the service. */
  readonly owner: number | null;
}

const TOKEN = `id::float8 AS id, name, role, sessions, made_by AS "madeBy", made_at AS "madeAt",
  expires_at AS "expiresAt", revoked_at AS "revokedAt", owner_id::float8 AS owner`;

/** All tokens, the newest first. */
export async function listTokens(client: Queryable): Promise<ApiToken[]> {
  const { rows } = await client.query<ApiToken>(`SELECT ${TOKEN} FROM signalbox.api_tokens ORDER BY id DESC`);
  return rows;
}

/** Tokens of a user, the newest first. */
export async function tokensOf(client: Queryable, owner: number): Promise<ApiToken[]> {
  const sql = `SELECT ${TOKEN} FROM signalbox.api_tokens WHERE owner_id = $1 ORDER BY id DESC`;
  return (await client.query<ApiToken>(sql, [owner])).rows;
}

/** Tokens by the hashes of what programs present, in that order; null where there is none. */
export async function tokensByHash(client: Queryable, hashes: readonly string[]): Promise<(ApiToken | null)[]> {
  const { rows } = await client.query<ApiToken & { readonly hash: string }>({
    name: 'tokens-by-hash',
    text: `SELECT hash, ${TOKEN} FROM signalbox.api_tokens WHERE hash = ANY($1)`,
    values: [hashes],
  });
  const found = new Map(rows.map(({ hash, ...token }) => [hash, token]));
  return hashes.map((hash) => found.get(hash) ?? null);
}

/** Keeps a token's hash; null where the name is taken. */
export async function addToken(
  client: Queryable,
  token: Omit<ApiToken, 'id' | 'revokedAt'> & { readonly hash: string },
): Promise<ApiToken | null> {
  const { name, hash, role, sessions, madeBy, madeAt, expiresAt, owner } = token;
  const { rows } = await client.query<ApiToken>(
    `INSERT INTO signalbox.api_tokens (name, hash, role, sessions, made_by, made_at, expires_at, owner_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING RETURNING ${TOKEN}`,
    [name, hash, role, sessions, madeBy, madeAt, expiresAt, owner],
  );
  return rows[0] ?? null;
}

/** Revokes a token; null where there is none of that name. */
export async function revokeToken(client: Queryable, name: string, now: Date): Promise<ApiToken | null> {
  const { rows } = await client.query<ApiToken>(
    `UPDATE signalbox.api_tokens SET revoked_at = coalesce(revoked_at, $2) WHERE name = $1 RETURNING ${TOKEN}`,
    [name, now],
  );
  return rows[0] ?? null;
}
