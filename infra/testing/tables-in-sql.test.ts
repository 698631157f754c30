import { describe, expect, it } from 'vitest';
import { tablesInSql, tablesOfSchema } from './tables-in-sql.ts';

const TABLES = ['bars', 'feature_rows', 'orders'];
const named = (source: string): (string | null)[] => tablesInSql(source, TABLES).map(({ table }) => table);

describe('tables in SQL', () => {
  it.each([
    ["query('SELECT * FROM bars WHERE id = $1')", ['bars']],
    ['query(`SELECT 1 FROM signalbox.orders o\n  JOIN bars b ON b.id = o.id`)', ['bars', 'orders']],
    ["query('INSERT INTO feature_rows VALUES ($1)')", ['feature_rows']],
    ["query('UPDATE orders SET state = $1')", ['orders']],
    ["query('DELETE FROM ONLY bars')", ['bars']],
    ["query('LOCK TABLE signalbox.bars')", ['bars']],
    ["query('CREATE TRIGGER t BEFORE INSERT ON orders')", ['orders']],
    ["query('CREATE TABLE other (LIKE bars)')", ['bars']],
    ['copyIn(client, `bars (${COLUMNS})`, rows)', ['bars']],
    ["query('SELECT $1::regclass', ['feature_rows'])", ['feature_rows']],
    ["query(`SELECT 'signalbox.bars'::regclass`)", ['bars']],
    ["query('SELECT * FROM other o, bars AS b, orders')", ['bars', 'orders']],
    [`query('DELETE FROM "signalbox"."orders"')`, ['orders']],
    ["query('select 1 from bars')", ['bars']],
    ['query(`SELECT ${columns} FROM bars WHERE ${where}`)', ['bars']],
  ])('are found in %s', (source, tables) => expect(named(source).sort()).toEqual(tables));

  it.each([
    ['query(`DROP TABLE ${name}`)'],
    ['query(`SELECT 1 FROM ${name}`)'],
    ['`signalbox.${table}`'],
    ["'SELECT 1 FROM ' + name"],
  ])('are told to be put together at run time in %s', (source) => expect(named(source)).toEqual([null]));

  it.each([
    ["say('bars from orders')"],
    ["const key = 'orders'"],
    ['// SELECT * FROM bars'],
    ["query('SELECT bars, orders FROM vendor_ranges')"],
    ["query('UPDATE other SET x = y WHERE orders.id = $1')"],
    ["query('SELECT * FROM bars_view')"],
  ])('are not found in %s', (source) => expect(named(source)).toEqual([]));

  it('are told apart by whether they are written', () => {
    const writes = (sql: string): boolean[] => tablesInSql(`query(\`${sql}\`)`, TABLES).map((one) => one.writes);
    expect(writes('SELECT * FROM bars')).toEqual([false]);
    expect(writes('DELETE FROM bars')).toEqual([true]);
    expect(writes('UPDATE bars SET x = 1')).toEqual([true]);
    expect(writes('COPY bars (a) FROM STDIN')).toEqual([true]);
  });

  it('are those of the dumped schema', () => {
    const schema =
      'CREATE SEQUENCE ids AS integer;\nCREATE TABLE bars (\n);\nCREATE INDEX of_bars ON bars (id);\nCREATE VIEW seen AS';
    expect(tablesOfSchema(schema)).toEqual(['ids', 'bars', 'seen']);
  });
});
