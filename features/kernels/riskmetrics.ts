import type { Bar } from '../bar.ts';
import { steppedLogRatio } from '../fitted/bar-return.ts';
import { DECAY, ewmaVariance } from '../fitted/ewma.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';

/** Squared returns whose mean the smoothing starts with. */
const FIRST_RETURNS = 20;

class RiskMetrics implements BarKernel {
  readonly decay: number;
  previousClose = NaN;
  /** Returns so far, at most one more than those of the start. */
  count = -1;
  variance = 0;

  constructor(decay: number) {
    this.decay = decay;
  }

  next({ close }: Bar): number {
    const { previousClose } = this;
    this.previousClose = close;
    if (this.count <= FIRST_RETURNS) this.count += 1;
    if (this.count === 0) return NaN;
    const move = steppedLogRatio(close, previousClose);
    if (this.count > FIRST_RETURNS) this.variance = ewmaVariance(this.variance, move, this.decay);
    else this.variance += (move * move) / FIRST_RETURNS;
    return this.count < FIRST_RETURNS ? NaN : Math.sqrt(this.variance);
  }
}

export const riskMetrics: BarFeature = {
  name: 'riskmetrics',
  version: 1,
  source:
    'Forecast of the volatility of the next bar, RiskMetrics (J.P. Morgan, 1996): root of exponentially smoothed squared logarithmic returns, per bar; starts with the mean of the first 20.',
  inputs: 'bar',
  parameters: [{ name: 'decay', fallback: DECAY, min: 0, max: 1, integer: false }],
  warmUp: () => FIRST_RETURNS,
  create: ([decay]) => new RiskMetrics(decay!),
};
