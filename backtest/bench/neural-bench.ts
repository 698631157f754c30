import { createRandom } from '../../infra/random.ts';
import type { Dataset } from '../../models/dataset.ts';
import { benchTable, oneRowMicros, timed } from './estimator-bench.ts';
import type { BenchTable, EstimatorBench, EstimatorBenchOptions } from './estimator-bench.ts';
import { areaUnderCurve, datasetOf, peerTable } from '../../models/estimators/known-tables.ts';
import { estimatorOf } from '../../models/estimators/registry.ts';
import { presentBackends, selectBackend } from '../../models/estimators/tensorflow/backend.ts';
import type { BackendName } from '../../models/estimators/tensorflow/backend.ts';

const WINDOW = 32;
const WIDTH = 16;
const ROW = WINDOW * WIDTH;

/**
 * The peers' sequences: the first 32 columns of their table as one stream of numbers, cut into windows of 32 rows of
 * 16, used again from its start when it ends. Label 1 where `x[31][0] + x[27][1] x[30][2] > 0`.
 */
function windowsOf(rows: number, tableRows: number, seed: number): { x: Float64Array; y: Float64Array } {
  const { x: table } = peerTable(tableRows, 40, seed);
  const stream = new Float64Array(tableRows * 32);
  for (let row = 0; row < tableRows; row++) stream.set(table.subarray(row * 40, row * 40 + 32), row * 32);
  const x = Float64Array.from({ length: rows * ROW }, (_, i) => stream[i % stream.length]!);
  const y = Float64Array.from({ length: rows }, (_, row) => {
    const cell = (step: number, feature: number): number => x[row * ROW + step * WIDTH + feature]!;
    return cell(31, 0) + cell(27, 1) * cell(30, 2) > 0 ? 1 : 0;
  });
  return { x, y };
}

/** A dataset whose rows have windows of their own, one after another. */
function windowDataset(x: Float64Array, y: Float64Array): Dataset {
  const rows = y.length;
  const last = new Float64Array(rows * WIDTH);
  for (let row = 0; row < rows; row++) last.set(x.subarray((row + 1) * ROW - WIDTH, (row + 1) * ROW), row * WIDTH);
  const at = Int32Array.from({ length: rows }, (_, row) => (row + 1) * WINDOW - 1);
  return { ...datasetOf(last, y), history: { values: [x], from: new Int32Array(1), at } };
}

function sequenceTable(rows: number): BenchTable {
  // As the peers do: their table has 100,000 rows, whose stream is used three times over.
  const train = windowsOf(rows, Math.min(100_000, 5 * rows), 7);
  const heldRows = Math.max(500, rows >> 3);
  const heldOut = windowsOf(heldRows, (heldRows * ROW) >> 5, 8);
  return {
    name: `${rows} x ${WINDOW} x ${WIDTH}`,
    train: windowDataset(train.x, train.y),
    heldOut: { ...heldOut, rows: heldRows },
  };
}

const plain = { learningRate: 0.001, dropout: 0, l2: 0, validationFraction: 0 };

interface NeuralCase {
  readonly kind: string;
  readonly work: string;
  readonly table: BenchTable;
  readonly params: Record<string, unknown> & { readonly epochs: number };
}

async function measure(one: NeuralCase, backend: BackendName, options: EstimatorBenchOptions): Promise<EstimatorBench> {
  const { kind, work, table, params } = one;
  await selectBackend(backend);
  const estimator = estimatorOf(kind);
  const settings = estimator.params.parse({ ...plain, ...params, backend });
  const fit = () => estimator.fit(table.train, settings, { random: createRandom(1) });
  const { seconds, runs, last: model } = await timed(options, fit);
  const { x, y, rows } = table.heldOut;
  const single = oneRowMicros(model, table, options.now);
  return {
    name: 'neural',
    work: `${work}, ${table.name}, ${params.epochs} epochs, ${backend}`,
    seconds,
    runs,
    rate: (params.epochs * table.train.rows) / seconds,
    unit: 'rows/s',
    checks: {
      aucHeldOut: areaUnderCurve(model.predict(x, rows), y),
      oneRowMicrosP50: single.p50,
      oneRowMicrosP99: single.p99,
      backend,
    },
  };
}

/**
 * `bench neural`: the peers' dense network (40-64-32-1, 5 epochs at batch 256) and LSTM (32 units, 3 epochs at batch
 * 128), and one epoch of the other sequence networks on the LSTM's windows, on each backend that is present (or on the
 * one given).
 */
export async function benchNeural(
  options: EstimatorBenchOptions & { backend?: BackendName },
): Promise<EstimatorBench[]> {
  const dense = benchTable(options.rows ?? 80_000, 40, 7);
  const sequences = sequenceTable(options.rows === undefined ? 20_000 : options.rows);
  const cases: NeuralCase[] = [
    {
      kind: 'dense-network',
      work: 'dense 40-64-32-1',
      table: dense,
      params: { layers: [64, 32], epochs: 5, batchSize: 256 },
    },
    {
      kind: 'lstm-network',
      work: 'LSTM(32)',
      table: sequences,
      params: { window: WINDOW, units: 32, epochs: 3, batchSize: 128 },
    },
    {
      kind: 'temporal-convolution',
      work: 'temporal convolution, 5 levels of 32 channels',
      table: sequences,
      params: { kernelSize: 2, levels: 5, channels: 32, epochs: 1, batchSize: 128 },
    },
    {
      kind: 'transformer-encoder',
      work: 'Transformer encoder, 1 layer of 32 units and 4 heads',
      table: sequences,
      params: { window: WINDOW, units: 32, heads: 4, hidden: 64, epochs: 1, batchSize: 128 },
    },
  ];
  const lines: EstimatorBench[] = [];
  for (const backend of options.backend === undefined ? await presentBackends() : [options.backend]) {
    for (const one of cases) lines.push(await measure(one, backend, options));
  }
  return lines;
}
