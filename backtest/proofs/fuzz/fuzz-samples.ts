import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { ARCHIVE_FORMAT, createRecordWriter } from '../../../infra/postgres/backup/backup-archive.ts';
import { ensembleChecksum, ensembleFormat, encodeEnsemble } from '../../../models/ensemble/serialised-ensemble.ts';
import { sealModel } from '../../../models/estimators/serialised-model.ts';
import { experimentPath } from '../../../models/experiment/experiment-names.ts';
import { plantedBars } from '../../../pipelines/sources/made-up/planted-bars.ts';
import { barsCsv } from '../../../pipelines/bars/bars-csv.ts';

const ROWS = 200;
const PRICES = ['open', 'high', 'low', 'close', 'volume'] as const;
const bars = plantedBars({ seed: 5, bars: ROWS, symbol: 'MADE', volatility: 0.02 });

/** A CSV file of two symbols, some of its cells in quotes. */
export function csvSample(): string {
  const [header, ...rows] = [...barsCsv([bars])].join('').trimEnd().split('\n');
  const named = rows.flatMap((row) => [`"AAA",${row}`, `BBB,${row}`]);
  return header!.includes('symbol') ? `${[header, ...rows].join('\n')}\n` : `symbol,${header}\n${named.join('\n')}\n`;
}

/** A Parquet file with stamps, dictionaries and several row groups. */
export async function parquetSample(): Promise<Buffer> {
  // The writer is no part of what is installed for use.
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const time = Array.from(bars.openTimeMs, (timeMs) => new Date(timeMs));
  const columnData = [
    { name: 'time', data: time, type: 'TIMESTAMP' as const },
    ...PRICES.map((name) => ({ name, data: Array.from(bars[name]), type: 'DOUBLE' as const })),
    { name: 'symbol', data: Array<string>(ROWS).fill('MADE'), type: 'STRING' as const },
  ];
  return Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 80 }));
}

export const yamlSample = (): string => readFileSync(experimentPath('default'), 'utf8');

/** A linear model of two features. */
export const modelSample = () =>
  sealModel({
    kind: 'logistic-regression',
    formatVersion: 1,
    featureNames: ['rsi(14)', 'roc(10)'],
    body: {
      link: 'sigmoid',
      intercept: 0.1,
      coefficients: [0.5, -0.25],
      standardiser: { mean: [50, 0], inverseDeviation: [0.1, 20], median: [50, 0], missing: [0, 0] },
      strength: 0.01,
    },
    weights: null,
  });

/** An ensemble of that model, as it is stored. */
export function ensembleSample(): Buffer {
  const parts = {
    formatVersion: ensembleFormat({}),
    featureNames: ['rsi(14)', 'roc(10)'],
    scaler: { kind: 'robust' as const, center: [50, 0], factor: [0.1, 20] },
    members: [{ name: 'linear', model: modelSample() }],
    memberSlopes: [1],
    combiner: { kind: 'weighted' as const, weights: [1] },
    baseLogit: 0.05,
    calibration: { kind: 'none' as const, intercept: 0 },
    trainedFromMs: 1_600_000_000_000,
    trainedToMs: 1_650_000_000_000,
    trainedRows: 500,
  };
  return Buffer.from(encodeEnsemble({ ...parts, checksum: ensembleChecksum(parts) }));
}

/** The records of a backup, not yet packed. */
export function backupSample(): Buffer {
  const writer = createRecordWriter();
  const pieces = Array.from({ length: 40 }, (_, i) => Buffer.from(`${i}\tMADE\t${i * 1.5}\t\\N\n`.repeat(20)));
  return Buffer.concat([
    writer.encode('H', {
      format: ARCHIVE_FORMAT,
      createdAt: '2024-01-02T00:00:00.000Z',
      postgres: '18.1',
      migrations: ['0001_schema', '0020_bars'],
    }),
    writer.encode('T', { name: 'sample', columns: ['series', 'symbol', 'close', 'note'] }),
    ...pieces.map((piece) => writer.encode('D', piece)),
    writer.encode('E', { rows: 800, sha256: createHash('sha256').update(Buffer.concat(pieces)).digest('hex') }),
    writer.encode('S', [{ name: 'bars_id_seq', value: '3' }]),
    writer.end(),
  ]);
}

export const packed = (bytes: Buffer | string): Buffer => gzipSync(bytes, { level: 1 });
