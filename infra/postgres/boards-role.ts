import pg from 'pg';
import { InputError, SignalboxError } from '../errors.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

const SCHEMA = 'signalbox';

/** A role as it was made. */
export interface BoardsRole {
  readonly role: string;
  /** What it may read. */
  readonly views: readonly string[];
  readonly isNew: boolean;
}

/**
 * Makes the role that boards sign in with, or brings it up to date: it reads the `board_*` views and no table, writes
 * nothing, waits for no query longer than half a minute. In the caller's transaction.
 * @throws InputError for a name that is no plain word; SignalboxError where this user may make no role
 */
export async function makeBoardsRole(client: Queryable, role: string, password: string): Promise<BoardsRole> {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(role))
    throw new InputError(`--role ${role} is no name of a role.`, 'Give small letters, digits and _.');
  const views = await boardViews(client);
  const name = pg.escapeIdentifier(role);
  const isNew = await make(client, role);
  await client.query(
    `ALTER ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 20 PASSWORD ${pg.escapeLiteral(password)}`,
  );
  for (const setting of [
    'default_transaction_read_only = on',
    "statement_timeout = '30s'",
    `search_path = ${SCHEMA}`,
    "timezone = 'UTC'",
  ])
    await client.query(`ALTER ROLE ${name} SET ${setting}`);
  // What it was given before and is no view of boards any more is taken away.
  await client.query(`REVOKE ALL ON ALL TABLES IN SCHEMA ${SCHEMA} FROM ${name}`);
  await client.query(`GRANT USAGE ON SCHEMA ${SCHEMA} TO ${name}`);
  for (const view of views) await client.query(`GRANT SELECT ON ${SCHEMA}.${pg.escapeIdentifier(view)} TO ${name}`);
  return { role, views, isNew };
}

async function make(client: Queryable, role: string): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean; superuser: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS known,
            EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND (rolsuper OR rolname = current_user)) AS superuser`,
    [role],
  );
  const { known, superuser } = rows[0]!;
  if (superuser) throw new InputError(`--role ${role} is who owns the database.`, 'Give the name of another role.');
  if (known) return false;
  try {
    await client.query(`CREATE ROLE ${pg.escapeIdentifier(role)}`);
    return true;
  } catch (error) {
    throw new SignalboxError(`The role ${role} cannot be made: ${(error as Error).message}`, {
      remedy: `Have an administrator run: CREATE ROLE ${role} LOGIN; and give this user CREATEROLE.`,
      cause: error,
    });
  }
}

/** The views that boards read, by name. */
export async function boardViews(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT viewname AS name FROM pg_views WHERE schemaname = $1 AND viewname LIKE 'board\\_%' ORDER BY 1`,
    [SCHEMA],
  );
  return rows.map(({ name }) => name);
}
