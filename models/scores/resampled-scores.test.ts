import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { quantile, resampleBars } from './block-bootstrap.ts';
import { scorePredictions } from './prediction-scores.ts';
import { barsOfDecisions, resampleTable } from './resample-table.ts';
import { ResampledScores } from './resampled-scores.ts';
import { scoreOnThreads } from './score-on-threads.ts';
import { SCORE_NAMES, type Scorable, type Scores } from './score.ts';

/** Rows that are written out as often as their bar was drawn: the definition, slowly. */
function writtenOut(input: Scorable, counts: Int32Array): Scorable {
  const { barOfRow } = barsOfDecisions(input.decisionTimeMs);
  const rows = [...barOfRow].flatMap((bar, row) => new Array<number>(counts[bar]!).fill(row));
  const take = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]!);
  return {
    score: take(input.score),
    probability: take(input.probability),
    y: take(input.y),
    realisedReturn: take(input.realisedReturn),
    decisionTimeMs: take(input.decisionTimeMs),
  };
}

function panel(seed: number, size: { bars: number; symbols: number; ties: number }): Scorable {
  const random = createRandom(seed);
  const bars = Array.from({ length: size.bars }, (_, bar) =>
    new Array<number>(1 + random.integer(size.symbols)).fill(bar),
  );
  const decisionTimeMs = Float64Array.from(bars.flat());
  const column = (value: () => number): Float64Array => Float64Array.from(decisionTimeMs, value);
  const tied = (value: number): number => (size.ties === 0 ? value : Math.round(value * size.ties) / size.ties);
  const score = column(() => tied(random.normal()));
  const realisedReturn = score.map((value) => tied(1 + 0.1 * value + random.normal()));
  return {
    score,
    probability: score.map((value) => 1 / (1 + Math.exp(-value))),
    y: realisedReturn.map((value) => (value > 1 ? 1 : 0)),
    realisedReturn,
    decisionTimeMs,
  };
}

function expectSame(found: Scores, expected: Scores): void {
  for (const name of SCORE_NAMES) {
    const [a, b] = [found[name], expected[name]];
    if (b.value === null) expect(a, name).toEqual(b);
    else expect(Math.abs(a.value! - b.value), name).toBeLessThan(1e-11);
  }
}

describe('scores of a resample', () => {
  it('are those of its rows written out, ties and lone classes included', () => {
    const size = fc.record({
      bars: fc.integer({ min: 1, max: 30 }),
      symbols: fc.integer({ min: 1, max: 6 }),
      ties: fc.constantFrom(0, 1, 3),
    });
    fc.assert(
      fc.property(fc.integer(), size, (seed, shape) => {
        const input = panel(seed, shape);
        const resampled = new ResampledScores(resampleTable(input));
        const random = createRandom(seed).fork('draws');
        for (let draw = 0; draw < 3; draw++) {
          const counts = resampleBars(shape.bars, { random, blockBars: 3 });
          expectSame(resampled.scores(counts), scorePredictions(writtenOut(input, counts)).scores);
        }
      }),
    );
  });

  it('count pairs exactly: the AUC is equal to the last bit', () => {
    const input = panel(3, { bars: 200, symbols: 20, ties: 0 });
    const counts = resampleBars(200, { random: createRandom(1), blockBars: 8 });
    const { auc } = new ResampledScores(resampleTable(input)).scores(counts);
    expect(auc).toEqual(scorePredictions(writtenOut(input, counts)).scores.auc);
  });

  it('are those of the rows written out where ranks lie in several stretches', () => {
    const input = panel(8, { bars: 400, symbols: 400, ties: 1000 });
    expect(input.y.length).toBeGreaterThan(2 * 32_768);
    const counts = resampleBars(400, { random: createRandom(3), blockBars: 8 });
    const expected = scorePredictions(writtenOut(input, counts)).scores;
    expectSame(new ResampledScores(resampleTable(input)).scores(counts), expected);
  });

  it('keep their digits where a mean is large beside its spread', () => {
    const input = panel(5, { bars: 100, symbols: 4, ties: 0 });
    const far = { ...input, score: input.score.map((value) => 1e6 + value) };
    const counts = resampleBars(100, { random: createRandom(2), blockBars: 5 });
    const [near, shifted] = [input, far].map((one) => new ResampledScores(resampleTable(one)).scores(counts));
    const ic = near!.informationCoefficient.value!;
    expect(Math.abs(shifted!.informationCoefficient.value! - ic)).toBeLessThan(1e-8);
  });

  it('give the intervals that sorting every resample gives', () => {
    const input = panel(9, { bars: 150, symbols: 5, ties: 20 });
    const options = { horizonBars: 4, resamples: 120 };
    const { intervals } = scorePredictions(input, { random: createRandom(6), ...options });
    const random = createRandom(6);
    const each = Array.from({ length: 120 }, () => {
      const counts = resampleBars(150, { random, blockBars: 6 });
      return scorePredictions(writtenOut(input, counts)).scores;
    });
    for (const name of SCORE_NAMES) {
      const values = each.map((scores) => scores[name].value!).sort((a, b) => a - b);
      expect(intervals![name]![0]).toBeCloseTo(quantile(values, 0.025), 12);
      expect(intervals![name]![1]).toBeCloseTo(quantile(values, 0.975), 12);
    }
  });

  it('look at every bar and row a fixed number of times, whatever the number of rows', () => {
    const looks = (symbols: number): { looks: number; rows: number } => {
      const input = panel(2, { bars: 40, symbols, ties: 5 });
      const counts = resampleBars(40, { random: createRandom(4), blockBars: 4 });
      let seen = 0;
      const watched = new Proxy(counts, {
        get: (target, key) => {
          seen++;
          return Reflect.get(target, key) as unknown;
        },
      });
      new ResampledScores(resampleTable(input)).scores(watched);
      return { looks: seen, rows: input.y.length };
    };
    const [few, many] = [looks(4), looks(400)];
    expect(few.looks - 2 * few.rows).toBe(many.looks - 2 * many.rows);
    expect(many.looks).toBeLessThanOrEqual(2 * many.rows + 4 * 40);
  });

  it('are the same on one thread, on several, and on none', async () => {
    const input = panel(11, { bars: 500, symbols: 100, ties: 0 });
    const plain = scorePredictions(input, { random: createRandom(6), horizonBars: 4 });
    expect(input.y.length * 1000).toBeGreaterThan(20_000_000);
    for (const threads of [1, 3]) {
      let shown = 0;
      const onProgress = (fraction: number): void => void (shown = fraction);
      const options = { random: createRandom(6), horizonBars: 4, threads, onProgress };
      expect(await scoreOnThreads(input, options)).toEqual(plain);
      expect(shown).toBe(1);
    }
  });
});
