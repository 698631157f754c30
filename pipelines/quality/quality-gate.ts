import { InputError, SignalboxError } from '../../infra/errors.ts';
import type { AdjustMode } from '../adjustments/corporate-action.ts';
import { alreadyAdjustedBars } from './already-adjusted-bars.ts';
import type { SeriesQuality } from './quality-store.ts';

/**
 * Refuses bars that were adjusted before they came in where `adjust` would adjust them again, however many errors are
 * allowed: what is computed from them would hold jumps that never were. Call before features are computed. Throws
 * InputError naming date and ratios.
 */
export function requireUnadjusted(quality: readonly SeriesQuality[], adjust: AdjustMode): void {
  if (adjust === 'raw') return;
  for (const { symbol, findings } of quality) {
    const found = findings.find(({ check }) => check === alreadyAdjustedBars.name);
    if (found !== undefined) throw new InputError(`${symbol}: ${found.message}`);
  }
}

/** Bars are not fit for training: more findings of severity `error` than the experiment allows. */
class QualityGateError extends SignalboxError {}

/**
 * Refuses bars with more than `maxQualityErrors` findings of severity `error` over all series. Call before training.
 * Throws QualityGateError that names the first of them.
 */
export function requireQuality(quality: readonly SeriesQuality[], maxQualityErrors: number): void {
  const errors = quality.reduce((sum, one) => sum + one.errors, 0);
  if (errors <= maxQualityErrors) return;
  const worst = quality.find((one) => one.errors > 0)!;
  const first = worst.findings.find(({ severity }) => severity === 'error');
  const where =
    first === undefined
      ? ''
      : ` The first, ${worst.symbol} at ${new Date(first.openTimeMs).toISOString()} (${first.check}): ${first.message}`;
  throw new QualityGateError(
    `The bars have ${errors} quality ${errors === 1 ? 'error' : 'errors'}; the experiment allows ${maxQualityErrors}.${where}`,
    { remedy: 'See all of them with `signalbox check`, correct the source, or raise data.maxQualityErrors.' },
  );
}
