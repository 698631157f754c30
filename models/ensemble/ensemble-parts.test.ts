import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { calibrate, fitCalibration, fitIsotonic, fitSigmoid, type Calibration } from './calibration.ts';
import { combine, fitCombiner } from './combiner.ts';
import { baseLogitOf, logit, sigmoid } from './logit.ts';
import { EQUAL_SHARE, mixtureWeights, type OutOfFold } from './mixture-weights.ts';
import { fitLogistic } from './newton-logistic.ts';
import { applyScaler, CLIP, fitScaler } from './scaler.ts';
import { aboveBase, memberSlope, temper } from './temper.ts';

/** Rows whose true probability is known; members see it through noise of given strength. */
function sample(rows: number, noises: number[], seed = 1): OutOfFold & { truth: Float64Array } {
  const random = createRandom(seed);
  const truth = Float64Array.from({ length: rows }, () => sigmoid(random.normal()));
  return {
    truth,
    y: truth.map((p) => (random.next() < p ? 1 : 0)),
    weight: new Float64Array(rows).fill(1),
    memberProbabilities: noises.map((noise) => truth.map((p) => sigmoid(logit(p) + noise * random.normal()))),
  };
}

const lossOf = (data: OutOfFold, weights: readonly number[]): number => {
  let loss = 0;
  for (let row = 0; row < data.y.length; row++) {
    const p = weights.reduce((sum, w, m) => sum + w * data.memberProbabilities[m]![row]!, 0);
    loss -= Math.log(data.y[row] === 1 ? p : 1 - p);
  }
  return loss;
};

const noGate = { x: new Float64Array(0), featureNames: [] };

describe('scaler', () => {
  const x = Float64Array.from([1, 10, 5, 2, 20, 5, 3, NaN, 5, 4, 40, 5, 1000, 30, 5]);
  const data = { x, rows: 5, width: 3 };

  it('robust: median and interquartile range, missing values left out, constants become 0', () => {
    const scaler = fitScaler(data);
    expect(scaler.center).toEqual([3, 25, 5]);
    expect(scaler.factor[0]).toBeCloseTo(1.3489795 / 2, 6);
    expect(scaler.factor[2]).toBe(0);
    const scaled = applyScaler(scaler, x, 5);
    expect(scaled[12]).toBe(CLIP);
    expect(scaled[7]).toBeNaN();
    expect(scaled[2]).toBe(0);
  });

  it('standard: mean 0 and deviation 1', () => {
    const scaler = fitScaler({ x: Float64Array.from([1, 2, 3, 4]), rows: 4, width: 1 }, 'standard');
    expect(scaler.center[0]).toBeCloseTo(2.5, 12);
    expect(scaler.factor[0]).toBeCloseTo(1 / Math.sqrt(5 / 3), 12);
  });

  it('falls back to the deviation where half of the values are equal', () => {
    expect(fitScaler({ x: Float64Array.from([0, 0, 0, 0, 0, 0, 0, 1]), rows: 8, width: 1 }).factor[0]).toBeGreaterThan(
      0,
    );
  });
});

describe('logistic regression', () => {
  it('recovers coefficients and ends where the gradient is 0', () => {
    const random = createRandom(3);
    const rows = 20_000;
    const x = Float64Array.from({ length: rows * 2 }, () => random.normal());
    const target = Float64Array.from({ length: rows }, (_, i) =>
      random.next() < sigmoid(0.3 + 0.8 * x[2 * i]! - 0.5 * x[2 * i + 1]!) ? 1 : 0,
    );
    const weight = new Float64Array(rows).fill(1);
    const beta = fitLogistic({ x, width: 2, target, weight, prior: [0, 0], penalty: 0 });
    [0.3, 0.8, -0.5].forEach((value, k) => expect(beta[k]).toBeCloseTo(value, 1));
    const residual = (i: number): number =>
      target[i]! - sigmoid(beta[0]! + beta[1]! * x[2 * i]! + beta[2]! * x[2 * i + 1]!);
    let gradient = 0;
    for (let i = 0; i < rows; i++) gradient += residual(i) * x[2 * i]!;
    expect(Math.abs(gradient / rows)).toBeLessThan(1e-6);
  });

  it('moves to its prior under a strong penalty', () => {
    const data = sample(500, [0.5]);
    const beta = fitLogistic({
      x: data.memberProbabilities[0]!,
      width: 1,
      target: data.y,
      weight: data.weight,
      prior: [0.7],
      penalty: 1e9,
    });
    expect(beta[1]).toBeCloseTo(0.7, 4);
  });
});

describe('weights', () => {
  it('are non-negative, sum to 1, and no point of the simplex has a lower loss', () => {
    const data = sample(3000, [0.4, 1, 3]);
    const weights = mixtureWeights(data);
    expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
    const best = lossOf(data, weights);
    for (let a = 0; a <= 10; a++) {
      for (let b = 0; a + b <= 10; b++) {
        expect(lossOf(data, [a / 10, b / 10, (10 - a - b) / 10])).toBeGreaterThan(best - 1e-3);
      }
    }
    expect(weights[0]).toBeGreaterThan(weights[2]!);
  });

  it('are shrunk towards equal in the ensemble', () => {
    const data = sample(3000, [0.2, 3]);
    const learned = mixtureWeights(data);
    const combiner = fitCombiner('weighted', data, noGate);
    if (combiner.kind !== 'weighted') throw new Error('wrong kind');
    combiner.weights.forEach((weight, m) => {
      expect(weight).toBeCloseTo((1 - EQUAL_SHARE) * learned[m]! + EQUAL_SHARE * 0.5, 12);
    });
  });
});

describe('stacked and regime ensembles', () => {
  it('stacking on several noisy views beats each of them', () => {
    const data = sample(5000, [1, 1, 1]);
    const fresh = sample(5000, [1, 1, 1], 2);
    const stacked = combine(fitCombiner('stacked', data, noGate), fresh.memberProbabilities, {
      x: new Float64Array(0),
      width: 0,
      rows: 5000,
    });
    const own = (p: Float64Array): number => lossOf({ ...fresh, memberProbabilities: [p] }, [1]);
    for (const member of fresh.memberProbabilities) expect(own(stacked)).toBeLessThan(own(member));
  });

  it('regime: prefers in each regime the member that is better there', () => {
    const rows = 6000;
    const [a, b] = [sample(rows, [0.2, 3]), sample(rows, [3, 0.2], 5)];
    const wild = (row: number): boolean => row % 2 === 1;
    const mix = (x: Float64Array, y: Float64Array): Float64Array =>
      x.map((value, row) => (wild(row) ? y[row]! : value));
    const data = {
      y: mix(a.y, b.y),
      weight: a.weight,
      memberProbabilities: [0, 1].map((m) => mix(a.memberProbabilities[m]!, b.memberProbabilities[m]!)),
    };
    const gate = {
      x: Float64Array.from({ length: rows }, (_, row) => (wild(row) ? 2 : 1)),
      featureNames: ['stdev(20)'],
    };
    const combiner = fitCombiner('regime', data, gate);
    if (combiner.kind !== 'regime') throw new Error('wrong kind');
    expect(combiner.calm[0]).toBeGreaterThan(0.6);
    expect(combiner.wild[1]).toBeGreaterThan(0.6);
    const combined = combine(combiner, data.memberProbabilities, { x: gate.x, width: 1, rows });
    expect(combined[1]).toBeCloseTo(
      combiner.wild[0]! * data.memberProbabilities[0]![1]! + combiner.wild[1]! * data.memberProbabilities[1]![1]!,
      12,
    );
  });

  it('regime without a volatility feature is refused with what to add', () => {
    expect(() =>
      fitCombiner('regime', sample(50, [1]), { x: new Float64Array(50), featureNames: ['rsi(14)'] }),
    ).toThrow(/no feature measures volatility/);
  });
});

interface RowList {
  readonly score: readonly number[];
  readonly y: readonly number[];
  readonly weight: readonly number[];
}

function columnsOf(rows: RowList, places = [...rows.score.keys()]): Parameters<typeof fitIsotonic>[0] {
  const take = (column: readonly number[]): Float64Array => Float64Array.from(places, (row) => column[row]!);
  return { score: take(rows.score), y: take(rows.y), weight: take(rows.weight) };
}

/**
 * Isotonic blocks by definition: at each level the largest over the starts at or below it of the smallest average up to
 * an end at or above it (Robertson, Wright and Dykstra 1988, 1.4). Levels of equal value are a block, drawn in by a row
 * of each class, and never below the block before.
 */
function blocksByDefinition({ score, y, weight }: RowList): { score: number[]; probability: number[] } {
  const levels = [...new Set(score)].sort((a, b) => a - b);
  const sum = (from: number, to: number, of: (row: number) => number): number =>
    score.reduce((total, value, row) => (value < from || value > to ? total : total + weight[row]! * of(row)), 0);
  const average = (from: number, to: number): number => sum(from, to, (row) => y[row]!) / sum(from, to, () => 1);
  const valueAt = (level: number): number => {
    const ends = levels.filter((to) => to >= level);
    const starts = levels.filter((from) => from <= level);
    return Math.max(...starts.map((from) => Math.min(...ends.map((to) => average(from, to)))));
  };
  const blocks = { score: [] as number[], probability: [] as number[] };
  for (let from = 0; from < levels.length;) {
    let to = from + 1;
    while (to < levels.length && Math.abs(valueAt(levels[to]!) - valueAt(levels[from]!)) < 1e-9) to++;
    const ends = [levels[from]!, levels[to - 1]!] as const;
    const total = sum(...ends, () => 1);
    blocks.score.push(sum(...ends, (row) => score[row]!) / total);
    const drawn = (sum(...ends, (row) => y[row]!) + 1) / (total + 2);
    blocks.probability.push(Math.max(drawn, blocks.probability.at(-1) ?? 0));
    from = to;
  }
  return blocks;
}

describe('calibration', () => {
  /** Scores four times too confident. */
  const data = sample(20_000, [0]);
  const observed = { score: data.truth.map((p) => 4 * logit(p) + 1), y: data.y, weight: data.weight };

  it.each(['sigmoid', 'isotonic'] as const)('%s undoes over-confidence and never falls as the score rises', (kind) => {
    const calibration = fitCalibration(kind, observed, 0);
    let error = 0;
    observed.score.forEach(
      (score, row) => (error += Math.abs(calibrate(calibration, score) - data.truth[row]!) / 20_000),
    );
    expect(error).toBeLessThan(0.02);
    let last = -1;
    for (let score = -20; score <= 20; score += 0.05) {
      const p = calibrate(calibration, score);
      expect(p).toBeGreaterThanOrEqual(last);
      last = p;
    }
    expect(last).toBeLessThan(1);
  });

  it('sigmoid never turns a score around: without skill the base rate remains', () => {
    const upside = { ...observed, score: observed.score.map((score) => -score) };
    const calibration = fitSigmoid(upside);
    const base = data.y.reduce((a, b) => a + b) / data.y.length;
    expect(calibrate(calibration, -2)).toBeCloseTo(base, 3);
    expect(calibrate(calibration, 2)).toBe(calibrate(calibration, -2));
  });

  it('isotonic pools violators: by hand', () => {
    const weight = new Float64Array(4).fill(1000);
    const calibration = fitIsotonic({
      score: Float64Array.from([0.1, 0.2, 0.3, 0.4]),
      y: Float64Array.from([0, 1, 0, 1]),
      weight,
    });
    if (calibration.kind !== 'isotonic') throw new Error('wrong kind');
    expect(calibration.score.map((score) => Number(score.toFixed(6)))).toEqual([0.1, 0.25, 0.4]);
    [0, 0.5, 1].forEach((p, k) => expect(calibration.probability[k]).toBeCloseTo(p, 2));
    expect(calibrate(calibration, 0.175)).toBeCloseTo(0.25, 2);
  });

  it('isotonic takes equal scores for one point: in any order of rows, against every average of neighbours', () => {
    const random = createRandom('ties');
    const byHand = { score: [1, 1, 2, 2, 2, 2], y: [0, 1, 0, 1, 1, 1], weight: [1, 1, 1, 1, 1, 1] };
    const made = Array.from({ length: 60 }, (_, set) => {
      const rows = Array.from({ length: 1 + (set % 40) }, () => random.integer(6) / 10);
      return { score: rows, y: rows.map(() => random.integer(2)), weight: rows.map(() => 0.2 + random.next()) };
    });
    for (const rows of [byHand, ...made]) {
      const order = [...rows.score.keys()];
      const calibration = fitIsotonic(columnsOf(rows));
      const shuffled = order.map((row) => [random.next(), row] as const).sort((a, b) => a[0] - b[0]);
      const places = shuffled.map(([, row]) => row);
      expect(fitIsotonic(columnsOf(rows, places))).toEqual(calibration);
      if (calibration.kind !== 'isotonic') throw new Error('wrong kind');
      const expected = blocksByDefinition(rows);
      expect(calibration.score).toHaveLength(expected.score.length);
      expected.score.forEach((score, k) => expect(calibration.score[k]).toBeCloseTo(score, 12));
      expected.probability.forEach((share, k) => expect(calibration.probability[k]).toBeCloseTo(share, 12));
    }
    expect(fitIsotonic(columnsOf(byHand))).toEqual({ kind: 'isotonic', score: [1, 2], probability: [0.5, 4 / 6] });
  });

  it('sigmoid draws the slope to 1 where the rows say little', () => {
    const few = {
      score: observed.score.slice(0, 30),
      y: observed.y.slice(0, 30),
      weight: observed.weight.slice(0, 30),
    };
    const slopeOf = (calibration: Calibration): number => (calibration.kind === 'sigmoid' ? calibration.slope : NaN);
    expect(slopeOf(fitSigmoid(observed))).toBeCloseTo(0.25, 1);
    const timid = { ...few, score: few.score.map((value) => value / 100) };
    expect(Math.abs(slopeOf(fitSigmoid(timid)) - 1)).toBeLessThan(0.3);
  });

  it('none gives back the probability that the score was made from', () => {
    const base = logit(0.54);
    expect(calibrate(fitCalibration('none', observed, base), logit(0.6) - base)).toBeCloseTo(0.6, 12);
  });
});

describe('base rate', () => {
  it('is the weighted share of ups with half a row of each class added, finite for one class', () => {
    expect(sigmoid(baseLogitOf(Float64Array.from([1, 0, 1]), Float64Array.from([1, 2, 3])))).toBeCloseTo(4.5 / 7, 12);
    expect(baseLogitOf(Float64Array.from([1, 1]), Float64Array.from([1, 1]))).toBeLessThan(Infinity);
  });
});

describe('tempering', () => {
  const base = logit(0.55);

  it('takes back a member that is four times too bold, and one without skill altogether', () => {
    const data = sample(20_000, [0]);
    const rows = { y: data.y, weight: data.weight };
    expect(memberSlope({ ...rows, score: data.truth.map((p) => 4 * logit(p)) })).toBeCloseTo(0.25, 1);
    const random = createRandom(8);
    expect(memberSlope({ ...rows, score: data.truth.map(() => random.normal()) })).toBeLessThan(0.05);
  });

  it('multiplies log-odds above the base rate: slope 1 changes nothing, slope 0 leaves the base rate', () => {
    const p = Float64Array.from([0.4, 0.55, 0.7]);
    temper(p, 1, () => base).forEach((value, row) => expect(value).toBeCloseTo(p[row]!, 12));
    temper(p, 0, () => base).forEach((value) => expect(value).toBeCloseTo(0.55, 12));
    expect(
      aboveBase(
        temper(p, 0.5, () => base),
        () => base,
      )[2],
    ).toBeCloseTo(0.5 * (logit(0.7) - base), 12);
  });
});
