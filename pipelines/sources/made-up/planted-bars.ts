import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import { createRandom } from '../../../infra/random.ts';
import { usEquities } from '../../calendars/us-equities.ts';
import type { Calendar } from '../../calendars/calendar.ts';
import { parseDay } from '../../calendars/day.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import { createBarClock } from '../files/bar-clock.ts';

export interface PlantedOptions {
  readonly bars: number;
  readonly seed: number;
  readonly symbol?: string;
  /** Correlation between a bar's close location and the simple return of the next bar, -1 to 1. 0: pure noise. */
  readonly correlation?: number;
  /** Standard deviation of a bar's return. */
  readonly volatility?: number;
  /** Mean of a bar's return: 0 for noise, positive for a random walk with drift. */
  readonly drift?: number;
  readonly timeframe?: Timeframe;
  readonly calendar?: Calendar;
  /** First trading day, `YYYY-MM-DD`. */
  readonly start?: string;
}

const FIRST_PRICE = 1000;
const TICK = 0.01;
/**
 * Close locations are drawn evenly from here to 1 minus here: nearer to the ends a range would have to be many times
 * the move.
 */
const EDGE = 0.1;
/** Standard deviation of a uniform draw between the edges: width / sqrt(12). */
const LOCATION_DEVIATION = (1 - 2 * EDGE) / Math.sqrt(12);
/** The range of a bar is at least this many volatilities. */
const RANGE_VOLATILITIES = 1.5;
/** Keeps a long walk without drift at prices where a tick is small beside a move. */
const PRICE_MIN = 1;

const toTick = (price: number): number => Math.max(1, Math.round(price * (1 / TICK))) / (1 / TICK);

/** Where the close lies in the range: 0 at the low, 1 at the high. */
function closeLocation(high: number, low: number, close: number): number {
  return high > low ? (close - low) / (high - low) : 0.5;
}

/**
 * Bars with a known effect and no other: each bar opens at the last close, its close location is an independent even
 * draw, and the next bar's return is `drift + volatility * (correlation * z + sqrt(1 - correlation^2) * noise)`, z
 * being the standardised location of the bar as it was rounded to the tick. So the correlation of location and next
 * return is `correlation` up to sampling error, and no past return says anything about a coming one. Plainly made up:
 * for tests and proofs.
 */
export function plantedBars(options: PlantedOptions): BarColumns {
  const { bars: length, seed, symbol = 'PLANTED', correlation = 0, volatility = 0.01, drift = 0 } = options;
  const { timeframe = '1d', calendar = usEquities, start = '2000-01-03' } = options;
  const random = createRandom(`planted/${seed}`);
  const clock = createBarClock(calendar, timeframe, calendar.nominalHoursOf(parseDay(start)!).openTimeMs);
  const noise = Math.sqrt(1 - correlation * correlation);
  const bars = createBarColumns(symbol, length);
  let last = FIRST_PRICE;
  let signal = 0;
  for (let i = 0; i < length; i++) {
    const slot = clock.next();
    bars.openTimeMs[i] = slot.openTimeMs;
    bars.closeTimeMs[i] = slot.closeTimeMs;
    const change = drift + volatility * (correlation * signal + noise * random.normal());
    const close = toTick(Math.max(PRICE_MIN, last * (1 + change)));
    const location = EDGE + (1 - 2 * EDGE) * random.next();
    // The smallest range that holds the open and puts the close at `location`.
    const needed = close >= last ? (close - last) / location : (last - close) / (1 - location);
    const range = Math.max(needed, RANGE_VOLATILITIES * volatility * close);
    bars.open[i] = last;
    bars.close[i] = close;
    bars.high[i] = Math.max(last, close, toTick(close + (1 - location) * range));
    bars.low[i] = Math.min(last, close, toTick(close - location * range));
    bars.volume[i] = 1_000_000 + random.integer(1_000_000);
    signal = (closeLocation(bars.high[i]!, bars.low[i]!, close) - 0.5) / LOCATION_DEVIATION;
    last = close;
  }
  return bars;
}

/** Bars in which nothing foretells anything. */
export function noiseBars(options: Omit<PlantedOptions, 'correlation' | 'drift'>): BarColumns {
  return plantedBars(options);
}

/** A random walk that rises by `drift` a bar (0.0008: about 22 % a year) and holds nothing else. */
export function driftBars(options: Omit<PlantedOptions, 'correlation'>): BarColumns {
  return plantedBars({ drift: 0.0008, ...options });
}
