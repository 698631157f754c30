import { spanText } from '../../../../infra/alerts/rules/span-text.ts';
import type { Metric, Rule } from './alert-queries.ts';

const COUNT = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 4 });

/** A value of a metric, in its unit. */
function valueText(value: number, unit: string | undefined): string {
  if (unit === 'ratio') return `${COUNT.format(100 * value)} %`;
  if (unit === 'bytes') return `${COUNT.format(value / 1e9)} GB`;
  if (unit === 'ms') return `${COUNT.format(value)} ms`;
  return COUNT.format(value);
}

/** What makes a rule an alert, in words. */
export function boundText({ metric, above, threshold, windowSeconds }: Rule, metrics: readonly Metric[]): string {
  const unit = metrics.find(({ name }) => name === metric)?.unit;
  const over = windowSeconds === null ? '' : ` over ${spanText(windowSeconds)}`;
  return `${metric}${over} ${above ? 'at or above' : 'at or below'} ${valueText(threshold, unit)}`;
}
