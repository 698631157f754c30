import type pg from 'pg';

/** What a store needs of a database: all of it, or one transaction under way. */
export interface Transactional {
  readonly pool: Pick<pg.ClientBase, 'query'>;
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
}

/**
 * The database as seen from a transaction under way on `client`: what is read and written through it is part of that
 * transaction, and goes with it where it is rolled back. One question at a time: it is one connection.
 */
export function joinTransaction(client: pg.PoolClient): Transactional {
  return { pool: client, transaction: (work) => work(client) };
}
