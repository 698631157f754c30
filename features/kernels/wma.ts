import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Window } from '../rolling/window.ts';

/** Mean of the last n values with weights 1 (oldest) to n (newest). */
export class Wma implements SeriesKernel {
  readonly window: Window;
  readonly inverse: number;

  constructor(n: number) {
    this.window = new Window(n);
    this.inverse = 2 / (n * (n + 1));
  }

  next(x: number): number {
    if (!this.window.push(x)) return NaN;
    const { values, start, length } = this.window;
    let sum = 0;
    for (let i = 0; i < length; i++) sum += values[start + i]! * (i + 1);
    return sum * this.inverse;
  }
}

export const wma: SeriesFeature = {
  name: 'wma',
  version: 1,
  source: 'Linearly weighted moving average: weights 1 to n, the newest value the heaviest.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n')],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new Wma(n!),
};
