import type { MeasuredCoverage } from '../../models/intervals/measured-coverage.ts';
import { percent, plural } from '../number-format.ts';

/** What the intervals of predictions are worth, in a sentence. */
export function coverageWords({ level, rows, coverage, interval, meanWidth, oneSided }: MeasuredCoverage): string {
  const wanted = `intervals of ${percent(level, 0)} for the returns after predictions`;
  if (coverage === null) return `coverage: too few outcomes were known for ${wanted}.`;
  const bounds = interval === null ? '' : ` (${percent(interval[0], 1)} to ${percent(interval[1], 1)})`;
  const held = interval !== null && (interval[1] < level || interval[0] > level) ? 'do not hold' : 'hold';
  return (
    `coverage: ${wanted} ${held}: ${percent(coverage, 1)}${bounds} of ${plural(rows, 'return')} lay within, at a mean ` +
    `width of ${percent(meanWidth)}; ${percent(oneSided, 1)} of the intervals leave out zero.`
  );
}
