import { InputError, SignalboxError } from '../../infra/errors.ts';
import type { AdjustMode } from '../adjustments/corporate-action.ts';
import { alreadyAdjustedBars } from './already-adjusted-bars.ts';
import type { Finding } from './quality-check.ts';
import type { SeriesQuality } from './quality-store.ts';

/**
 * Refuses bars that look adjusted before they came in where `adjust` would adjust them again, unless the user stands by
 * the actions: what is computed from them would hold jumps that never were. Call before features are computed. Throws
 * InputError naming date and ratios.
 */
export function requireUnadjusted(
  quality: readonly SeriesQuality[],
  { adjust, trustActions }: { readonly adjust: AdjustMode; readonly trustActions?: boolean | undefined },
): void {
  if (adjust === 'raw' || trustActions === true) return;
  for (const { symbol, findings } of quality) {
    const found = findings.find(({ check }) => check === alreadyAdjustedBars.name);
    if (found !== undefined) throw new InputError(`${symbol}: ${found.message}`);
  }
}

/** Bars are not fit for training: more findings of severity `error` than the experiment allows. */
export class QualityGateError extends SignalboxError {}

/**
 * Refuses bars with more than `maxQualityErrors` findings of severity `error` over all series. Call before training.
 * Throws QualityGateError that names the first of them.
 */
export function requireQuality(
  quality: readonly SeriesQuality[],
  {
    maxQualityErrors,
    trustActions,
  }: { readonly maxQualityErrors: number; readonly trustActions?: boolean | undefined },
): void {
  const counts = ({ check, severity }: Finding): boolean =>
    severity === 'error' && !(trustActions === true && check === alreadyAdjustedBars.name);
  const overridden = (one: SeriesQuality): number =>
    one.findings.filter((finding) => finding.severity === 'error' && !counts(finding)).length;
  const errorsOf = (one: SeriesQuality): number => one.errors - overridden(one);
  const errors = quality.reduce((sum, one) => sum + errorsOf(one), 0);
  if (errors <= maxQualityErrors) return;
  const worst = quality.find((one) => errorsOf(one) > 0)!;
  const first = worst.findings.find(counts);
  const where =
    first === undefined
      ? ''
      : ` The first, ${worst.symbol} at ${new Date(first.openTimeMs).toISOString()} (${first.check}): ${first.message}`;
  throw new QualityGateError(
    `The bars have ${errors} quality ${errors === 1 ? 'error' : 'errors'}; the experiment allows ${maxQualityErrors}.${where}`,
    { remedy: 'See all of them with `signalbox check`, correct the source, or raise data.maxQualityErrors.' },
  );
}
