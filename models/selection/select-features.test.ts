import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import type { Dataset } from '../dataset.ts';
import { featureClusters } from './feature-clusters.ts';
import { selectFeatures } from './select-features.ts';
import { agreementWords, selectionAgreement } from './selection-agreement.ts';
import { selectionSchema } from './selection-schema.ts';

/** Noise features of which the first says the label as strongly as `strength`, and the last is the first once more. */
function planted(rows: number, width: number, { strength, seed }: { strength: number; seed: string }): Dataset {
  const random = createRandom(seed);
  const x = Float64Array.from({ length: rows * width }, () => random.normal());
  for (let row = 0; row < rows; row++) x[row * width + width - 1] = x[row * width]! + 0.2 * random.normal();
  const y = Float64Array.from({ length: rows }, (_, row) => (strength * x[row * width]! + random.normal() > 0 ? 1 : 0));
  return {
    featureNames: Array.from({ length: width }, (_, f) => `f${f}`),
    rows,
    width,
    x,
    y,
    weight: new Float64Array(rows).fill(1),
    realisedReturn: y.map((up) => (up === 1 ? 0.01 : -0.01)),
    decisionTimeMs: Float64Array.from({ length: rows }, (_, row) => row * DAY_MS),
    labelEndTimeMs: Float64Array.from({ length: rows }, (_, row) => (row + 3) * DAY_MS),
    symbolIndex: new Int32Array(rows),
    symbols: ['A'],
  };
}

const settings = selectionSchema.parse({ pairs: 4 });
const choose = (data: Dataset, given: object = {}) =>
  selectFeatures(data, { ...settings, ...given }, { random: createRandom('choice') });

describe('selectFeatures', () => {
  it('keeps the feature that says the label, with the one that says the same, in nearly every window', async () => {
    const windows = await Promise.all(
      Array.from({ length: 6 }, (_, seed) => choose(planted(400, 16, { strength: 0.6, seed: `true ${seed}` }))),
    );
    const found = windows.filter(({ kept }) => kept.includes('f0') && kept.includes('f15'));
    expect(found.length).toBeGreaterThanOrEqual(5);
    const agreement = selectionAgreement(windows)!;
    expect(agreement.features[0]!.share).toBeGreaterThanOrEqual(5 / 6);
    expect(agreement.keptMean).toBeLessThan(5);
    expect(agreement.stability).toBeGreaterThan(0.5);
  });

  it('keeps few features of noise, and says where none stands out', async () => {
    const windows = await Promise.all(
      Array.from({ length: 6 }, (_, seed) => choose(planted(400, 16, { strength: 0, seed: `noise ${seed}` }))),
    );
    for (const { kept, offered } of windows) {
      expect(offered).toBe(16);
      expect(kept.length).toBeGreaterThanOrEqual(1);
    }
    expect(selectionAgreement(windows)!.keptMean).toBeLessThan(4);
    expect(windows.filter(({ finding }) => finding?.includes('no features stand out')).length).toBeGreaterThan(0);
  });

  it('is the same for equal input, keeps no more than asked for, and says what it looked at', async () => {
    const data = planted(400, 16, { strength: 0.6, seed: 'true 0' });
    const selection = await choose(data, { maxFeatures: 1 });
    expect(selection).toEqual(await choose(data, { maxFeatures: 1 }));
    expect(selection.kept).toHaveLength(1);
    expect(['f0', 'f15']).toContain(selection.kept[0]);
    expect(selection).toMatchObject({ choices: 8, taken: 2, finding: null });
    expect(selection.clusters[0]).toMatchObject({ share: 1, kept: selection.kept });
    expect(selection.clusters.flatMap(({ features }) => features)).toHaveLength(16);
  });

  it('chooses nothing where there are too few rows of both classes, and says so', async () => {
    const { kept, finding, choices } = await choose(planted(30, 5, { strength: 1, seed: 'few' }));
    expect(kept).toHaveLength(5);
    expect(choices).toBe(0);
    expect(finding).toContain('too few rows');
  });
});

describe('featureClusters', () => {
  it('joins what says the same up or down, and any two of a cluster are alike', () => {
    const random = createRandom('clusters');
    const rows = 300;
    const x = new Float64Array(rows * 4);
    for (let row = 0; row < rows; row++) {
      const [a, b] = [random.normal(), random.normal()];
      x.set([a, b, -(a ** 3), row % 7 === 0 ? NaN : b + 0.1 * random.normal()], row * 4);
    }
    const clusters = featureClusters({ x, rows, width: 4 }, 0.8);
    expect(clusters.map((one) => [...one].sort((left, right) => left - right))).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect(featureClusters({ x, rows, width: 4 }, 1)).toEqual([[0, 2], [1], [3]]);
    const flat = { x: new Float64Array(rows * 2).fill(3), rows, width: 2 };
    expect(featureClusters(flat, 0.5)).toEqual([[0], [1]]);
  });
});

describe('selectionAgreement', () => {
  const kept = (...names: string[]) => ({ kept: names, offered: 4, choices: 8, taken: 2, clusters: [], finding: null });

  it('is 1 where folds keep the same and below 0 where they keep others', () => {
    const same = selectionAgreement([kept('a', 'b'), kept('a', 'b')])!;
    expect(same).toMatchObject({ folds: 2, keptMean: 2, overlap: 1, stability: 1 });
    const other = selectionAgreement([kept('a', 'b'), kept('c', 'd')])!;
    expect(other.overlap).toBe(0);
    expect(other.stability).toBeCloseTo(-1, 12);
    expect(agreementWords(other)).toContain('a in 50 %, b in 50 %');
  });

  it('has no figure of one fold alone, and is none where no fold chose', () => {
    expect(selectionAgreement([])).toBeNull();
    expect(selectionAgreement([kept('a')])).toMatchObject({ overlap: null, stability: null });
  });
});
