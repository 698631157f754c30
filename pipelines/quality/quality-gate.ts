import { SignalboxError } from '../../infra/errors.ts';
import type { SeriesQuality } from './quality-store.ts';

/** Bars are not fit for training: more findings of severity `error` than the experiment allows. */
export class QualityGateError extends SignalboxError {}

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
