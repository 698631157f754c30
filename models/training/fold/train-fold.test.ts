import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DAY_MS } from '../../../features/timeframe.ts';
import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import { computeFeatures } from '../../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../../features/feature-set.ts';
import { createRandom } from '../../../infra/random.ts';
import { buildDataset } from '../build-dataset.ts';
import type { Dataset } from '../../dataset.ts';
import { loadEnsemble } from '../../ensemble/ensemble-model.ts';
import { sigmoid } from '../../ensemble/logit.ts';
import { fitLogistic } from '../../ensemble/newton-logistic.ts';
import { fitScaler } from '../../ensemble/scaler.ts';
import { decodeEnsemble, encodeEnsemble } from '../../ensemble/serialised-ensemble.ts';
import type { Estimator, FittedModel, SerialisedModel } from '../../estimators/estimator.ts';
import { experimentSchema, type Experiment } from '../../experiment/experiment.ts';
import type { Fold } from '../../splits/fold.ts';
import { foldsOf } from '../../splits/folds-of.ts';
import { LeakageError } from '../../splits/leakage-guard.ts';
import { stitchPredictions } from './predictions.ts';
import { trainFinal, trainFold } from './train-fold.ts';
import type { TrainingContext } from './training-context.ts';

/** A small deterministic estimator: ridge logistic regression, plus a touch of its random stream so that seeds show. */
function ridgeModel(featureNames: readonly string[], beta: readonly number[]): FittedModel {
  const width = featureNames.length;
  return {
    kind: 'ridge',
    featureNames,
    predict: (x, rows, out = new Float64Array(rows)) => {
      for (let row = 0; row < rows; row++) {
        let score = beta[0]!;
        for (let j = 0; j < width; j++) score += beta[j + 1]! * x[row * width + j]!;
        out[row] = sigmoid(score);
      }
      return out;
    },
    serialise: () => ({
      kind: 'ridge',
      formatVersion: 1,
      featureNames,
      body: beta,
      weights: null,
      checksum: beta.join(),
    }),
    dispose: () => undefined,
  };
}

const ridgeSchema = z.strictObject({ penalty: z.number().default(20), fail: z.string().optional() });
const ridge: Estimator<z.infer<typeof ridgeSchema>> = {
  kind: 'ridge',
  params: ridgeSchema,
  fit: async (dataset, params, { random }) => {
    if (params.fail === 'fit') throw new Error('no memory');
    const prior = new Array<number>(dataset.width).fill(0);
    const beta = fitLogistic({
      x: dataset.x,
      width: dataset.width,
      target: dataset.y,
      weight: dataset.weight,
      prior,
      penalty: params.penalty,
    });
    beta[0]! += 1e-9 * random.next();
    if (params.fail === 'predict') beta[0] = NaN;
    return ridgeModel(dataset.featureNames, beta);
  },
  load: async (model) => ridgeModel(model.featureNames, model.body as number[]),
};

const parts = {
  estimatorOf: () => ridge as Estimator<unknown>,
  loadModel: (model: SerialisedModel) => ridge.load(model),
};
const context: TrainingContext = { parts };

/** A random walk whose next return leans on this bar's close location: correlation 0.3. */
function plantedBars(seed: number, length: number): BarColumns {
  const random = createRandom(seed);
  const bars = createBarColumns('SIM', length);
  let close = 100;
  let lean = 0;
  for (let i = 0; i < length; i++) {
    const open = close;
    close = open * (1 + 0.01 * (0.3 * lean + random.normal()));
    bars.open[i] = open;
    bars.close[i] = close;
    bars.high[i] = Math.max(open, close) * (1 + 0.005 * random.next());
    bars.low[i] = Math.min(open, close) * (1 - 0.005 * random.next());
    bars.volume[i] = 1000 + 100 * random.next();
    bars.openTimeMs[i] = i * DAY_MS;
    bars.closeTimeMs[i] = (i + 1) * DAY_MS;
    lean = ((close - bars.low[i]!) / (bars.high[i]! - bars.low[i]!) - 0.5) / 0.35;
  }
  return bars;
}

function experimentWith(changes: Record<string, unknown> = {}): Experiment {
  return experimentSchema.parse({
    name: 'test',
    universe: ['SIM'],
    estimators: [
      { name: 'strong', kind: 'ridge', penalty: 100 },
      { name: 'weak', kind: 'ridge', penalty: 1 },
    ],
    splits: { trainBars: 200, testBars: 60, embargoBars: 3 },
    ...changes,
  });
}

const featureSet = parseFeatureSet(['closelocation()', 'return(1)', 'zscore(close,20)', 'rsi(14)'], {
  timeframe: '1d',
  symbols: ['SIM'],
});
const datasetOf = (bars: BarColumns, experiment: Experiment): Dataset =>
  buildDataset({ matrices: computeFeatures(featureSet, [bars]), bars: [bars], experiment }).dataset;

describe('training a fold', () => {
  const experiment = experimentWith({ splits: { trainBars: 500, testBars: 500, embargoBars: 5 } });
  const dataset = datasetOf(plantedBars(1, 1100), experiment);
  const [fold] = foldsOf(dataset, experiment.splits);

  it('finds a planted effect out of sample and scores it', async () => {
    const outcome = await trainFold(dataset, fold!, experiment, context);
    expect(outcome.report.scores.informationCoefficient.value).toBeGreaterThan(0.15);
    expect(outcome.report.scores.auc.value).toBeGreaterThan(0.55);
    expect(outcome.members.map(({ name }) => name)).toEqual(['strong', 'weak']);
    expect(outcome.inner.rows).toBe(fold!.trainRows.length);
    expect(outcome.predictions.rows).toBe(500);
    expect([...outcome.predictions.decisionTimeMs]).toEqual([...dataset.decisionTimeMs.slice(500, 1000)]);
  });

  it('gives the same bytes twice, and others for another seed', async () => {
    const run = async (seed: number): Promise<string> => {
      const { ensemble, predictions } = await trainFold(dataset, fold!, { ...experiment, seed }, context);
      return `${Buffer.from(encodeEnsemble(ensemble)).toString()} ${predictions.probability.join()}`;
    };
    const first = await run(7);
    expect(await run(7)).toBe(first);
    expect(await run(8)).not.toBe(first);
  });

  it('the stored ensemble predicts what the fold predicted, row by row', async () => {
    const { ensemble, predictions } = await trainFold(dataset, fold!, experiment, context);
    const model = await loadEnsemble(decodeEnsemble(encodeEnsemble(ensemble)), parts.loadModel);
    for (let k = 0; k < 50; k++) {
      const row = fold!.testRows[k]!;
      const x = dataset.x.slice(row * dataset.width, (row + 1) * dataset.width);
      expect(model.predict(x, 1)[0]).toBe(predictions.probability[k]);
    }
    expect(model.trainedToMs).toBeLessThan(fold!.ranges.test.fromMs);
  });

  it('refuses an altered ensemble and a row of the wrong width', async () => {
    const { ensemble } = await trainFinal(dataset, experiment, context);
    const text = Buffer.from(encodeEnsemble(ensemble)).toString().replace('"trainedRows":', '"trainedRows":1');
    expect(() => decodeEnsemble(Buffer.from(text))).toThrow(/altered/);
    expect(() => decodeEnsemble(Buffer.from('{}'))).toThrow(/not a stored ensemble/);
    const model = await loadEnsemble(ensemble, parts.loadModel);
    expect(() => model.predict(new Float64Array(3), 1)).toThrow(/needs 4 features/);
  });

  it.each(['stacked', 'regime'] as const)('%s ensembles train and find it as well', async (kind) => {
    const changed = { ...experiment, ensemble: { ...experiment.ensemble, kind } };
    const bars = plantedBars(1, 1100);
    const set = parseFeatureSet(['closelocation()', 'return(1)', 'stdev(return(1),20)'], {
      timeframe: '1d',
      symbols: ['SIM'],
    });
    const built = buildDataset({ matrices: computeFeatures(set, [bars]), bars: [bars], experiment });
    const [own] = foldsOf(built.dataset, experiment.splits);
    const outcome = await trainFold(built.dataset, own!, changed, context);
    expect(outcome.report.scores.informationCoefficient.value).toBeGreaterThan(0.15);
    expect(outcome.ensemble.combiner.kind).toBe(kind);
  });

  it('holds ten members', async () => {
    const estimators = Array.from({ length: 10 }, (_, m) => ({ name: `m${m}`, kind: 'ridge', penalty: 1 + m }));
    const outcome = await trainFold(dataset, fold!, experimentWith({ estimators }), context);
    expect(outcome.ensemble.members).toHaveLength(10);
  });

  it('reports progress up to 1 and stops when it is aborted', async () => {
    const seen: number[] = [];
    await trainFold(dataset, fold!, experiment, { ...context, onProgress: (fraction) => seen.push(fraction) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    const signal = AbortSignal.abort(new Error('cancelled by test'));
    await expect(trainFold(dataset, fold!, experiment, { ...context, signal })).rejects.toThrow('cancelled by test');
  });

  it.each([
    ['fit', /member broken failed to train in fold 1: no memory/],
    ['predict', /member broken predicted NaN/],
  ])('a member that fails to %s is named, never replaced', async (fail, message) => {
    const estimators = [
      { name: 'sound', kind: 'ridge' },
      { name: 'broken', kind: 'ridge', fail },
    ];
    await expect(trainFold(dataset, fold!, experimentWith({ estimators }), context)).rejects.toThrow(message);
  });

  it('stitches combinatorial folds into paths that each hold every row once', async () => {
    const splits = { kind: 'combinatorial', folds: 4, testFolds: 2, embargoBars: 2 } as const;
    const changed = experimentWith({ splits, estimators: [{ name: 'only', kind: 'ridge' }] });
    const outcomes = [];
    for (const one of foldsOf(dataset, changed.splits)) outcomes.push(await trainFold(dataset, one, changed, context));
    const paths = stitchPredictions(outcomes.map((outcome) => outcome.predictions));
    expect(paths).toHaveLength(3);
    for (const path of paths) expect([...path.decisionTimeMs]).toEqual([...dataset.decisionTimeMs]);
  });
});

/**
 * The guard: predictions decided up to a cut must not change when every bar after the cut does. Each mutation takes one
 * protection out and must be noticed.
 */
describe('what is predicted up to a bar does not depend on later bars', () => {
  const experiment = experimentWith({
    labels: { horizonBars: 5 },
    splits: { trainBars: 200, testBars: 60, embargoBars: 3 },
  });
  const bars = plantedBars(3, 420);
  type Mutation = (dataset: Dataset, fold: Fold) => { fold?: Fold; parts?: TrainingContext['parts'] };

  /** Second bar of the second test window: labels of unpurged rows reach beyond it. */
  const cutMs = ((): number => {
    const dataset = datasetOf(bars, experiment);
    return dataset.decisionTimeMs[foldsOf(dataset, experiment.splits)[1]!.testRows[1]!]!;
  })();

  function corrupted(): BarColumns {
    const altered = plantedBars(3, 420);
    for (let i = 0; i < 420; i++) {
      if (altered.closeTimeMs[i]! <= cutMs) continue;
      for (const column of ['open', 'high', 'low', 'close'] as const) altered[column][i]! *= i % 2 === 0 ? 3 : 0.3;
    }
    return altered;
  }

  async function predictedUpToCut(source: BarColumns, mutate: Mutation): Promise<[number, number, number][]> {
    const dataset = datasetOf(source, experiment);
    const known: [number, number, number][] = [];
    for (const fold of foldsOf(dataset, experiment.splits).slice(0, 2)) {
      const mutation = mutate(dataset, fold);
      const { predictions } = await trainFold(dataset, mutation.fold ?? fold, experiment, {
        parts: { ...parts, ...mutation.parts },
      });
      predictions.decisionTimeMs.forEach((time, k) => {
        if (time <= cutMs) known.push([time, predictions.probability[k]!, predictions.score[k]!]);
      });
    }
    return known;
  }

  async function changes(mutate: Mutation): Promise<boolean> {
    const before = await predictedUpToCut(bars, mutate);
    const after = await predictedUpToCut(corrupted(), mutate);
    expect(before).toHaveLength(62);
    return JSON.stringify(before) !== JSON.stringify(after);
  }

  const everyRowBefore = (fold: Fold): Int32Array => Int32Array.from({ length: fold.testRows[0]! }, (_, row) => row);

  it('holds for the product', async () => {
    expect(await changes(() => ({}))).toBe(false);
  });

  it('holds for dataset rows whose label was known by then', () => {
    const rowsOf = (source: BarColumns): number[][] => {
      const dataset = datasetOf(source, experiment);
      return [...dataset.labelEndTimeMs.keys()]
        .filter((row) => dataset.labelEndTimeMs[row]! <= cutMs)
        .map((row) => [
          dataset.y[row]!,
          dataset.weight[row]!,
          dataset.realisedReturn[row]!,
          ...dataset.x.slice(row * 4, row * 4 + 4),
        ]);
    };
    expect(rowsOf(corrupted())).toEqual(rowsOf(bars));
  });

  it('mutation: a scaler fitted on all rows is noticed', async () => {
    expect(await changes((dataset) => ({ parts: { fitScaler: () => fitScaler(dataset) } }))).toBe(true);
  });

  it('mutation: without the purge the guard stops the training', async () => {
    await expect(changes((_, fold) => ({ fold: { ...fold, trainRows: everyRowBefore(fold) } }))).rejects.toThrow(
      LeakageError,
    );
  });

  it('mutation: without purge and guard the predictions change', async () => {
    const noticed = await changes((_, fold) => ({
      fold: { ...fold, trainRows: everyRowBefore(fold) },
      parts: { guard: () => undefined },
    }));
    expect(noticed).toBe(true);
  });

  it('mutation: a shuffled split is stopped by the guard', async () => {
    await expect(
      changes((dataset, fold) => {
        const random = createRandom(1);
        const shuffled = [...dataset.y.keys()].sort(() => random.next() - 0.5);
        return { fold: { ...fold, trainRows: Int32Array.from(shuffled.slice(0, 200)) } };
      }),
    ).rejects.toThrow(LeakageError);
  });

  it('mutation: inner folds without purge are stopped by the guard', async () => {
    const dataset = datasetOf(bars, experiment);
    const [fold] = foldsOf(dataset, experiment.splits);
    const unpurged = trainFold(dataset, fold!, experiment, {
      parts: {
        ...parts,
        innerFolds: (train, options) => {
          const size = Math.floor(train.rows / options.folds);
          const [first] = foldsOf(train, { ...experiment.splits, kind: 'purged-k-fold', folds: options.folds });
          const rest = Int32Array.from({ length: train.rows - size }, (_, k) => k + size);
          return [{ ...first!, trainRows: rest }];
        },
      },
    });
    await expect(unpurged).rejects.toThrow(LeakageError);
  });
});
