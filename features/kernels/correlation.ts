import type { PairFeature, PairKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Window } from '../rolling/window.ts';
import { Comoments, ReturnWindows } from './beta.ts';

/** In [-1, 1]; 0 where one of the two does not move. */
function correlationOf({ xx, yy, xy }: Comoments): number {
  if (!(xx > 0 && yy > 0)) return 0;
  return Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
}

class ReturnCorrelation implements PairKernel {
  readonly returns: ReturnWindows;
  readonly moments = new Comoments();

  constructor(n: number) {
    this.returns = new ReturnWindows(n);
  }

  next(x: number, y: number): number {
    if (!this.returns.push(x, y)) return NaN;
    this.moments.measure(this.returns.x, this.returns.y);
    return correlationOf(this.moments);
  }
}

class LevelCorrelation implements PairKernel {
  readonly x: Window;
  readonly y: Window;
  readonly moments = new Comoments();

  constructor(n: number) {
    this.x = new Window(n);
    this.y = new Window(n);
  }

  next(x: number, y: number): number {
    this.x.push(x);
    if (!this.y.push(y)) return NaN;
    this.moments.measure(this.x, this.y);
    return correlationOf(this.moments);
  }
}

export const correlation: PairFeature = {
  name: 'correlation',
  version: 1,
  source:
    'Pearson correlation with the named symbol over n simple returns (of=prices: over n closes); 0 where one of the two does not move.',
  inputs: 'symbol',
  parameters: [period('n', undefined, 2)],
  choices: [
    { name: 'of', values: ['returns', 'prices'], meaning: 'correlate simple returns, or the closes themselves' },
  ],
  warmUp: ([n], { of }) => (of === 'prices' ? n! - 1 : n!),
  create: ([n], { of }) => (of === 'prices' ? new LevelCorrelation(n!) : new ReturnCorrelation(n!)),
};

export const pairCorrelation: PairFeature = {
  name: 'seriescorrelation',
  version: 1,
  source: 'Pearson correlation of two series of one symbol over n values; 0 where one of the two does not move.',
  inputs: 'pair',
  parameters: [period('n', undefined, 2)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new LevelCorrelation(n!),
};
