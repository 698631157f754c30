import type { PairFeature, PairKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Window } from '../rolling/window.ts';

/** Simple returns of two closes over the last n bars at which both were seen. */
export class ReturnWindows {
  readonly x: Window;
  readonly y: Window;
  previousX = NaN;
  previousY = NaN;

  constructor(n: number) {
    this.x = new Window(n);
    this.y = new Window(n);
  }

  /** True once both windows are full. */
  push(x: number, y: number): boolean {
    const { previousX, previousY } = this;
    this.previousX = x;
    this.previousY = y;
    if (previousX !== previousX) return false;
    this.x.push(previousX === 0 ? 0 : (x - previousX) / previousX);
    return this.y.push(previousY === 0 ? 0 : (y - previousY) / previousY);
  }
}

/** Sums of squared deviations and of their products over two full windows. */
export class Comoments {
  xx = 0;
  yy = 0;
  xy = 0;

  measure(x: Window, y: Window): void {
    const n = x.length;
    let meanX = 0;
    let meanY = 0;
    for (let i = 0; i < n; i++) {
      meanX += x.values[x.start + i]!;
      meanY += y.values[y.start + i]!;
    }
    meanX /= n;
    meanY /= n;
    let xx = 0;
    let yy = 0;
    let xy = 0;
    for (let i = 0; i < n; i++) {
      const dx = x.values[x.start + i]! - meanX;
      const dy = y.values[y.start + i]! - meanY;
      xx += dx * dx;
      yy += dy * dy;
      xy += dx * dy;
    }
    this.xx = xx;
    this.yy = yy;
    this.xy = xy;
  }
}

class Beta implements PairKernel {
  readonly returns: ReturnWindows;
  readonly moments = new Comoments();

  constructor(n: number) {
    this.returns = new ReturnWindows(n);
  }

  next(x: number, y: number): number {
    if (!this.returns.push(x, y)) return NaN;
    this.moments.measure(this.returns.x, this.returns.y);
    return this.moments.yy > 0 ? this.moments.xy / this.moments.yy : 0;
  }
}

export const beta: PairFeature = {
  name: 'beta',
  version: 1,
  source:
    'Covariance of the simple returns of this symbol and the named one / variance of the named one, over n returns; 0 where that one does not move.',
  inputs: 'symbol',
  parameters: [period('n', undefined, 2)],
  warmUp: ([n]) => n!,
  create: ([n]) => new Beta(n!),
};
