import type { Bar } from '../bar.ts';
import { steppedLogRatio } from '../fitted/bar-return.ts';
import { DECAY } from '../fitted/ewma.ts';
import { FitSchedule, firstFit } from '../fitted/fit-schedule.ts';
import { fitGarch, GARCH_RETURNS_MIN } from '../fitted/garch.ts';
import type { BarFeature, BarKernel, Choices } from '../kernel.ts';
import { period } from '../kernel.ts';

class Garch implements BarKernel {
  readonly schedule: FitSchedule;
  readonly fitsMean: boolean;
  previousClose = NaN;
  seen = false;
  mu = 0;
  omega = 0;
  alpha = 1 - DECAY;
  beta = DECAY;
  variance = 0;

  constructor(window: number, every: number, { mean }: Choices) {
    this.schedule = new FitSchedule(window, every);
    this.fitsMean = mean !== 'zero';
  }

  next(bar: Bar): number {
    const { close } = bar;
    const { previousClose, schedule, seen } = this;
    this.previousClose = close;
    this.seen = true;
    if (!seen) return NaN;
    const move = steppedLogRatio(close, previousClose);
    const residual = move - this.mu;
    this.variance = this.omega + this.alpha * residual * residual + this.beta * this.variance;
    if (schedule.push(move, bar)) this.#fit();
    return schedule.begun ? Math.sqrt(this.variance) : NaN;
  }

  #fit(): void {
    const fit = fitGarch(this.schedule.values(), { mean: this.fitsMean ? 'constant' : 'zero' });
    this.mu = fit?.mu ?? 0;
    this.omega = fit?.omega ?? 0;
    this.alpha = fit?.alpha ?? 1 - DECAY;
    this.beta = fit?.beta ?? DECAY;
    if (fit !== null) this.variance = fit.nextVariance;
  }
}

export const garch: BarFeature = {
  name: 'garch',
  version: 1,
  source:
    'Forecast of the volatility of the next bar by a GARCH(1,1) (Bollerslev, 1986) of logarithmic returns, per bar: fitted by maximum likelihood every `every` bar lengths of the clock to the last `window` returns, or all where there are fewer; RiskMetrics with 0.94 where they do not vary.',
  inputs: 'bar',
  parameters: [period('window', 504, GARCH_RETURNS_MIN), period('every', 30)],
  choices: [{ name: 'mean', values: ['constant', 'zero'], meaning: 'whether the mean of the returns is fitted' }],
  warmUp: ([window]) => firstFit(window!),
  create: ([window, every], choices) => new Garch(window!, every!, choices),
};
