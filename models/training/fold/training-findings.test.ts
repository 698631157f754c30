import { expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import type { Dataset } from '../../dataset.ts';
import { fitScaler } from '../../ensemble/scaler.ts';
import { datasetOf } from '../../estimators/known-tables.ts';
import { experimentSchema } from '../../experiment/experiment.ts';
import { trainingFindings } from './training-findings.ts';

const ROWS = 400;
const random = createRandom('findings');

const experimentOf = (...objectives: ('classification' | 'regression')[]) =>
  experimentSchema.parse({
    name: 'findings',
    universe: ['TEST'],
    estimators: objectives.map((objective, at) => ({ name: `member-${at}`, kind: 'random-forest', objective })),
  });

function rowsOf(columns: readonly ((row: number) => number)[], rows = ROWS): Dataset {
  const { length } = columns;
  const x = Float64Array.from({ length: rows * length }, (_, at) => columns[at % length]!(Math.floor(at / length)));
  return datasetOf(
    x,
    Float64Array.from({ length: rows }, (_, row) => row % 2),
  );
}

const findingsOf = (data: Dataset, experiment = experimentOf('classification')): string[] =>
  trainingFindings(data, fitScaler(data), experiment);

it('names the features that nothing can be learned from, and why', () => {
  const data = rowsOf([
    () => random.normal(),
    () => 0.1,
    () => NaN,
    (row) => (row % 9 === 0 ? Infinity : random.normal()),
    () => 1e9 * (1 + 2 ** -52 * random.integer(2)),
    (row) => (row === 0 ? -Infinity : 7),
    (row) => (row % 100 === 0 ? 1 : 0),
    () => 1e9 + random.normal(),
  ]);
  expect(findingsOf(data)).toEqual([
    'feature f1 is constant: nothing is learned from it',
    'feature f2 has no finite value: nothing is learned from it',
    'feature f3 has infinite values, which are cut to the ends of its range',
    'feature f4 varies by less than its rounding: nothing is learned from it',
    'feature f5 has infinite values, which are cut to the ends of its range',
    'feature f5 is constant: nothing is learned from it',
  ]);
});

it('takes a constant for one however many rows it has', () => {
  const data = rowsOf([() => 0.1, (row) => row], 1_200_000);
  const { factor } = fitScaler(data);
  expect(factor[0]).toBe(0);
  expect(factor[1]).toBeGreaterThan(0);
});

it('names members that learn returns whose outliers hide the rest', () => {
  const data = rowsOf([() => random.normal()]);
  const fat = data.y.map(() => 0.01 * random.normal() * (random.next() < 0.02 ? 6 : 1));
  const outlier = fat.map((value, row) => (row === 123 ? 90 : value));
  const of = (realisedReturn: Float64Array, ...objectives: ('classification' | 'regression')[]): string[] =>
    findingsOf({ ...data, realisedReturn }, experimentOf(...objectives));
  expect(of(fat, 'regression')).toEqual([]);
  expect(of(outlier, 'classification')).toEqual([]);
  expect(of(outlier, 'classification', 'regression', 'regression')).toEqual([
    expect.stringMatching(/^the returns that member-1, member-2 learns have outliers that hide all others/),
  ]);
});
