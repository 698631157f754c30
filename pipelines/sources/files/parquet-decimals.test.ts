import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer, type ColumnSource, type SchemaElement } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import { readBarsFile } from './bars-file.ts';

const ROWS = 600;
/** Closes in hundredths; 9,967 is one that a product with 0.01 misses. */
const CENTS = Array.from({ length: ROWS }, (_, row) => 9_967 + ((row * 37) % 1_009));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'decimals-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Storage = Pick<SchemaElement, 'type' | 'type_length'>;

/** A file whose prices and volumes are decimals of `scale` digits, stored in one of the four ways there are. */
function decimalFile(storage: Storage, scale: number): Uint8Array {
  const whole = (cents: number): bigint => BigInt(cents) * 10n ** BigInt(scale - 2);
  const columns: Record<string, bigint[]> = {
    open: CENTS.map(whole),
    high: CENTS.map(whole),
    low: CENTS.map((cents) => whole(cents - 1)),
    close: CENTS.map(whole),
    volume: CENTS.map((_, row) => whole(100 * row)),
  };
  const time = CENTS.map((_, row) => BigInt(1_600_000_000_000 + row * 3_600_000));
  const decimal = { scale, precision: 38, logical_type: { type: 'DECIMAL', scale, precision: 38 } as const };
  const schema: SchemaElement[] = [
    { name: 'root', num_children: 6 },
    { name: 'time', type: 'INT64', repetition_type: 'REQUIRED' },
    ...Object.keys(columns).map((name): SchemaElement => ({
      name,
      repetition_type: 'REQUIRED',
      ...storage,
      ...decimal,
      converted_type: 'DECIMAL',
    })),
  ];
  const columnData: ColumnSource[] = [
    { name: 'time', data: time },
    ...Object.entries(columns).map(([name, data]) => ({ name, data })),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema }));
}

async function closesOf(data: Uint8Array, name: string): Promise<number[]> {
  const path = join(folder, name);
  writeFileSync(path, data);
  const [bars] = await readBarsFile([path], { calendar: calendarNamed('none') });
  return [...bars!.close];
}

describe('decimal columns', () => {
  it.each([
    ['32 bits', { type: 'INT32' }, 2],
    ['64 bits', { type: 'INT64' }, 2],
    ['64 bits of 12 digits', { type: 'INT64' }, 12],
    ['16 bytes', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 }, 2],
    ['16 bytes of 18 digits', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 }, 18],
    ['16 bytes of 30 digits', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 }, 30],
    ['bytes of any length', { type: 'BYTE_ARRAY' }, 18],
  ] as const)('are the nearest doubles, as a CSV file has them: %s', async (name, storage, scale) => {
    const read = await closesOf(decimalFile(storage, scale), `${name}.parquet`);
    expect(read).toEqual(CENTS.map((cents) => Number(`${cents}e-2`)));
  });
});
