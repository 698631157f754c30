import type { Bar } from '../bar.ts';
import { FitSchedule, firstFit } from '../fitted/fit-schedule.ts';
import { fitHar, forecastHar, HAR_ROWS_MIN, type HarFit, type HarSpans } from '../fitted/har.ts';
import type { BarFeature, BarKernel, Choices } from '../kernel.ts';
import { period } from '../kernel.ts';
import { BarVariance, VARIANCE_OF } from './bar-volatility.ts';

/** The mean of a month, which stands in where there is no fit. */
const MONTH_ALONE = { intercept: 0, day: 0, week: 0, month: 1, least: 0, most: Infinity, mean: 0 };

class Har implements BarKernel {
  readonly schedule: FitSchedule;
  readonly week: number;
  readonly month: number;
  readonly variance: BarVariance;
  readonly fit = { ...MONTH_ALONE };

  constructor(schedule: FitSchedule, { week, month }: HarSpans, choices: Choices) {
    this.schedule = schedule;
    this.week = week;
    this.month = month;
    this.variance = new BarVariance(choices);
  }

  next(bar: Bar): number {
    const { schedule } = this;
    const variance = this.variance.next(bar);
    if (variance !== variance) return NaN;
    if (schedule.push(variance, bar)) {
      const found: HarFit | null = fitHar(schedule.values(), this);
      Object.assign(this.fit, found ?? MONTH_ALONE);
    }
    return schedule.begun ? Math.sqrt(forecastHar(this.fit, schedule.values(), this)) : NaN;
  }
}

/** Bars that a first fit needs. */
const leastOf = (month: number): number => month + HAR_ROWS_MIN;

export const har: BarFeature = {
  name: 'har',
  version: 1,
  source:
    'Forecast of the volatility of the next bar by the heterogeneous autoregression of realised variances (Corsi, 2009), per bar: least squares of a variance on the last one and on means of `week` and `month` bars, every `every` bar lengths of the clock on the last `window`, or all where there are fewer; the mean of a month where they do not tell the coefficients apart.',
  inputs: 'bar',
  parameters: [period('window', 504, 20), period('every', 30), period('week', 5, 2), period('month', 22, 3)],
  choices: [VARIANCE_OF],
  check: ([window, , week, month]) => {
    if (week! >= month!) return 'week must be shorter than month';
    return window! >= leastOf(month!) ? null : `window must be at least month + ${HAR_ROWS_MIN}`;
  },
  warmUp: ([window, , , month]) => firstFit(window!, leastOf(month!)),
  create: ([window, every, week, month], choices) =>
    new Har(
      new FitSchedule(window!, every!, firstFit(window!, leastOf(month!))),
      { week: week!, month: month! },
      choices,
    ),
};
