import {
  bearishengulfingpattern,
  bullishengulfingpattern,
  darkcloudcover,
  downsidetasukigap,
  threeblackcrows,
} from 'technicalindicators';
import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import type { Shape } from './candles.ts';
import { CandleWindow } from './candles.ts';
import { OWN_SHAPES } from './shapes.ts';

class Pattern implements BarKernel {
  readonly window: CandleWindow;
  readonly shape: Shape;

  constructor(bars: number, shape: Shape) {
    this.window = new CandleWindow(bars);
    this.shape = shape;
  }

  next(bar: Bar): number {
    return this.window.push(bar) ? +this.shape(this.window.candles()) : NaN;
  }
}

/** Of `technicalindicators` 3.1.0, those whose conditions say what the books say. */
const LIBRARY_SHAPES: readonly { name: string; bars: number; meaning: string; shape: Shape }[] = [
  {
    name: 'bullishengulfing',
    bars: 2,
    meaning: 'a rising body around the falling one before',
    shape: bullishengulfingpattern,
  },
  {
    name: 'bearishengulfing',
    bars: 2,
    meaning: 'a falling body around the rising one before',
    shape: bearishengulfingpattern,
  },
  {
    name: 'darkcloudcover',
    bars: 2,
    meaning: 'opens above a rising bar and closes in the lower half of its body',
    shape: darkcloudcover,
  },
  {
    name: 'threeblackcrows',
    bars: 3,
    meaning: 'three falling bars, each opening in the body before and reaching lower',
    shape: threeblackcrows,
  },
  {
    name: 'downsidetasukigap',
    bars: 3,
    meaning: 'two falling bars with a gap, then a rising one that closes inside the gap',
    shape: downsidetasukigap,
  },
];

/**
 * Candlestick patterns: 1 at the bar that completes the shape, else 0. Look at them with the trend; the shape alone
 * knows none.
 */
export const PATTERNS: readonly BarFeature[] = [...OWN_SHAPES, ...LIBRARY_SHAPES].map(
  ({ name, bars, meaning, shape }) => ({
    name,
    version: 1,
    source: `Candlestick pattern: ${meaning}.`,
    inputs: 'bar',
    parameters: [],
    warmUp: () => bars - 1,
    create: () => new Pattern(bars, shape),
  }),
);
