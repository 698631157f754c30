import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { areaUnderCurve, datasetOf, peerTable } from '../known-tables.ts';
import { BINS_MAX, Binner, fitBins } from '../trees/feature-bins.ts';
import { randomForest } from './random-forest.ts';

describe('feature bins', () => {
  it('agree with counting the cuts below a value, for any spread of values', () => {
    const random = createRandom(1);
    const rows = 3000;
    const makers = [
      () => random.normal(),
      () => 1 / (random.next() + 1e-9),
      () => Math.floor(random.next() * 4),
      () => 1e15 + random.integer(5),
      () => -(10 ** (40 * random.next())),
      () => 5e-324 * random.integer(9),
    ];
    const x = Float64Array.from({ length: rows * makers.length }, (_, cell) => makers[cell % makers.length]!());
    const bins = fitBins(x, rows, makers.length);
    const binner = new Binner(bins);
    for (let feature = 0; feature < makers.length; feature++) {
      const cuts = bins.cuts.subarray(bins.offsets[feature]!, bins.offsets[feature + 1]!);
      expect(cuts.length).toBeLessThan(BINS_MAX);
      const wrong: number[] = [];
      for (let row = 0; row < rows; row++) {
        const value = x[row * makers.length + feature]!;
        if (binner.binOf(feature, value) !== 1 + cuts.filter((cut) => cut < value).length) wrong.push(value);
      }
      expect(wrong).toEqual([]);
      expect(binner.binOf(feature, NaN)).toBe(0);
      expect(binner.binOf(feature, -Infinity)).toBe(1);
      expect(binner.binOf(feature, Infinity)).toBe(cuts.length + 1);
    }
  });

  it('give each of few distinct values a bin of its own', () => {
    const bins = fitBins(Float64Array.of(3, 1, 2, 2, NaN, 3), 6, 1);
    expect([...bins.cuts]).toEqual([1.5, 2.5]);
  });
});

describe('random forest', () => {
  const { x, y } = peerTable(12_000, 40, 7);
  const train = datasetOf(x.slice(0, 9000 * 40), y.slice(0, 9000));
  const held = { x: x.slice(9000 * 40), y: y.slice(9000) };

  it('reaches the area under the curve of its peers on a reduced table', async () => {
    const params = randomForest.params.parse({ trees: 40, maxDepth: 12 });
    const model = await randomForest.fit(train, params, { random: createRandom(1), threads: 2 });
    expect(areaUnderCurve(model.predict(held.x, 3000), held.y)).toBeGreaterThan(0.675);
  });

  it('learns from missing values: a gap that tells the class is used', async () => {
    const random = createRandom(2);
    const rows = 1000;
    const labels = Float64Array.from({ length: rows }, () => (random.next() < 0.5 ? 0 : 1));
    const gaps = Float64Array.from({ length: rows * 2 }, (_, cell) =>
      cell % 2 === 0 && labels[cell >> 1] === 1 && random.next() < 0.8 ? NaN : random.normal(),
    );
    const model = await randomForest.fit(datasetOf(gaps, labels), randomForest.params.parse({ trees: 20 }), {
      random: createRandom(1),
    });
    const [missing, present] = model.predict(Float64Array.of(NaN, 0, 0, 0), 2);
    expect(missing).toBeGreaterThan(0.85);
    expect(present).toBeLessThan(0.35);
  });

  it('heeds row weights and class weights', async () => {
    const rows = 2000;
    const random = createRandom(3);
    const same = new Float64Array(rows).fill(1);
    const labels = Float64Array.from({ length: rows }, (_, row) => (row % 10 === 0 ? 1 : 0));
    const fit = async (weight: Float64Array, extra: object): Promise<number> => {
      const noise = Float64Array.from({ length: rows }, () => random.normal());
      const params = randomForest.params.parse({ trees: 10, maxDepth: 2, minLeafRows: 100, ...extra });
      const model = await randomForest.fit(datasetOf(noise, labels, weight), params, { random: createRandom(1) });
      return model.predict(Float64Array.of(0), 1)[0]!;
    };
    expect(await fit(same, {})).toBeCloseTo(0.1, 1);
    expect(
      await fit(
        labels.map((label) => (label === 1 ? 9 : 1)),
        {},
      ),
    ).toBeCloseTo(0.5, 1);
    expect(await fit(same, { classWeight: 'balanced' })).toBeCloseTo(0.5, 1);
  });

  it('samples with replacement too', async () => {
    const params = randomForest.params.parse({ trees: 20, sampling: 'bootstrap', rowFraction: 1, minLeafRows: 1 });
    const model = await randomForest.fit(train, params, { random: createRandom(1) });
    expect(areaUnderCurve(model.predict(held.x, 3000), held.y)).toBeGreaterThan(0.66);
  });
});
