import pg from 'pg';
import { SCHEMA } from '../connection.ts';
import { FOREIGN_KEYS, USER_TRIGGERS } from './schema-queries.ts';

/** What a letter of pg_trigger.tgenabled is called; O is how a trigger is made. */
const ENABLED: Readonly<Record<string, string>> = { O: 'ENABLE', A: 'ENABLE ALWAYS', R: 'ENABLE REPLICA' };

/**
 * `work`, which writes rows that were right where they came from, without triggers (what they did is in the rows
 * already) and without foreign keys (tables come in the order of their names). Both are back afterwards, and the keys
 * are checked then. In the caller's transaction; the search path is our schema.
 */
export async function withoutTriggersAndKeys<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  const keys = (await client.query<{ table: string; name: string; definition: string }>(FOREIGN_KEYS, [SCHEMA])).rows;
  const triggers = (await client.query<{ table: string; name: string; enabled: string }>(USER_TRIGGERS, [SCHEMA])).rows;
  const alter = (table: string, change: string): Promise<unknown> =>
    client.query(`ALTER TABLE ${pg.escapeIdentifier(table)} ${change}`);
  for (const { table, name } of keys) await alter(table, `DROP CONSTRAINT ${pg.escapeIdentifier(name)}`);
  for (const { table, name } of triggers) await alter(table, `DISABLE TRIGGER ${pg.escapeIdentifier(name)}`);
  const result = await work();
  for (const { table, name, enabled } of triggers) {
    const way = ENABLED[enabled];
    if (way !== undefined) await alter(table, `${way} TRIGGER ${pg.escapeIdentifier(name)}`);
  }
  for (const { table, name, definition } of keys) {
    await alter(table, `ADD CONSTRAINT ${pg.escapeIdentifier(name)} ${definition}`);
  }
  return result;
}
