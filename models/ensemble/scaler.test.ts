import { expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { quantile } from '../scores/block-bootstrap.ts';
import { fitScaler } from './scaler.ts';

const random = createRandom(9);

/** What `fitScaler` says of a column, from sorted values and their moments. */
function expected(column: readonly number[]): { center: number; factor: number } {
  const values = column.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, values.length - 1));
  const varies = deviation > 1e-12 * Math.abs(mean);
  const iqr = quantile(values, 0.75) - quantile(values, 0.25);
  const spread = iqr > 0 && varies ? iqr / 1.3489795003921634 : varies ? deviation : 0;
  return { center: quantile(values, 0.5), factor: spread > 0 ? 1 / spread : 0 };
}

const COLUMNS: Readonly<Record<string, () => number>> = {
  normal: () => random.normal(),
  'with gaps and infinities': () => [NaN, Infinity, -Infinity, random.normal()][Math.floor(random.next() * 4)]!,
  'a flag that is rarely set': () => (random.next() < 0.1 ? 1 : 0),
  'a constant': () => 5,
  'a large constant with a trace of noise': () => 1e6 + 1e-9 * random.normal(),
  'a large level with small moves': () => 1e9 + random.normal(),
  'prices far apart': () => Math.exp(12 * random.normal()),
};

it.each(Object.entries(COLUMNS))('centres on the median and divides by the interquartile range: %s', (_name, draw) => {
  for (const rows of [2, 5, 47, 48, 3001]) {
    const column = [1, 2, ...Array.from({ length: rows - 2 }, draw)];
    const { center, factor } = fitScaler({ x: Float64Array.from(column), rows, width: 1 });
    expect({ center: center[0], factor: factor[0] }).toEqual(expected(column));
  }
});
