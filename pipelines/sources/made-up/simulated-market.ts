import type { BarColumns } from '../../../features/bar.ts';
import { createBarColumns, sliceBarColumns } from '../../../features/bar.ts';
import type { Random } from '../../../infra/random.ts';
import { createRandom } from '../../../infra/random.ts';
import type { Calendar } from '../../calendars/calendar.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import { createBarClock } from '../files/bar-clock.ts';

/** Sectors that simulated symbols are dealt into, in turn. */
export const SIMULATED_SECTORS = [
  'technology',
  'financials',
  'health',
  'energy',
  'industrials',
  'consumer',
  'utilities',
  'materials',
] as const;

/** Smallest price step of a simulated symbol, in its currency. */
export const SIMULATED_TICK = 0.01;

/**
 * A state of the whole market: daily volatility and drift of the common factor, and how many days it lasts on average.
 */
interface Regime {
  readonly volatility: number;
  readonly drift: number;
  readonly meanDays: number;
}

const REGIMES: readonly Regime[] = [
  { volatility: 0.006, drift: 0.0006, meanDays: 120 },
  { volatility: 0.012, drift: 0.0001, meanDays: 40 },
  { volatility: 0.026, drift: -0.0015, meanDays: 15 },
];

/**
 * A standard deviate with fat tails: one draw in twenty is 2.8 times as wide (kurtosis about 6.7), scaled to unit
 * variance.
 */
function fatTailed(random: Random): number {
  const wide = random.next() < 0.05;
  return (random.normal() * (wide ? 2.8 : 1)) / 1.1584472366059664;
}

/**
 * About exp(0.5 z), mean 1.1, by multiplications only, so that it is the same on every machine: lognormal-like volume.
 */
function lognormalLike(z: number): number {
  const base = Math.max(0.2, 1 + z / 16);
  const square = base * base;
  const fourth = square * square;
  return fourth * fourth;
}

/** Returns of a factor, bar by bar. `share` is the part of a trading day that the bar covers. */
interface Factor {
  next(share: number): number;
}

/** The market as a whole: it moves between regimes. */
function createMarketFactor(random: Random): Factor & { regime(): Regime } {
  let regime = REGIMES[random.integer(REGIMES.length)]!;
  return {
    regime: () => regime,
    next: (share) => {
      if (random.next() < share / regime.meanDays) regime = REGIMES[random.integer(REGIMES.length)]!;
      return regime.drift * share + regime.volatility * Math.sqrt(share) * fatTailed(random);
    },
  };
}

function createSectorFactor(random: Random): Factor {
  return { next: (share) => 0.005 * Math.sqrt(share) * fatTailed(random) };
}

export interface SimulatedSeriesOptions {
  readonly seed: number;
  /** Position of the symbol in the universe, from 0: decides its sector and its own randomness. */
  readonly index: number;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly calendar: Calendar;
  /** First bar is the first of the first trading day at or after this time. */
  readonly startMs: number;
  readonly bars: number;
}

/** Part of a day's variance that falls between the close and the next open. */
const OVERNIGHT_SHARE = 0.2;
/** Outside these prices a small pull keeps a path of any length in the range that ticks suit. */
const PRICE_LOW = 5;
const PRICE_HIGH = 2000;
const PULL_PER_DAY = 0.003;

const toTick = (price: number): number => Math.max(1, Math.round(price / SIMULATED_TICK)) / (1 / SIMULATED_TICK);

/**
 * The path of one symbol: its own draws on top of the market's and its sector's, which every symbol of the seed shares.
 */
class SimulatedPath {
  readonly #random: Random;
  readonly #market: ReturnType<typeof createMarketFactor>;
  readonly #sector: Factor;
  readonly #beta: number;
  readonly #ownVolatility: number;
  readonly #typicalVolume: number;
  /** Unrounded price, so that rounding to the tick does not add up. */
  #price: number;
  #lastClose: number;

  constructor(seed: number, index: number) {
    const root = createRandom(`simulated/${seed}`);
    this.#random = root.fork(`symbol/${index}`);
    this.#market = createMarketFactor(root.fork('market'));
    this.#sector = createSectorFactor(root.fork(`sector/${index % SIMULATED_SECTORS.length}`));
    this.#beta = 0.6 + 0.8 * this.#random.next();
    this.#ownVolatility = 0.006 + 0.012 * this.#random.next();
    this.#typicalVolume = 200_000 + this.#random.integer(4_000_000);
    this.#price = 20 + 180 * this.#random.next();
    this.#lastClose = toTick(this.#price);
  }

  #move(share: number): number {
    const common = this.#beta * this.#market.next(share) + this.#sector.next(share);
    const { volatility } = this.#market.regime();
    // Own volatility follows the market's: everything trembles in a crisis.
    const own = this.#ownVolatility * (0.5 + volatility / 0.012 / 2) * Math.sqrt(share) * fatTailed(this.#random);
    const pull = this.#price < PRICE_LOW ? PULL_PER_DAY : this.#price > PRICE_HIGH ? -PULL_PER_DAY : 0;
    return Math.max(-0.6, Math.min(0.6, common + own + pull * share));
  }

  /**
   * Writes bar `at`. `share`: part of the trading hours it covers; `firstOfDay`: a gap comes before it; `place`: 0 at
   * the open to 1.
   */
  write(bars: BarColumns, at: number, moment: { share: number; firstOfDay: boolean; place: number }): void {
    const { share, firstOfDay, place } = moment;
    const gap = firstOfDay ? this.#move(OVERNIGHT_SHARE) : 0;
    this.#price *= 1 + gap;
    const open = firstOfDay ? toTick(this.#price) : this.#lastClose;
    // Trading is livelier at both ends of the day: 1.75 times the variance of the middle, mean 1.
    const shape = 0.8 + 2.4 * (place - 0.5) * (place - 0.5);
    const change = this.#move(share * (1 - OVERNIGHT_SHARE) * shape);
    this.#price *= 1 + change;
    const close = toTick(this.#price);
    const spread = this.#price * this.#ownVolatility * Math.sqrt(share);
    const top = Math.max(open, close);
    const bottom = Math.min(open, close);
    const high = Math.max(top, toTick(top + spread * this.#random.next()));
    const low = Math.min(bottom, toTick(Math.max(bottom - spread * this.#random.next(), bottom * 0.5)));
    const busy = 1 + 20 * Math.abs(change) + 10 * Math.abs(gap);
    const volume = this.#typicalVolume * share * shape * busy * lognormalLike(this.#random.normal());
    bars.open[at] = open;
    bars.high[at] = high;
    bars.low[at] = low;
    bars.close[at] = close;
    bars.volume[at] = Math.max(1, Math.round(volume));
    this.#lastClose = close;
  }
}

/** Bars per piece of a simulated series. */
const PIECE_BARS = 65_536;

/**
 * A simulated series, piece by piece, in memory that does not depend on its length. The same options give the same
 * bytes on every machine (only additions, multiplications, divisions and square roots are used), and a symbol's bars do
 * not depend on how many other symbols are asked for.
 */
export function* simulateBars(options: SimulatedSeriesOptions): Generator<BarColumns> {
  const path = new SimulatedPath(options.seed, options.index);
  const clock = createBarClock(options.calendar, options.timeframe, options.startMs);
  for (let done = 0; done < options.bars; done += PIECE_BARS) {
    const count = Math.min(PIECE_BARS, options.bars - done);
    const piece = createBarColumns(options.symbol, count);
    for (let i = 0; i < count; i++) {
      const slot = clock.next();
      piece.openTimeMs[i] = slot.openTimeMs;
      piece.closeTimeMs[i] = slot.closeTimeMs;
      path.write(piece, i, slot);
    }
    yield sliceBarColumns(piece, 0, count);
  }
}
