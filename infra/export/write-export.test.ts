import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from '@uwdata/flechette';
import { parse } from 'csv-parse/sync';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, describe, expect, it } from 'vitest';
import { arrowPieces } from './arrow-pieces.ts';
import { csvPieces } from './csv-pieces.ts';
import { parquetPieces } from './parquet-pieces.ts';
import type { Cell, ExportColumn, ExportTable } from './export-table.ts';
import { manifestPath } from './export-format.ts';
import { writeExport, type ExportManifest } from './write-export.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const columns: readonly ExportColumn[] = [
  { name: 'time', kind: 'time', unit: 'UTC' },
  { name: 'symbol', kind: 'text', unit: null },
  { name: 'price', kind: 'number', unit: 'USD a unit' },
  { name: 'record', kind: 'integer', unit: null },
  { name: 'back', kind: 'flag', unit: null },
];
const FIRST_MS = Date.UTC(2020, 0, 2, 21);
const awkward: readonly (readonly Cell[])[] = [
  [FIRST_MS, '=1+2', 0.1 + 0.2, 2 ** 53 - 1, true],
  [null, 'a,"b"\nc', null, null, null],
  [FIRST_MS + 1, 'Zürich', 5e-324, 0, false],
  [-1, null, 1.7976931348623157e308, 1, false],
  [FIRST_MS + 2, '', -0.1, -7, true],
];
const origin = {
  what: 'trades',
  of: { kind: 'run', id: 'r-1' },
  hashes: { journal: 'abc', data: null },
  notes: ['only --limit 5'],
  writtenAtMs: FIRST_MS,
} as const;

const written = (name: string, portions: Iterable<readonly (readonly Cell[])[]>): Promise<ExportManifest> =>
  writeExport(join(folder, name), { columns, portions }, origin);

/** Rows of a Parquet or Arrow file, as another program's library would give them. */
async function rowsOf(name: string): Promise<unknown[][]> {
  const bytes = readFileSync(join(folder, name));
  if (name.endsWith('.arrow')) {
    const table = tableFromIPC(bytes, { useBigInt: true, useDate: true });
    return (table.toArray() as Record<string, unknown>[]).map((row) => columns.map((column) => row[column.name]));
  }
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const rows = await parquetReadObjects({ file, compressors });
  return rows.map((row) => columns.map((column) => (row as Record<string, unknown>)[column.name]));
}

const stored = (row: readonly Cell[]): unknown[] =>
  row.map((value, at) => {
    const { kind } = columns[at]!;
    if (value === null) return null;
    if (kind === 'time') return new Date(value as number);
    return kind === 'integer' ? BigInt(value as number) : value;
  });

describe('a table in a file', () => {
  it.each(['a.parquet', 'a.arrow'])('comes back to the last bit: %s', async (name) => {
    const manifest = await written(name, [awkward.slice(0, 2), [], awkward.slice(2)]);
    expect(await rowsOf(name)).toEqual(awkward.map(stored));
    expect(manifest.rows).toBe(awkward.length);
  });

  it('is CSV that no spreadsheet runs, with every digit', async () => {
    await written('a.csv', [awkward]);
    const [head, ...rows] = parse(readFileSync(join(folder, 'a.csv'))) as string[][];
    expect(head).toEqual(columns.map(({ name }) => name));
    expect(rows).toEqual([
      ['2020-01-02T21:00:00.000Z', "'=1+2", '0.30000000000000004', '9007199254740991', '1'],
      ['', 'a,"b"\nc', '', '', ''],
      ['2020-01-02T21:00:00.001Z', 'Zürich', '5e-324', '0', '0'],
      ['1969-12-31T23:59:59.999Z', '', '1.7976931348623157e+308', '1', '0'],
      ['2020-01-02T21:00:00.002Z', '', '-0.1', '-7', '1'],
    ]);
  });

  it.each(['b.parquet', 'b.arrow'])('of many portions is written group by group: %s', async (name) => {
    const portion = (from: number): Cell[][] =>
      Array.from({ length: 4_000 }, (_, at) => [FIRST_MS + from + at, `S${at % 7}`, (from + at) / 3, from + at, false]);
    const { rows } = await written(
      name,
      (function* () {
        for (let from = 0; from < 120_000; from += 4_000) yield portion(from);
      })(),
    );
    expect(rows).toBe(120_000);
    const read = await rowsOf(name);
    expect(read.length).toBe(120_000);
    for (const at of [0, 49_999, 52_000, 119_999])
      expect(read[at]).toEqual(stored(portion(at)[0]!.with(1, `S${(at % 4_000) % 7}`)));
    if (!name.endsWith('.parquet')) return;
    const bytes = readFileSync(join(folder, name));
    const { row_groups: groups } = parquetMetadata(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    );
    expect(groups.map((group) => Number(group.num_rows))).toEqual([52_000, 52_000, 16_000]);
  });

  it.each([
    ['csv', csvPieces],
    ['parquet', (table: ExportTable) => parquetPieces(table, {})],
    ['arrow', arrowPieces],
  ] as const)('is written as its rows come, of which a group is held: %s', async (_format, pieces) => {
    let taken = 0;
    let before = 0;
    const portions = (function* (): Generator<Cell[][]> {
      for (; taken < 200_000; taken += 4_000) yield Array.from({ length: 4_000 }, () => [1, 'S', 0.5, 7, true]);
    })();
    for await (const piece of pieces({ columns, portions })) {
      expect(piece.length).toBeLessThan(4_000_000);
      expect(taken - before).toBeLessThanOrEqual(52_000);
      before = taken;
    }
    expect(taken).toBe(200_000);
  });

  it.each(['c.csv', 'c.parquet', 'c.arrow'])('without a row has its columns all the same: %s', async (name) => {
    expect((await written(name, [])).rows).toBe(0);
    if (name.endsWith('.csv')) expect(readFileSync(join(folder, name), 'utf8')).toBe('time,symbol,price,record,back\n');
    else expect(await rowsOf(name)).toEqual([]);
  });

  it.each(['d.csv', 'd.parquet', 'd.arrow'])('has a manifest beside it that fits its bytes: %s', async (name) => {
    await written(name, [awkward]);
    const bytes = readFileSync(join(folder, name));
    const manifest = JSON.parse(readFileSync(join(folder, 'd.manifest.json'), 'utf8')) as ExportManifest;
    expect(manifest).toMatchObject({
      ...{ file: name, what: 'trades', of: { kind: 'run', id: 'r-1' }, rows: 5, bytes: bytes.length, columns },
      ...{ hashes: { journal: 'abc', data: null }, notes: ['only --limit 5'], written: '2020-01-02T21:00:00.000Z' },
      sha256: createHash('sha256').update(bytes).digest('hex'),
      versions: { node: process.versions.node, signalbox: expect.stringMatching(/^\d+\.\d+\.\d+/) as string },
    });
  });

  it.each(['e.csv', 'e.parquet', 'e.arrow'])('that fails on the way leaves what was there: %s', async (name) => {
    writeFileSync(join(folder, name), 'before');
    const failing = (function* (): Generator<Cell[][]> {
      yield awkward.map((row) => [...row]);
      throw new Error('the server went away');
    })();
    await expect(written(name, failing)).rejects.toThrow('the server went away');
    expect(readFileSync(join(folder, name), 'utf8')).toBe('before');
    expect(readdirSync(folder).filter((file) => file.endsWith('.part'))).toEqual([]);
    expect(readdirSync(folder)).not.toContain('e.manifest.json');
  });

  it('of a format that there is not is refused by name', async () => {
    await expect(written('f.xlsx', [])).rejects.toThrow(/f\.xlsx ends in \.xlsx: there is no such format/);
    await expect(written('f', [])).rejects.toThrow(/has no ending/);
    expect(manifestPath('a.b/c.d.csv')).toBe('a.b/c.d.manifest.json');
  });
});
