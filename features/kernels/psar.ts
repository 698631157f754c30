import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel, Parameter } from '../kernel.ts';

/**
 * The first trend is a guess, so that nothing is shown up to the bar of the first reversal, unless that has not come
 * for so many bars.
 */
const HIDDEN_BARS_MAX = 100;

class ParabolicSar implements BarKernel {
  readonly step: number;
  readonly limit: number;
  hidden: boolean;
  count = 0;
  rising = true;
  sar = 0;
  extreme = 0;
  acceleration: number;
  high1 = 0;
  high2 = 0;
  low1 = 0;
  low2 = 0;

  constructor(step: number, limit: number, hidden: boolean) {
    this.step = step;
    this.limit = limit;
    this.acceleration = step;
    this.hidden = hidden;
  }

  next(bar: Bar): number {
    const shown = !this.hidden || this.count === HIDDEN_BARS_MAX;
    if (this.count === 0) {
      this.sar = bar.low;
      this.extreme = bar.high;
    } else if (this.#move(bar)) this.hidden = false;
    this.high2 = this.count === 0 ? bar.high : this.high1;
    this.low2 = this.count === 0 ? bar.low : this.low1;
    this.high1 = bar.high;
    this.low1 = bar.low;
    if (this.count < HIDDEN_BARS_MAX) this.count += 1;
    return shown ? this.sar : NaN;
  }

  /** Moves the stop by one bar; true when the trend turned. */
  #move(bar: Bar): boolean {
    const free = this.sar + this.acceleration * (this.extreme - this.sar);
    const early = this.count < 2;
    const bounded = this.rising
      ? Math.min(free, early ? free : Math.min(this.low1, this.low2))
      : Math.max(free, early ? free : Math.max(this.high1, this.high2));
    const turned = this.rising ? bar.low < bounded : bar.high > bounded;
    if (turned) {
      this.rising = !this.rising;
      this.sar = this.extreme;
      this.acceleration = this.step;
      this.extreme = this.rising ? bar.high : bar.low;
      return true;
    }
    this.sar = bounded;
    if (this.rising ? bar.high > this.extreme : bar.low < this.extreme) {
      this.extreme = this.rising ? bar.high : bar.low;
      this.acceleration = Math.min(this.acceleration + this.step, this.limit);
    }
    return false;
  }
}

const factor = (name: string, fallback: number): Parameter => ({ name, fallback, min: 0.0001, max: 1, integer: false });

export const psar: BarFeature = {
  name: 'psar',
  version: 1,
  source: 'Parabolic stop and reverse, Wilder (1978); the first bar counts as rising.',
  inputs: 'bar',
  parameters: [factor('step', 0.02), factor('max', 0.2)],
  choices: [
    {
      name: 'guess',
      values: ['hidden', 'shown'],
      meaning: 'hide the guessed first trend (until the first reversal, 100 bars at most), or show it',
    },
  ],
  check: ([step, max]) => (step! <= max! ? null : 'step must not exceed max'),
  warmUp: (_, { guess }) => (guess === 'shown' ? 0 : HIDDEN_BARS_MAX),
  warmUpIsBound: true,
  create: ([step, max], { guess }) => new ParabolicSar(step!, max!, guess === 'hidden'),
};
