import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';

/** A part of the bar over its range, 0 in a bar without range. */
class PartOfRange implements BarKernel {
  readonly part: 'body' | 'upper' | 'lower';

  constructor(part: 'body' | 'upper' | 'lower') {
    this.part = part;
  }

  next({ open, high, low, close }: Bar): number {
    if (!(high > low)) return 0;
    if (this.part === 'body') return (close - open) / (high - low);
    return (this.part === 'upper' ? high - Math.max(open, close) : Math.min(open, close) - low) / (high - low);
  }
}

const shape = { version: 1, inputs: 'bar', parameters: [], warmUp: () => 0 } as const;

export const body: BarFeature = {
  ...shape,
  name: 'body',
  source:
    'Body of the bar with its sign over its range: (close - open) / (high - low), in [-1, 1]; 0 in a bar without range.',
  create: () => new PartOfRange('body'),
};

export const upperWick: BarFeature = {
  ...shape,
  name: 'upperwick',
  source: 'Upper shadow over range: (high - max(open, close)) / (high - low), in [0, 1]; 0 in a bar without range.',
  create: () => new PartOfRange('upper'),
};

export const lowerWick: BarFeature = {
  ...shape,
  name: 'lowerwick',
  source: 'Lower shadow over range: (min(open, close) - low) / (high - low), in [0, 1]; 0 in a bar without range.',
  create: () => new PartOfRange('lower'),
};

class Gap implements BarKernel {
  previousClose = NaN;

  next(bar: Bar): number {
    const { previousClose } = this;
    this.previousClose = bar.close;
    return previousClose === 0 ? 0 : (bar.open - previousClose) / previousClose;
  }
}

export const gap: BarFeature = {
  ...shape,
  name: 'gap',
  source: 'Open against the previous close as a fraction: open / previous close - 1; 0 after a close of 0.',
  warmUp: () => 1,
  create: () => new Gap(),
};
