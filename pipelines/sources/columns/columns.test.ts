import { gunzipSync } from 'node:zlib';
import { columnFromArray, tableFromColumns, tableToIPC, timestamp, TimeUnit } from '@uwdata/flechette';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../features/timeframe.ts';
import { InputError } from '../../../infra/errors.ts';
import { readTakenBars, type BarsFileOptions, type TakenBars } from '../files/bars-file.ts';
import { decodeLz4Frame } from './lz4-frame.ts';
import { scratchFiles } from '../../testing/scratch-files.ts';

/** Forty hourly bars, written by pyarrow 26 and packed again with gzip. */
const LZ4 = [
  'H4sIAGj4CmsC/+1UPUgcQRj9Vtdzsy5kBQshF1CxOBATRWvdCwRiETRHiEIsTtRgIURIINFCFrG4JEK6NDFgbNL516UyP5eo',
  'V8VEwcJKUKuARUhMdb43O/4N8ZoUNn7wzXzz3pt3s3Mzk0yl2jsbRfKIKkvEF4YrnsSkRBxUCMvGWDBy0Nq6FfAiWWQG2Y1s',
  '0HgaXphUTK8KjSkbZC8ypfgiyRTQDSJHtG6ugG4AOa11GwV0D5E5rfPBOvi+UvVVvv5my2Vfacx7DB21MY1wn7qsyJ/hYUa0',
  'U55yk2Jb4ui+WXIUHhBf7VukWUbG9RoTxzIobPXbrpwdvnW6N/E6PQ4MPjD4IYMfMvgpg58yeNH/f8JY3/+OD9dp19yuTAdj',
  'f1HOy687nyaAh1sZRxpldRFtuPjbkaTM1H+ukurJPuIvXhMf/k584FIW+L2A+M0nxJtmWNdsOxKEfvxLAoN8isTPZyQ2P7DO',
  '/QEt7699BR2+6yfxapLE+A+6PnKX4NqTJN7xlHjLLOv6HbpeubpMV/cuif3nJHY/sl7fp2v2+gpdFx6QePuGxMs1uo6W5eA6',
  'eIP4/WFHwrBtLjdh/XM/eGTKcQyr91pL5bIj+XgHkL3Ws/bv3PV5deeid8XDiY+pW+BHdwWnvRltrb5ztG7Q/mndn7xHF++P',
  'JbcAJtWbfQD1jJzJugUAAA==',
].join('');
const ZSTD = [
  'H4sIAGj4CmsC/3MMCvIPN2Rg+A8ECowMDAIMIMDFwMPAxsDKwAFkAQEjC5DPAORxAEkWKMkAlGdgOALEHUAcA8QGUPEEoFlA',
  'Tcwgs0SgYmBjgDgZiIPA8kwMHXjU5QBxFVTdBjzqMoB4EVTdDTzq8oH4FFSdAFCWA+g/drCvBKB+ZuQC0RJo+kqA6kBq2aAi',
  'oHBKYISYDwI8QB2QkOIBm8bAzMIgA6QqGBnggIdBDmgHC1zNBSBWgdqlwYAMQHaxQ+0COogBN7gIpW+gicP4KgxInkAGjKjy',
  'GmjyGmjyAWjyAWjyDNB0oIFmDaV8B6g9Glv1/yY4MPxlZVjCwfAl8FAPULzhUQfDxf0N+78xrNM93DAnhaF7dkPlJYYMziMN',
  'YQ4MruUNxusYlJ42CMgcZfgf1PC2k+HOgYZT3xl26h1rWJ7KMG1OQ8tlhmKu4w2JjgwBFQ126xl0nzVIy55g4App+NHF8Pxg',
  'w9UfDEf0TzZsSmNYOLeh/wpDHfephhwnhujKBs8Np0AuUFN4cN0oTyLT+Rivcu6JHReTBSXNb00QfOImncKy82Jbj7TbrQmF',
  'i48rGeV9iXBh27fRrJIRu7+mMjB4QAQ+2ANTpr42F8cDjoFU9x+cRyDlAA8wlbOBU60AJG0D07AJNO5ZoEnJAGpuBpRGTvej',
  '5QUjgwdQ0BFcxgIATgkuT2oFAAA=',
].join('');

const { file: fileNamed } = scratchFiles('columns');
let count = 0;
const file = (content: Uint8Array, ending: string): string => fileNamed(content, `c${++count}.${ending}`);

const START = Date.UTC(2024, 0, 15, 14);
const LENGTH = 30;
const times = Array.from({ length: LENGTH }, (_, i) => START + i * HOUR_MS);
const price = (name: string): ColumnSource => ({ name, data: times.map((_, i) => 10 + i), type: 'DOUBLE' });
const PRICES = ['open', 'high', 'low', 'close'].map(price);
const parquet = (...columns: ColumnSource[]): string =>
  file(new Uint8Array(parquetWriteBuffer({ columnData: [...columns, ...PRICES], rowGroupSize: 10 })), 'parquet');
const read = (path: string, options?: BarsFileOptions): Promise<TakenBars> => readTakenBars(path, options);
const opens = ({ universe }: TakenBars): number[] => [...universe[0]!.openTimeMs];
const iso = (timeMs: number): string => new Date(timeMs).toISOString();

describe('Parquet', () => {
  it.each<[string, () => ColumnSource[], string]>([
    [
      'nanoseconds',
      () => [{ name: 'window_start', data: times.map((t) => BigInt(t) * 1_000_000n), type: 'INT64' }],
      'epoch nanoseconds',
    ],
    [
      'microseconds',
      () => [{ name: 'time', data: times.map((t) => BigInt(t) * 1000n), type: 'INT64' }],
      'epoch microseconds',
    ],
    ['seconds', () => [{ name: 'time', data: times.map((t) => t / 1000), type: 'INT32' }], 'epoch seconds'],
    [
      'texts with the day first',
      () => [
        {
          name: 'date',
          data: times.map((t) => `${iso(t).slice(8, 10)}/01/2024 ${iso(t).slice(11, 16)}`),
          type: 'STRING',
        },
      ],
      'DD/MM/YYYY',
    ],
    [
      'a date and a time of day',
      () => [
        { name: 'time', data: times.map((t) => iso(t).slice(11, 19)), type: 'STRING' },
        { name: 'date', data: times.map((t) => iso(t).slice(0, 10)), type: 'STRING' },
      ],
      'dates as ISO 8601, times of day in a column of their own',
    ],
    [
      'the index of a frame',
      () => [{ name: '__index_level_0__', data: times.map((t) => new Date(t)), type: 'TIMESTAMP' }],
      'ISO 8601',
    ],
  ])('holds %s', async (_what, columns, unit) => {
    const found = await read(parquet(...columns()));
    expect(opens(found)).toEqual(times);
    expect(found.taken).toMatchObject({
      unit,
      timeframe: '1h',
      notes: expect.arrayContaining(['There is no volume; it counts as 0.']) as string[],
    });
  });

  it('is asked for its zone and its unit like a text file', async () => {
    const path = parquet({ name: 'time', data: times.map((t) => iso(t).slice(0, 16)), type: 'STRING' });
    const local = await read(path, { dialect: { timezone: 'America/New_York' } });
    expect(opens(local)).toEqual(times.map((t) => t + 5 * HOUR_MS));
    const small = parquet({ name: 'time', data: times.map((_, i) => 7 * i), type: 'INT32' });
    await expect(read(small)).rejects.toThrow(/row 1: times like "0" may mean/);
    await expect(read(small)).rejects.toBeInstanceOf(InputError);
    const stamps = parquet({ name: 'time', data: times.map((t) => new Date(t)), type: 'TIMESTAMP' });
    await expect(read(stamps, { dialect: { timezone: 'America/New_York' } })).rejects.toThrow(/name their own zone/);
    expect(opens(await read(stamps, { dialect: { columns: { close: 'open' } } }))).toEqual(times);
  });
});

it('takes codes of exchanges that are kept as numbers for symbols', async () => {
  const symbol = { name: 'symbol', data: times.map(() => 600_519), type: 'INT32' as const };
  const time = { name: 'time', data: times.map((t) => new Date(t)), type: 'TIMESTAMP' as const };
  expect((await read(parquet(time, symbol))).universe.map((bars) => bars.symbol)).toEqual(['600519']);
});

it('reads an hour that a clock showed twice in the order of each symbol', async () => {
  const shown = ['00:00', '01:00', '01:00', '02:00', '03:00'].map((clock) => `2024-11-03 ${clock}`);
  const texts = shown.flatMap((time) => [time, time]);
  const columnData = [
    { name: 'time', data: texts, type: 'STRING' as const },
    { name: 'symbol', data: texts.map((_, row) => 'AB'[row % 2]!), type: 'STRING' as const },
    ...PRICES.map(({ name }) => ({ name, data: texts.map(() => 1), type: 'DOUBLE' as const })),
  ];
  const path = file(new Uint8Array(parquetWriteBuffer({ columnData })), 'parquet');
  const { universe } = await read(path, { symbols: undefined, dialect: { timezone: 'America/New_York' } });
  const hours = [4, 5, 6, 7, 8].map((hour) => Date.UTC(2024, 10, 3, hour));
  expect(universe.map(({ symbol, openTimeMs }) => [symbol, ...openTimeMs])).toEqual([
    ['A', ...hours],
    ['B', ...hours],
  ]);
});

describe('Arrow', () => {
  const arrow = (timezone: string | null): string => {
    const columns = Object.fromEntries(PRICES.map(({ name, data }) => [name, columnFromArray(data as number[])]));
    const time = columnFromArray(times, timestamp(TimeUnit.MILLISECOND, timezone));
    return file(tableToIPC(tableFromColumns({ time, ...columns }), { format: 'file' })!, 'feather');
  };

  it('holds moments, or times of a clock', async () => {
    expect(opens(await read(arrow('America/New_York')))).toEqual(times);
    const local = await read(arrow(null), { dialect: { timezone: 'America/New_York' } });
    expect(opens(local)).toEqual(times.map((t) => t + 5 * HOUR_MS));
    expect((await read(arrow(null))).taken).toMatchObject({ zone: 'UTC', zoneFrom: 'assumed', timeframe: '1h' });
  });

  it.each([
    ['LZ4', LZ4],
    ['Zstandard', ZSTD],
  ])('is unpacked from %s, as pyarrow writes it', async (_what, packed) => {
    const found = await read(file(gunzipSync(Buffer.from(packed, 'base64')), 'feather'));
    expect(opens(found)).toEqual(Array.from({ length: 40 }, (_, i) => Date.UTC(2024, 0, 1) + i * HOUR_MS));
    expect([...found.universe[0]!.close]).toEqual(Array<number>(40).fill(1));
  });

  it('is refused where it is damaged, of the first version, or something else', async () => {
    const whole = gunzipSync(Buffer.from(LZ4, 'base64'));
    await expect(read(file(whole.subarray(0, 300), 'feather'))).rejects.toBeInstanceOf(InputError);
    const altered = whole.slice();
    altered.fill(0xff, 330, 800);
    await expect(read(file(altered, 'feather'))).rejects.toBeInstanceOf(InputError);
    await expect(read(file(Buffer.from('FEA1 and more'), 'feather'))).rejects.toThrow(/Feather of the first version/);
    await expect(read(file(Buffer.from('time,open\n'), 'feather'))).rejects.toThrow(/not an Arrow file/);
  });
});

describe('an LZ4 frame', () => {
  const frame = (...blocks: number[][]): Uint8Array => {
    const parts = blocks.map((block) => [block.length & 255, block.length >> 8, 0, 0, ...block]);
    return Uint8Array.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0, ...parts.flat(), 0, 0, 0, 0]);
  };
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

  it('is literals and copies, which may reach into the block before', () => {
    expect(text(decodeLz4Frame(frame([0x30, 97, 98, 99], [0x04, 3, 0, 0x10, 33])))).toBe('abcabcabcab!');
    expect(text(decodeLz4Frame(frame([0x1f, 97, 1, 0, 2, 0x10, 98])))).toBe(`${'a'.repeat(22)}b`);
  });

  it.each<[string, Uint8Array]>([
    ['a copy from before the start', frame([0x04, 3, 0])],
    ['literals that are cut off', frame([0x50, 97])],
    ['no end', frame([0x10, 97]).subarray(0, 12)],
    ['no frame', Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])],
  ])('is refused with %s', (_what, bytes) => {
    expect(() => decodeLz4Frame(bytes)).toThrow(/LZ4 data are broken/);
  });
});
