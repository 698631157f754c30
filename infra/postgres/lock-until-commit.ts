import type pg from 'pg';

/** Waits for whoever holds `key`, and holds it until the transaction of `client` ends: a lock on what is no row. */
export async function lockUntilCommit(client: Pick<pg.ClientBase, 'query'>, key: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [key]);
}
