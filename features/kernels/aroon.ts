import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Window } from '../rolling/window.ts';

class Aroon implements BarKernel {
  readonly out = new Float64Array(3).fill(NaN);
  readonly n: number;
  readonly latest: boolean;
  readonly highs: Window;
  readonly lows: Window;

  constructor(n: number, latest: boolean) {
    this.n = n;
    this.latest = latest;
    this.highs = new Window(n + 1);
    this.lows = new Window(n + 1);
  }

  next(bar: Bar): number {
    this.highs.push(bar.high);
    if (!this.lows.push(bar.low)) return NaN;
    const { highs, lows, latest, n, out } = this;
    let high = -Infinity;
    let low = Infinity;
    let highAt = 0;
    let lowAt = 0;
    for (let i = 0; i <= n; i++) {
      const h = highs.values[highs.start + i]!;
      const l = lows.values[lows.start + i]!;
      if (h > high || (latest && h === high)) {
        high = h;
        highAt = i;
      }
      if (l < low || (latest && l === low)) {
        low = l;
        lowAt = i;
      }
    }
    out[0] = (100 * highAt) / n;
    out[1] = (100 * lowAt) / n;
    out[2] = out[0] - out[1];
    return out[0];
  }
}

export const aroon: BarFeature = {
  name: 'aroon',
  version: 1,
  source:
    'Aroon, Tushar Chande (1995): how recently, in percent of n, the highest high and lowest low of n + 1 bars came.',
  inputs: 'bar',
  parameters: [period('n', 25)],
  choices: [{ name: 'ties', values: ['earliest', 'latest'], meaning: 'which of equal extremes counts' }],
  outputs: ['up', 'down', 'oscillator'],
  warmUp: ([n]) => n!,
  create: ([n], { ties }) => new Aroon(n!, ties === 'latest'),
};
