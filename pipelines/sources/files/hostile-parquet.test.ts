import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../infra/errors.ts';
import { readBarsFile } from './bars-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-parquet-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PRICES = ['open', 'high', 'low', 'close', 'volume'] as const;

function tableOf(rows: number, time: ColumnSource, more: readonly ColumnSource[] = []): Uint8Array {
  const prices = PRICES.map((name) => ({ name, data: Array<number>(rows).fill(10), type: 'DOUBLE' as const }));
  return new Uint8Array(parquetWriteBuffer({ columnData: [time, ...prices, ...more], rowGroupSize: 100_000 }));
}

const minutes = (rows: number): Date[] =>
  Array.from({ length: rows }, (_, i) => new Date(1_700_000_040_000 + 60_000 * i));
const stamped = (rows: number): ColumnSource => ({ name: 'time', data: minutes(rows), type: 'TIMESTAMP' });

function file(content: Uint8Array, name = 'H.parquet'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function refusal(content: Uint8Array): Promise<string> {
  const path = file(content);
  const outcome = await readBarsFile(path).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(InputError);
  const { message, remedy } = outcome as InputError;
  expect(message).toContain(path);
  expect(remedy).not.toBe('');
  return message;
}

/** Where the integer that begins at `at` ends. */
function endOfVarint(bytes: Uint8Array, at: number): number {
  while ((bytes[at]! & 0x80) !== 0) at++;
  return at + 1;
}

describe('a Parquet file', () => {
  it('whose page does not say what it holds keeps the library busy for ever, and is given up', async () => {
    const bytes = tableOf(500, stamped(500));
    // The first page's header: its kind, its size, its packed size, and a structure of numbers, which is ended before
    // the first.
    const structure = endOfVarint(bytes, endOfVarint(bytes, endOfVarint(bytes, 5) + 1) + 1);
    expect([bytes[structure], bytes[structure + 1]]).toEqual([0x5c, 0x15]);
    bytes[structure + 1] = 0;
    expect(await refusal(bytes)).toMatch(/took more time than a Parquet file of its size needs, and was ended/);
  });

  it('is named where it is cut off or claims what it does not hold', async () => {
    const bytes = tableOf(500, stamped(500));
    const { length } = bytes;
    expect(await refusal(bytes.subarray(0, length / 2))).toMatch(/not a readable Parquet file/);
    const claims = bytes.slice();
    new DataView(claims.buffer).setUint32(length - 8, 0xffffffff, true);
    expect(await refusal(claims)).toMatch(/metadata length 4294967295 exceeds/);
    const lists = { name: 'symbol', data: Array.from({ length: 500 }, () => ['A', 'B']), type: 'JSON' as const };
    expect(await refusal(tableOf(500, stamped(500), [lists]))).toMatch(/row 1: symbol is empty/);
  });

  it('may be large: a third of a million rows are read whole, by symbol', async () => {
    const rows = 333_334;
    const symbols = {
      name: 'symbol',
      data: Array.from({ length: rows }, (_, i) => `S${i % 3}`),
      type: 'STRING' as const,
    };
    const universe = await readBarsFile(file(tableOf(rows, stamped(rows), [symbols])));
    expect(universe.map(({ symbol, length }) => [symbol, length])).toEqual([
      ['S0', 111_112],
      ['S1', 111_111],
      ['S2', 111_111],
    ]);
    expect(universe[2]!.openTimeMs[111_110]).toBe(1_700_000_040_000 + 60_000 * (rows - 2));
  });

  it.each<[string, ColumnSource]>([
    ['seconds', { name: 'time', data: minutes(5).map((at) => BigInt(at.getTime() / 1000)), type: 'INT64' }],
    ['milliseconds', { name: 'time', data: minutes(5).map((at) => BigInt(at.getTime())), type: 'INT64' }],
    ['fractions', { name: 'time', data: minutes(5).map((at) => at.getTime() / 1000), type: 'DOUBLE' }],
    ['text', { name: 'time', data: minutes(5).map((at) => at.toISOString()), type: 'STRING' }],
    ['stamps', stamped(5)],
  ])('may write its times as %s', async (_how, time) => {
    const [bars] = await readBarsFile(file(tableOf(5, time)));
    expect([...bars!.openTimeMs]).toEqual(minutes(5).map((at) => at.getTime()));
  });

  it('tells of times and symbols that are none by their row', async () => {
    const holes = {
      name: 'time',
      data: [...minutes(2), null, ...minutes(5).slice(3)],
      type: 'TIMESTAMP',
    } as ColumnSource;
    expect(await refusal(tableOf(5, holes))).toMatch(/row 3: time is missing or not a time/);
    const unnamed = { name: 'symbol', data: ['A', ' ', 'A', 'A', 'A'], type: 'STRING' as const };
    expect(await refusal(tableOf(5, stamped(5), [unnamed]))).toMatch(/row 2: symbol is empty/);
  });
});
