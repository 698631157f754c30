import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A role with the rights that writing rows needs and no others. */
export interface OrdinaryRole {
  /** From here on statements run as that role, which may insert into `table` of the search path. */
  assume(table: string): Promise<void>;
  leave(): Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

/**
 * `work` with a role that is no superuser. Where the connection's own is one (the embedded server's), a role is made
 * for it in the caller's transaction and dropped after `work`, so that it never exists for others; any other role is
 * kept as it is. When `work` throws the transaction must be rolled back.
 */
export async function withOrdinaryRole<T>(client: pg.ClientBase, work: (role: OrdinaryRole) => Promise<T>): Promise<T> {
  const { rows } = await client.query<{ superuser: boolean; schema: string }>(
    'SELECT rolsuper AS superuser, current_schema() AS schema FROM pg_roles WHERE rolname = current_user',
  );
  const { superuser, schema } = rows[0]!;
  if (!superuser) return work({ assume: nothing, leave: nothing });
  const role = `signalbox_rows_${randomBytes(8).toString('hex')}`;
  await client.query(`CREATE ROLE ${role} NOSUPERUSER NOLOGIN NOCREATEDB NOCREATEROLE NOINHERIT`);
  await client.query(`GRANT USAGE ON SCHEMA ${pg.escapeIdentifier(schema)} TO ${role}`);
  const result = await work({
    assume: async (table) => {
      await client.query(`GRANT INSERT ON ${pg.escapeIdentifier(table)} TO ${role}`);
      await client.query(`SET LOCAL ROLE ${role}`);
    },
    leave: async () => {
      await client.query('RESET ROLE');
    },
  });
  await client.query(`DROP OWNED BY ${role}`);
  await client.query(`DROP ROLE ${role}`);
  return result;
}
