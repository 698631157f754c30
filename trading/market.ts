import type { BarColumns } from '../features/bar.ts';
import type { BarSeries } from './bar-view.ts';
import type { Instrument } from '../features/instrument.ts';
import { InputError } from '../infra/errors.ts';

/** The bars of a session, a series per symbol in universe order. */
export interface Market {
  readonly instruments: readonly Instrument[];
  readonly series: readonly BarSeries[];
  /** What strategies see instead, where splits and dividends are taken out. */
  readonly viewed?: readonly BarSeries[] | undefined;
  /** Finer bars of each symbol, where there are any: a simulated venue walks inside bars by them. */
  readonly fine?: readonly (BarColumns | undefined)[] | undefined;
  /** What strategies see of each symbol is worth this in the account's currency; null where it is in that. */
  readonly rates?: readonly (RateAt | null)[] | undefined;
  /** How old those rates are at a time, in milliseconds; null where a symbol needs none. */
  readonly rateAges?: readonly (RateAt | null)[] | undefined;
  /** When rates were missing, in words. */
  readonly rateNotes?: (() => readonly string[]) | undefined;
}

/**
 * What one unit of another currency is worth at a time, by what was known then; NaN where nothing was. Or for how long
 * that has been known; Infinity where nothing was.
 */
export type RateAt = (timeMs: number) => number;

/**
 * A point in event time at which bars of one or more symbols open or close. Reused by its source: copy what must
 * outlive the call.
 */
export interface MarketStep {
  kind: 'open' | 'close';
  timeMs: number;
  /** Bars that had closed after these when they came: 0 in history. */
  lateBars: number;
  /** Number of valid entries in `symbols` and `index`. */
  count: number;
  /** Universe positions, ascending. */
  readonly symbols: Int32Array;
  /** Each symbol's bar: the one opening (only its `open` is known) or the one that closed. */
  readonly index: Int32Array;
}

/**
 * A market over `bars`, none of them closed yet.
 * @throws InputError when a symbol has no instrument or appears twice.
 */
export function createMarket(bars: readonly BarColumns[], instruments: readonly Instrument[]): Market {
  const seen = new Set<string>();
  const ordered = bars.map((columns) => {
    if (seen.has(columns.symbol))
      throw new InputError(`${columns.symbol} appears twice in the universe`, 'name it once');
    seen.add(columns.symbol);
    const instrument = instruments.find((candidate) => candidate.symbol === columns.symbol);
    if (instrument === undefined)
      throw new InputError(`no instrument describes ${columns.symbol}`, 'add its tick and lot');
    return instrument;
  });
  return { instruments: ordered, series: bars.map((columns) => ({ bars: columns, last: -1 })) };
}

/** An empty step with room for every symbol. */
export function createMarketStep(symbols: number): MarketStep {
  return {
    kind: 'open',
    timeMs: 0,
    lateBars: 0,
    count: 0,
    symbols: new Int32Array(symbols),
    index: new Int32Array(symbols),
  };
}
