import { beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { barAt, createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { computeFeatures, FeatureStream } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { createRandom } from '../../infra/random.ts';
import { buildDataset } from '../training/build-dataset.ts';
import { experimentSchema } from '../experiment/experiment.ts';
import { selectBackend } from '../estimators/tensorflow/backend.ts';
import { foldsOf } from '../splits/folds-of.ts';
import { walkForwardFolds } from '../splits/walk-forward.ts';
import { experimentWindow } from '../registry/experiment-window.ts';
import { trainFold } from '../training/fold/train-fold.ts';
import { loadEnsemble } from './ensemble-model.ts';
import { RollingRows, rollingPredictor } from './rolling-rows.ts';
import { decodeEnsemble, encodeEnsemble } from './serialised-ensemble.ts';

const experiment = experimentSchema.parse({
  name: 'sequences',
  universe: ['AAA', 'BBB'],
  features: ['closelocation()', 'return(1)', 'zscore(close,20)'],
  estimators: [
    { name: 'linear', kind: 'logistic-regression' },
    { name: 'lstm', kind: 'lstm-network', window: 6, units: 4, epochs: 3, batchSize: 64 },
    { name: 'convolution', kind: 'temporal-convolution', levels: 3, channels: 4, epochs: 3, batchSize: 64 },
  ],
  ensemble: { innerFolds: 2 },
  splits: { trainBars: 200, testBars: 80, embargoBars: 2 },
});

function walk(symbol: string, length: number): BarColumns {
  const random = createRandom(symbol);
  const bars = createBarColumns(symbol, length);
  let close = 100;
  for (let i = 0; i < length; i++) {
    bars.open[i] = close;
    close *= 1 + 0.01 * random.normal();
    bars.close[i] = close;
    bars.high[i] = 1.002 * Math.max(bars.open[i]!, close);
    bars.low[i] = 0.998 * Math.min(bars.open[i]!, close);
    bars.volume[i] = 1000;
    bars.openTimeMs[i] = i * DAY_MS;
    bars.closeTimeMs[i] = (i + 1) * DAY_MS;
  }
  return bars;
}

const set = parseFeatureSet(experiment.features, { timeframe: '1d', symbols: ['AAA', 'BBB'] });
const bars = [walk('AAA', 340), walk('BBB', 340)];

beforeAll(() => selectBackend('wasm'));

describe('an ensemble with sequence networks', () => {
  it('predicts bar by bar what it predicted in the batch, to the bit, and refuses until its rows are there', async () => {
    const window = experimentWindow(experiment);
    expect(window).toBe(8);
    const { dataset, report } = buildDataset({ matrices: computeFeatures(set, bars), bars, experiment, window });
    expect(report.warmUpRows).toBe(2 * (19 + window - 1));
    const [fold] = foldsOf(dataset, experiment.splits);
    const { ensemble, predictions } = await trainFold(dataset, fold!, experiment);
    const model = await loadEnsemble(decodeEnsemble(encodeEnsemble(ensemble)));
    expect(model.window).toBe(window);

    const stream = new FeatureStream(set, ['AAA', 'BBB']);
    const ask = rollingPredictor(model, 2);
    const row = new Float64Array(set.columns.length);
    const said = new Map<string, number>();
    const refused: string[] = [];
    for (let at = 0; at < 340; at++) {
      const pair = bars.map((columns) => barAt(columns, at));
      stream.advance(pair[0]!.closeTimeMs, pair);
      for (const symbol of [0, 1]) {
        stream.copyRow(symbol, row);
        if (at < 19) continue;
        const answer = ask(symbol, row);
        if (answer.kind === 'refusal') refused.push(answer.reason);
        else said.set(`${symbol} ${pair[0]!.closeTimeMs}`, answer.probability);
      }
    }
    expect(refused).toHaveLength(2 * (window - 1));
    expect(refused[0]).toBe('warming up: 1 of 8 rows');
    for (let k = 0; k < predictions.rows; k++) {
      expect(said.get(`${predictions.symbolIndex[k]} ${predictions.decisionTimeMs[k]}`)).toBe(
        predictions.probability[k],
      );
    }
    expect(predictions.rows).toBe(160);
  });

  it('predicts a bar the same whatever comes after it', async () => {
    const window = experimentWindow(experiment);
    const train = async (upTo: number) => {
      const cut = bars.map((columns) => sliceBarColumns(columns, 0, upTo));
      const { dataset } = buildDataset({ matrices: computeFeatures(set, cut), bars: cut, experiment, window });
      const [fold] = walkForwardFolds(dataset, { ...experiment.splits, trainBars: 200, testBars: 40 });
      return (await trainFold(dataset, fold!, experiment)).predictions;
    };
    const [short, long] = [await train(290), await train(340)];
    expect([...long.probability.subarray(0, short.rows)]).toEqual([...short.probability]);
  });
});

describe('rolling rows', () => {
  it('hold the last rows of each symbol, oldest first', () => {
    const rolling = new RollingRows(2, { window: 3, width: 1 });
    for (let n = 1; n <= 7; n++) rolling.push(1, Float64Array.of(n));
    expect([...rolling.windowOf(1)]).toEqual([5, 6, 7]);
    expect(rolling.missing(0)).toBe(3);
    expect(() => rolling.windowOf(0)).toThrow(/lacks 3 rows/);
    expect(() => rolling.push(0, Float64Array.of(1, 2))).toThrow(/2 features where 1/);
  });
});
