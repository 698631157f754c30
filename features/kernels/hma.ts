import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Wma } from './wma.ts';

const smoothing = (n: number): number => Math.max(1, Math.floor(Math.sqrt(n)));

class Hma implements SeriesKernel {
  readonly half: Wma;
  readonly whole: Wma;
  readonly smooth: Wma;

  constructor(n: number) {
    this.half = new Wma(Math.floor(n / 2));
    this.whole = new Wma(n);
    this.smooth = new Wma(smoothing(n));
  }

  next(x: number): number {
    const half = this.half.next(x);
    const whole = this.whole.next(x);
    return whole === whole ? this.smooth.next(2 * half - whole) : NaN;
  }
}

export const hma: SeriesFeature = {
  name: 'hma',
  version: 1,
  source: 'Hull moving average, Alan Hull (2005): WMA(sqrt n) of 2 WMA(n / 2) - WMA(n); both lengths rounded down.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n', undefined, 2)],
  warmUp: ([n]) => n! + smoothing(n!) - 2,
  create: ([n]) => new Hma(n!),
};
