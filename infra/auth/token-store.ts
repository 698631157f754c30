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
}

const TOKEN = `id::float8 AS id, name, role, sessions, made_by AS "madeBy", made_at AS "madeAt",
  expires_at AS "expiresAt", revoked_at AS "revokedAt"`;

/** All tokens, the newest first. */
export async function listTokens(client: Queryable): Promise<ApiToken[]> {
  const { rows } = await client.query<ApiToken>(`SELECT ${TOKEN} FROM signalbox.api_tokens ORDER BY id DESC`);
  return rows;
}

/** A token by the hash of what a program presents; undefined where there is none. */
export async function tokenByHash(client: Queryable, hash: string): Promise<ApiToken | undefined> {
  const { rows } = await client.query<ApiToken>({
    name: 'token-by-hash',
    text: `SELECT ${TOKEN} FROM signalbox.api_tokens WHERE hash = $1`,
    values: [hash],
  });
  return rows[0];
}

/** Keeps a token's hash; null where the name is taken. */
export async function addToken(
  client: Queryable,
  token: Omit<ApiToken, 'id' | 'revokedAt'> & { readonly hash: string },
): Promise<ApiToken | null> {
  const { name, hash, role, sessions, madeBy, madeAt, expiresAt } = token;
  const { rows } = await client.query<ApiToken>(
    `INSERT INTO signalbox.api_tokens (name, hash, role, sessions, made_by, made_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING RETURNING ${TOKEN}`,
    [name, hash, role, sessions, madeBy, madeAt, expiresAt],
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
