import type { BarColumns } from '../../../features/bar.ts';
import { MINUTE_MS } from '../../../features/timeframe.ts';

/** Bars as text that a page unpacks: a daily bar takes about 12 characters, a minute about 7. */
export interface PackedBars {
  readonly length: number;
  readonly text: string;
  /** Prices are whole numbers of 1 / `scale`. */
  readonly scale: number;
  /** Times lie `step` units of `unitMs` apart, and what the text adds; the first closes at `firstMs`. */
  readonly unitMs: number;
  readonly step: number;
  readonly firstMs: number;
}

/** Digits of 5 bits; 32 is added where another follows, as in source maps. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Significant digits of a price that has more. */
const SIGNIFICANT = 7;
const DECIMALS_MAX = 8;
/** Sums of whole numbers below it are exact. */
const WHOLE_MAX = 2 ** 51;
const UNITS_MS = [MINUTE_MS, 1_000, 1] as const;

/**
 * Packs the first `length` bars: times of closes exactly, prices as they are where eight decimals show them, otherwise
 * to seven significant digits. A price that is no number repeats the last close.
 */
export function packBars(bars: BarColumns, length = bars.length): PackedBars {
  const scale = scaleOf(bars, length);
  const { unitMs, step } = timeUnits(bars.closeTimeMs, length);
  const parts: string[] = [];
  let last = 0;
  const whole = (price: number): number => (Number.isFinite(price) ? Math.round(price * scale) : last);
  for (let at = 0; at < length; at++) {
    if (at > 0) parts.push(digitsOf((bars.closeTimeMs[at]! - bars.closeTimeMs[at - 1]!) / unitMs - step));
    const [open, close] = [whole(bars.open[at]!), whole(bars.close[at]!)];
    const [high, low] = [Math.max(open, close, whole(bars.high[at]!)), Math.min(open, close, whole(bars.low[at]!))];
    parts.push(digitsOf(open - last), digitsOf(close - open));
    parts.push(digitsOf(high - Math.max(open, close)), digitsOf(Math.min(open, close) - low));
    last = close;
  }
  return { length, text: parts.join(''), scale, unitMs, step, firstMs: bars.closeTimeMs[0] ?? 0 };
}

function digitsOf(value: number): string {
  let left = Math.abs(value) * 2 + (value < 0 ? 1 : 0);
  let text = '';
  do {
    const digit = left % 32;
    left = Math.floor(left / 32);
    text += DIGITS[left > 0 ? digit + 32 : digit]!;
  } while (left > 0);
  return text;
}

function scaleOf({ open, high, low, close }: BarColumns, length: number): number {
  let [decimals, most] = [0, 0];
  for (const column of [open, high, low, close]) {
    for (let at = 0; at < length; at++) {
      const price = column[at]!;
      if (!Number.isFinite(price)) continue;
      most = Math.max(most, Math.abs(price));
      while (decimals < DECIMALS_MAX && !isWhole(price * 10 ** decimals)) decimals++;
    }
  }
  const fits = most * 10 ** decimals < WHOLE_MAX;
  if ((decimals < DECIMALS_MAX && fits) || most === 0) return 10 ** decimals;
  return 10 ** (SIGNIFICANT - 1 - Math.floor(Math.log10(most)));
}

const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) <= 1e-9 * Math.abs(value);

/** The coarsest unit that tells every distance, and the least of those. */
function timeUnits(timeMs: Float64Array, length: number): { unitMs: number; step: number } {
  let least = Infinity;
  let unit = 0;
  for (let at = 1; at < length; at++) {
    const apart = timeMs[at]! - timeMs[at - 1]!;
    least = Math.min(least, apart);
    while (unit < UNITS_MS.length - 1 && apart % UNITS_MS[unit]! !== 0) unit++;
  }
  const unitMs = UNITS_MS[unit]!;
  return { unitMs, step: length < 2 ? 0 : least / unitMs };
}
