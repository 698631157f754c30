import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Window } from '../rolling/window.ts';

class Ulcer implements SeriesKernel {
  readonly window: Window;

  constructor(n: number) {
    this.window = new Window(n);
  }

  next(x: number): number {
    if (!this.window.push(x)) return NaN;
    const { values, start, length } = this.window;
    let highest = -Infinity;
    let sum = 0;
    for (let i = start; i < start + length; i++) {
      highest = Math.max(highest, values[i]!);
      const retreat = highest > 0 ? (100 * (values[i]! - highest)) / highest : 0;
      sum += retreat * retreat;
    }
    return Math.sqrt(sum / length);
  }
}

export const ulcer: SeriesFeature = {
  name: 'ulcer',
  version: 1,
  source:
    'Ulcer index, Peter Martin (1987): root mean square of the retreats, in percent, from the highest value so far within the last n.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n', 14)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new Ulcer(n!),
};
