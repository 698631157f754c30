import type pg from 'pg';

/** The size of the database on its disk, in bytes. It reads a directory for each table. */
export async function databaseBytes(pool: Pick<pg.Pool, 'query'>): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>('SELECT pg_database_size(current_database())::float8 AS bytes');
  return rows[0]!.bytes;
}
