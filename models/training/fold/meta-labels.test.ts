import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import type { Dataset } from '../../dataset.ts';
import { loadEnsemble, predictRows, type EnsembleModel } from '../../ensemble/ensemble-model.ts';
import { sideOf } from '../../ensemble/primary-side.ts';
import { rollingPredictor } from '../../ensemble/rolling-rows.ts';
import {
  decodeEnsemble,
  encodeEnsemble,
  ensembleChecksum,
  ensembleFormat,
  type SerialisedEnsemble,
} from '../../ensemble/serialised-ensemble.ts';
import { datasetOf } from '../../estimators/known-tables.ts';
import { experimentSchema, type Experiment } from '../../experiment/experiment.ts';
import { ensembleExplainer } from '../../explain/explain-ensemble.ts';
import { topReasons } from '../../explain/top-reasons.ts';
import { experimentHash } from '../../experiment/load-experiment.ts';
import { scorePredictions } from '../../scores/prediction-scores.ts';
import { foldsOf } from '../../splits/folds-of.ts';
import { trainFinal, trainFold, type FoldOutcome } from './train-fold.ts';
import type { Scores } from '../../scores/score.ts';

const WIDTH = 3;
const SIDE = 'cross';

/**
 * A primary model whose side is right in seven of ten rows of one regime and in every other row of the other. Every
 * tenth row is without a side: 0 or missing, in turns.
 */
function primaryRows(rows: number): Dataset {
  const random = createRandom('primary');
  const x = Float64Array.from({ length: rows * WIDTH }, () => random.normal());
  const y = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    if (row % 10 === 0) x[row * WIDTH] = row % 20 === 0 ? 0 : NaN;
    const right = random.next() < (x[row * WIDTH + 1]! > 0 ? 0.7 : 0.5);
    y[row] = x[row * WIDTH]! > 0 === right ? 1 : 0;
  }
  return { ...datasetOf(x, y), featureNames: [SIDE, 'regime', 'noise'] };
}

function experimentWith(changes: object = {}): Experiment {
  return experimentSchema.parse({
    name: 'meta',
    universe: ['TEST'],
    labels: { meta: { side: SIDE } },
    splits: { trainBars: 1500, testBars: 1500 },
    estimators: [
      { name: 'linear', kind: 'logistic-regression', strength: 0.01 },
      { name: 'forest', kind: 'random-forest', trees: 20, maxDepth: 3 },
    ],
    ensemble: { innerFolds: 2 },
    ...changes,
  });
}

const data = primaryRows(3000);
const testRows = Array.from({ length: 1500 }, (_, row) => 1500 + row);
const sideAt = (row: number): number => sideOf(data.x[row * WIDTH]!);

const outcomeOf = async (experiment: Experiment, rows = data): Promise<FoldOutcome> =>
  trainFold(rows, foldsOf(rows, experiment.splits)[0]!, experiment);

/** The ensemble as if it had learned ups: what its members and their combination say themselves. */
function withoutSide({ sideFeature: _side, checksum: _sum, ...rest }: SerialisedEnsemble): SerialisedEnsemble {
  const plain = { ...rest, formatVersion: ensembleFormat({}) };
  return { ...plain, checksum: ensembleChecksum(plain) };
}

describe('an ensemble that learns whether a primary side is right', () => {
  let outcome: FoldOutcome;
  beforeAll(async () => {
    outcome = await outcomeOf(experimentWith());
  });

  /** The primary alone at its best: the share of the training rows in which it was right, on its side. */
  function barePrimary(): Scores {
    const trained = Array.from({ length: 1500 }, (_, row) => row).filter((row) => sideAt(row) !== 0);
    const right = trained.filter((row) => (data.y[row] === 1) === sideAt(row) > 0).length / trained.length;
    const probability = Float64Array.from(testRows, (row) => 0.5 + sideAt(row) * (right - 0.5));
    return scorePredictions({ ...outcome.predictions, probability, score: probability }).scores;
  }

  it('says more of up than the primary alone, and than an ensemble that learns ups', async () => {
    const { scores } = outcome.report;
    const bare = barePrimary();
    const ups = (await outcomeOf(experimentWith({ labels: {}, estimators: [experimentWith().estimators[0]] }))).report;
    const metaLinear = (await outcomeOf(experimentWith({ estimators: [experimentWith().estimators[0]] }))).report;
    for (const meta of [scores, metaLinear.scores]) {
      for (const other of [bare, ups.scores]) {
        expect(meta.auc.value).toBeGreaterThan(other.auc.value! + 0.01);
        expect(meta.logLoss.value).toBeLessThan(other.logLoss.value! - 0.002);
        expect(meta.brier.value).toBeLessThan(other.brier.value!);
        expect(meta.informationCoefficient.value).toBeGreaterThan(other.informationCoefficient.value! + 0.01);
      }
    }
    expect(scores.informationCoefficient.value).toBeGreaterThan(0.2);
    // The members' own scores and the inner ones are of up as well: an upside-down one would be far below zero.
    for (const member of [...outcome.members, ...outcome.inner.members]) {
      expect(member.scores.informationCoefficient.value).toBeGreaterThan(0.1);
    }
    expect(outcome.inner.calibrated.informationCoefficient.value).toBeGreaterThan(0.1);
    expect(outcome.inner.calibrated.logLoss.value).toBeLessThan(Math.LN2);
  });

  it('is unsure where the side is, bold where the side knows, and without a side says one half', () => {
    const { probability, score, y } = outcome.predictions;
    const boldness = { good: [] as number[], bad: [] as number[] };
    testRows.forEach((row, k) => {
      if (sideAt(row) === 0) {
        expect([probability[k], score[k]]).toEqual([0.5, 0]);
        return;
      }
      const bold = sideAt(row) * (probability[k]! - 0.5);
      boldness[data.x[row * WIDTH + 1]! > 0 ? 'good' : 'bad'].push(bold);
    });
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(boldness.good)).toBeGreaterThan(0.12);
    expect(Math.abs(mean(boldness.bad))).toBeLessThan(0.06);
    // What is kept beside the predictions is the label, not whether the side was right.
    expect([...y]).toEqual(testRows.map((row) => data.y[row]));
  });

  it('learns from rows with a side alone', async () => {
    const blind = { ...data, y: data.y.map((y, row) => (sideAt(row) === 0 ? 1 - y : y)) };
    const other = await outcomeOf(experimentWith(), blind);
    expect([...other.predictions.probability]).toEqual([...outcome.predictions.probability]);
    expect(other.ensemble.trainedRows).toBe(outcome.ensemble.trainedRows);
    expect(outcome.ensemble.trainedRows).toBeLessThan(0.91 * 1500);
  });

  it('learns from returns what they were on the side taken: short and mirrored is long', async () => {
    const members = [
      { name: 'forest', kind: 'random-forest', objective: 'regression', trees: 20, maxDepth: 3 },
      { name: 'boosting', kind: 'gradient-boosting', objective: 'regression', rounds: 20 },
    ];
    const experiment = experimentWith({ estimators: members });
    const sided = (side: 1 | -1): Dataset => {
      const x = data.x.map((value, at) => (at % WIDTH === 0 ? side : value));
      const random = createRandom('returns');
      const right = data.y.map((_, row) => (random.next() < (x[row * WIDTH + 1]! > 0 ? 0.7 : 0.5) ? 1 : 0));
      const y = right.map((one) => (side > 0 ? one : 1 - one));
      const realisedReturn = y.map((up) => (up === 1 ? 1 : -1) * (0.001 + 0.02 * random.next()));
      return { ...data, x, y, realisedReturn };
    };
    const [long, short] = [await outcomeOf(experiment, sided(1)), await outcomeOf(experiment, sided(-1))];
    for (const { report, members: alone, inner } of [long, short]) {
      for (const { scores } of [report, ...alone, ...inner.members]) expect(scores.auc.value).toBeGreaterThan(0.55);
      expect(inner.ensemble.informationCoefficient.value).toBeGreaterThan(0.1);
    }
    const mirrored = short.predictions.probability.map((up) => 1 - up);
    mirrored.forEach((up, row) => expect(up).toBeCloseTo(long.predictions.probability[row]!, 12));
  });

  it('turns what it learned into up exactly: itself long, what it lacks to 1 short, one half without a side', async () => {
    const { ensemble } = outcome;
    const stored = decodeEnsemble(encodeEnsemble(ensemble));
    const [model, plain] = await Promise.all([loadEnsemble(stored), loadEnsemble(withoutSide(ensemble))]);
    const value = fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(NaN));
    const sign = fc.oneof(value, fc.constantFrom(0, -0, 5e-324, -5e-324, Infinity, -Infinity));
    fc.assert(
      fc.property(fc.array(fc.tuple(sign, value, value), { minLength: 1, maxLength: 20 }), (rows) => {
        // An infinite feature is no row that a matrix holds: only its sign is of interest.
        const x = Float64Array.from(rows.flat(), (number) => Math.max(-1e300, Math.min(1e300, number)));
        const up = model.predictDetailed(x, rows.length);
        const learned = plain.predictDetailed(x, rows.length);
        rows.forEach(([side], row) => {
          const of = (p: number): number => (side > 0 ? p : side < 0 ? 1 - p : 0.5);
          expect(up.probability[row]).toBe(of(learned.probability[row]!));
          up.members.forEach((values, m) => expect(values[row]).toBe(of(learned.members[m]![row]!)));
          const odds = learned.score[row]! + ensemble.baseLogit;
          expect(up.score[row]).toBe(side > 0 ? odds : side < 0 ? -odds : 0);
        });
      }),
    );
  });

  it('says the same stored and loaded, in a batch and bar by bar', async () => {
    const model = await loadEnsemble(decodeEnsemble(encodeEnsemble(outcome.ensemble)));
    const ask = rollingPredictor(model, 1);
    testRows.slice(0, 60).forEach((row, k) => {
      const x = data.x.slice(row * WIDTH, (row + 1) * WIDTH);
      expect(ask(0, x)).toEqual({ kind: 'prediction', probability: outcome.predictions.probability[k] });
    });
    expect(predictRows(model, data).probability[testRows[7]!]).toBe(outcome.predictions.probability[7]);
  });

  it('is refused when its side was taken out, changed, or named by an ensemble of the plain format', () => {
    const { ensemble } = outcome;
    expect(ensemble.formatVersion).toBe(3);
    expect(withoutSide(ensemble).formatVersion).toBe(2);
    const { sideFeature: _side, ...bare } = ensemble;
    const changes = [bare, { ...ensemble, sideFeature: 'regime' }, { ...ensemble, formatVersion: 2 }];
    for (const altered of changes) expect(() => decodeEnsemble(encodeEnsemble(altered))).toThrow(/altered/);
    const unknown = { ...ensemble, formatVersion: 4 };
    expect(() => decodeEnsemble(encodeEnsemble(unknown))).toThrow(/format 4 is unknown; this version reads 2 and 3/);
  });
});

describe('its explanations', () => {
  let model: EnsembleModel;
  beforeAll(async () => {
    model = await loadEnsemble((await trainFinal(data, experimentWith())).ensemble);
  });
  const explained = (x: number[]) =>
    ensembleExplainer(model, { pairs: 1, random: createRandom(1) })(Float64Array.from(x), 1)[0]!;

  it.each([
    [1.3, 'long'],
    [-1.3, 'short'],
  ])('of a side of %d are of up: they add up to what the ensemble says', (side, direction) => {
    const x = [side, 1.5, 0.3];
    const found = explained(x);
    const said = model.predictDetailed(Float64Array.from(x), 1);
    expect(found.probability).toBeCloseTo(said.probability[0]!, 9);
    expect(found.score).toBeCloseTo(said.score[0]!, 9);
    const sum = found.features.reduce((total, { contribution }) => total + contribution, found.baseScore);
    expect(sum).toBeCloseTo(found.score, 9);
    found.members.forEach((member, m) => {
      expect(member.probability).toBeCloseTo(said.members[m]![0]!, 9);
      expect(member.contributions.reduce((total, one) => total + one, member.base)).toBeCloseTo(member.value, 9);
    });
    const regime = found.features[1]!;
    expect(Math.sign(regime.contribution)).toBe(Math.sign(side));
    expect(topReasons(found)).toMatch(new RegExp(`^the primary side is ${direction} by cross; regime `));
  });

  it('of a short side are those of what was learned with every sign changed', async () => {
    const x = Float64Array.of(-0.8, 1.1, -0.4);
    const plain = await loadEnsemble(withoutSide(model.serialised));
    const [learned] = ensembleExplainer(plain, { pairs: 1, random: createRandom(1) })(x, 1);
    const found = explained([...x]);
    expect(found.baseProbability).toBe(1 - learned!.baseProbability);
    expect(found.features.map(({ contribution }) => contribution)).toEqual(
      learned!.features.map(({ contribution }) => -contribution),
    );
    expect(learned!.side).toBeUndefined();
    expect(topReasons(learned!)).not.toContain('primary');
  });

  it.each([0, NaN])('without a side (%d) say so and nothing else', (side) => {
    const found = explained([side, 1.5, 0.3]);
    expect([found.probability, found.score, found.baseScore]).toEqual([0.5, 0, 0]);
    expect(topReasons(found)).toBe('the primary takes no side by cross');
  });
});

describe('an experiment with meta-labels', () => {
  it('is refused where its side is no feature, or hardly ever takes a side', async () => {
    const elsewhere = experimentWith({ labels: { meta: { side: 'cros' } } });
    await expect(outcomeOf(elsewhere)).rejects.toThrow(
      /labels\.meta\.side: there is no feature "cros"; did you mean cross\?/,
    );
    const idle = { ...data, x: data.x.map((value, at) => (at % WIDTH === 0 && at > 9 ? 0 : value)) };
    await expect(outcomeOf(experimentWith(), idle)).rejects.toThrow(
      /labels\.meta\.side: cross takes a side in 3 of the \d+ training rows of fold 1; at least 4 are needed/,
    );
  });

  it('has an identity of its own, and leaves those of others as they are', () => {
    const plain = experimentWith({ labels: {} });
    expect('meta' in plain.labels).toBe(false);
    expect(experimentHash(experimentWith())).not.toBe(experimentHash(plain));
    expect(experimentHash(experimentSchema.parse(plain))).toBe(experimentHash(plain));
  });

  it('says where meta-labels are asked for when they are named as a kind', () => {
    expect(() => experimentWith({ labels: { kind: 'meta-label' } })).toThrow(/add meta: \{ side: FEATURE \}/);
    expect(() => experimentWith({ labels: { kind: 'meta-lable' } })).toThrow(/must be one of/);
    expect(() => experimentWith({ labels: { meta: { feature: SIDE } } })).toThrow();
  });
});
