import { above, ROUNDING } from '../rounding.ts';
import type { Candles, Shape } from './candles.ts';

/**
 * Shapes written here because those of `technicalindicators` 3.1.0 are not what the words mean:
 * - its doji, marubozu and hammers call two prices equal within 0.1 % of the price, which on one-minute bars makes
 *   nearly every bar a doji; here a body is measured against the range of its own bar;
 * - its hammer allows a body of twice the shadow where the shadow must be twice the body; its bearish spinning top
 *   takes the whole range for the lower shadow, its bullish one may be bearish;
 * - its harami does not look at the colour of the second bar; its stars do not look at the size of the middle body; its
 *   white soldiers may open below the body before; its piercing line may close above the first open, which is an
 *   engulfing. Definitions after Steve Nison, Japanese Candlestick Charting Techniques (1991).
 */
const SMALL_BODY = 0.3;
const DOJI_BODY = 0.1;
const LONG_BODY = 0.6;
const MARUBOZU_BODY = 0.95;
const SHORT_SHADOW = 0.1;

const range = (c: Candles, i: number): number => c.high[i]! - c.low[i]!;
const body = (c: Candles, i: number): number => Math.abs(c.close[i]! - c.open[i]!);
const upper = (c: Candles, i: number): number => c.high[i]! - Math.max(c.open[i]!, c.close[i]!);
const lower = (c: Candles, i: number): number => Math.min(c.open[i]!, c.close[i]!) - c.low[i]!;
const rising = (c: Candles, i: number): boolean => c.close[i]! > c.open[i]!;
const falling = (c: Candles, i: number): boolean => c.close[i]! < c.open[i]!;
const middle = (c: Candles, i: number): number => (c.open[i]! + c.close[i]!) / 2;
/** Lengths are differences of prices: one at its bound but for the rounding of those is at the bound. */
const slack = (c: Candles, i: number): number => ROUNDING * c.high[i]!;
const isDoji = (c: Candles, i: number): boolean =>
  range(c, i) > 0 && body(c, i) <= DOJI_BODY * range(c, i) + slack(c, i);
const isLong = (c: Candles, i: number): boolean => body(c, i) >= LONG_BODY * range(c, i) - slack(c, i);
const isSmall = (c: Candles, i: number): boolean => body(c, i) <= SMALL_BODY * range(c, i) + slack(c, i);
const shortUpper = (c: Candles, i: number): boolean => upper(c, i) <= SHORT_SHADOW * range(c, i) + slack(c, i);
const shortLower = (c: Candles, i: number): boolean => lower(c, i) <= SHORT_SHADOW * range(c, i) + slack(c, i);
const bottom = (c: Candles, i: number): number => Math.min(c.open[i]!, c.close[i]!);
const top = (c: Candles, i: number): number => Math.max(c.open[i]!, c.close[i]!);

const marubozu = (c: Candles): boolean => body(c, 0) > 0 && body(c, 0) >= MARUBOZU_BODY * range(c, 0) - slack(c, 0);
const spinningTop = (c: Candles): boolean =>
  isSmall(c, 0) && body(c, 0) < Math.min(upper(c, 0), lower(c, 0)) - slack(c, 0);
/** The second body lies inside the first, which is long. */
const inside = (c: Candles): boolean => isLong(c, 0) && bottom(c, 1) > bottom(c, 0) && top(c, 1) < top(c, 0);
const hammer = (c: Candles): boolean =>
  range(c, 0) > 0 && isSmall(c, 0) && lower(c, 0) >= 2 * body(c, 0) - slack(c, 0) && shortUpper(c, 0);
const invertedHammer = (c: Candles): boolean =>
  range(c, 0) > 0 && isSmall(c, 0) && upper(c, 0) >= 2 * body(c, 0) - slack(c, 0) && shortLower(c, 0);
const morning = (c: Candles): boolean =>
  falling(c, 0) && isLong(c, 0) && top(c, 1) < bottom(c, 0) && rising(c, 2) && above(c.close[2]!, middle(c, 0));
const evening = (c: Candles): boolean =>
  rising(c, 0) && isLong(c, 0) && bottom(c, 1) > top(c, 0) && falling(c, 2) && above(middle(c, 0), c.close[2]!);

/** Shape by name, with the number of bars it reads and its meaning. */
export const OWN_SHAPES: readonly { name: string; bars: number; meaning: string; shape: Shape }[] = [
  { name: 'doji', bars: 1, meaning: 'a body of at most a tenth of the range', shape: (c) => isDoji(c, 0) },
  {
    name: 'dragonflydoji',
    bars: 1,
    meaning: 'a doji at the top of its range',
    shape: (c) => isDoji(c, 0) && shortUpper(c, 0),
  },
  {
    name: 'gravestonedoji',
    bars: 1,
    meaning: 'a doji at the bottom of its range',
    shape: (c) => isDoji(c, 0) && shortLower(c, 0),
  },
  {
    name: 'bullishmarubozu',
    bars: 1,
    meaning: 'a rising body that fills the bar',
    shape: (c) => rising(c, 0) && marubozu(c),
  },
  {
    name: 'bearishmarubozu',
    bars: 1,
    meaning: 'a falling body that fills the bar',
    shape: (c) => falling(c, 0) && marubozu(c),
  },
  {
    name: 'bullishspinningtop',
    bars: 1,
    meaning: 'a small rising body between longer shadows',
    shape: (c) => rising(c, 0) && spinningTop(c),
  },
  {
    name: 'bearishspinningtop',
    bars: 1,
    meaning: 'a small falling body between longer shadows',
    shape: (c) => falling(c, 0) && spinningTop(c),
  },
  {
    name: 'hammer',
    bars: 1,
    meaning: 'a small body at the top, a lower shadow of at least twice its size',
    shape: hammer,
  },
  {
    name: 'invertedhammer',
    bars: 1,
    meaning: 'a small body at the bottom, an upper shadow of at least twice its size',
    shape: invertedHammer,
  },
  {
    name: 'bullishharami',
    bars: 2,
    meaning: 'a rising body inside a long falling one',
    shape: (c) => falling(c, 0) && rising(c, 1) && inside(c),
  },
  {
    name: 'bearishharami',
    bars: 2,
    meaning: 'a falling body inside a long rising one',
    shape: (c) => rising(c, 0) && falling(c, 1) && inside(c),
  },
  {
    name: 'bullishharamicross',
    bars: 2,
    meaning: 'a doji inside a long falling body',
    shape: (c) => falling(c, 0) && isDoji(c, 1) && inside(c),
  },
  {
    name: 'bearishharamicross',
    bars: 2,
    meaning: 'a doji inside a long rising body',
    shape: (c) => rising(c, 0) && isDoji(c, 1) && inside(c),
  },
  {
    name: 'piercingline',
    bars: 2,
    meaning: 'opens below a falling bar and closes in the upper half of its body',
    shape: (c) =>
      falling(c, 0) &&
      rising(c, 1) &&
      c.open[1]! < c.low[0]! &&
      above(c.close[1]!, middle(c, 0)) &&
      c.close[1]! < c.open[0]!,
  },
  {
    name: 'darkcloudcover',
    bars: 2,
    meaning: 'opens above a rising bar and closes in the lower half of its body',
    shape: (c) =>
      rising(c, 0) &&
      falling(c, 1) &&
      c.open[1]! > c.high[0]! &&
      above(middle(c, 0), c.close[1]!) &&
      c.close[1]! > c.open[0]!,
  },
  {
    name: 'morningstar',
    bars: 3,
    meaning: 'falling, a small body below it, rising into the first body',
    shape: (c) => isSmall(c, 1) && morning(c),
  },
  {
    name: 'eveningstar',
    bars: 3,
    meaning: 'rising, a small body above it, falling into the first body',
    shape: (c) => isSmall(c, 1) && evening(c),
  },
  { name: 'morningdojistar', bars: 3, meaning: 'a morning star with a doji', shape: (c) => isDoji(c, 1) && morning(c) },
  {
    name: 'eveningdojistar',
    bars: 3,
    meaning: 'an evening star with a doji',
    shape: (c) => isDoji(c, 1) && evening(c),
  },
  {
    name: 'threewhitesoldiers',
    bars: 3,
    meaning: 'three rising bars, each opening in the body before and closing higher',
    shape: (c) =>
      [0, 1, 2].every((i) => rising(c, i)) &&
      [1, 2].every((i) => c.open[i]! > c.open[i - 1]! && c.open[i]! < c.close[i - 1]! && c.close[i]! > c.close[i - 1]!),
  },
];
