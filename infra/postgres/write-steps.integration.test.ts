import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import type { RowsInto, WriteStep } from './write-steps.ts';

/** Fields of COPY's format: numbers that only their shortest text tells, nothing, what would end a field, JSON. */
const FIELDS = [
  ['1', '0.30000000000000004', '1e-7', 'true', '2024-01-02T21:00:00.123Z', '\\N', '{"a":"b\\\\"c"}'],
  ['2', '123456789012345678901234567890.5', '-0', 'false', '\\N', 'a\\tb\\nc\\\\d\\re"f\\\\N', '[]'],
  ['9007199254740993', '\\N', '1e300', '\\N', '1969-12-31T23:59:59.999Z', '', '\\N'],
];

const into = (table: string, rows: readonly (readonly string[])[]): RowsInto => ({
  table,
  columns: 'whole, exact, double, truth, moment, words, document',
  json: ['document'],
  lines: rows.map((fields) => `${fields.join('\t')}\n`),
});

describe('steps of a transaction', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    for (const table of ['few', 'many']) {
      await database.pool
        .query(`CREATE TABLE public.${table} (whole bigint, exact numeric, double float8, truth boolean,
        moment timestamptz, words text, document jsonb)`);
    }
  });
  beforeEach(() => database.pool.query('TRUNCATE public.few, public.many'));
  afterAll(() => database.drop());

  const rowsOf = async (table: string): Promise<unknown[]> =>
    (
      await database.pool
        .query(`SELECT DISTINCT ON (whole) whole::text, exact::text, double::text, truth, moment, words,
      document::text FROM public.${table} ORDER BY whole`)
    ).rows;

  it('read the same from rows that are inserted and from rows that are copied', async () => {
    const copied = Array.from({ length: 50 }, () => FIELDS).flat();
    await database.write([into('public.few', FIELDS), into('public.many', copied)]);
    await database.write([into('public.few', FIELDS)]);
    expect(await rowsOf('few')).toEqual(await rowsOf('many'));
    expect(await rowsOf('few')).toMatchObject([
      { exact: '0.30000000000000004', double: '1e-07', truth: true, words: null, document: '{"a": "b\\"c"}' },
      { exact: '123456789012345678901234567890.5', double: '-0', truth: false, words: 'a\tb\nc\\d\re"f\\N' },
      { whole: '9007199254740993', exact: null, truth: null, words: '', document: null },
    ]);
    const { rows } = await database.pool.query('SELECT count(*)::int AS rows FROM public.many');
    expect(rows).toEqual([{ rows: 150 }]);
  });

  const broken: WriteStep = { text: 'INSERT INTO public.few (whole) VALUES ($1)', values: ['no number'] };

  it.each([
    ['sent together', [into('public.few', FIELDS)]],
    ['copied one by one', [into('public.few', FIELDS), into('public.many', Array(150).fill(FIELDS[0]))]],
  ])('are done all or none, %s, and the first that fails says why', async (_, steps) => {
    await expect(database.write([...steps, broken, ...steps])).rejects.toMatchObject({ code: '22P02' });
    expect(await rowsOf('few')).toEqual([]);
    // The connection goes on: nothing of the transaction is left on it.
    await database.write([into('public.few', FIELDS)]);
    expect(await rowsOf('few')).toHaveLength(3);
  });

  it('go on over a new connection when the one that is kept was cut', async () => {
    await database.write([into('public.few', FIELDS)]);
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'`,
    );
    // Whether the cut is seen before or by the next write, it is an outage by name or nothing.
    const after = await database.write([into('public.few', FIELDS)]).then(
      () => 'written',
      (error: Error) => error.message,
    );
    expect(after).toMatch(/^written$|shut down|closed the connection|Connection terminated/);
    await database.write([into('public.few', FIELDS)]);
    expect(await rowsOf('few')).toHaveLength(3);
  });
});
