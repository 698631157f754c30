import type { BarColumns } from '../../features/bar.ts';
import type { LedgerEntry, SessionResult } from '../../trading/session-result.ts';
import { firstAtOrAfter } from '../statistics/equity-before.ts';

/** How a trade went while it was held. */
export interface Excursion {
  /** Bars that were wholly inside it. */
  readonly bars: number;
  /** Worst and best price of those bars against the entry, as fractions of it: at or below 0, at or above 0. */
  readonly adverse: number;
  readonly favourable: number;
}

/**
 * Excursions of a trade over the bars of its symbol, costs left out. Only bars that lie wholly inside the trade count,
 * beside its own prices; the bar in which an order that rested closed it does not, since its extremes may have come
 * later.
 */
export function excursionOf(trade: LedgerEntry, bars: BarColumns): Excursion {
  const { entryPrice, exitPrice, side, exit } = trade;
  const from = firstAtOrAfter(bars.openTimeMs.subarray(0, bars.length), trade.entryTimeMs);
  const closes = bars.closeTimeMs.subarray(0, bars.length);
  const end = trade.exitTimeMs ?? Infinity;
  const beyond = firstAtOrAfter(closes, end);
  const rested = exit !== 'signal' && exit !== null;
  const to = beyond < bars.length && closes[beyond] === end && !rested ? beyond + 1 : beyond;
  let low = Math.min(entryPrice, exitPrice);
  let high = Math.max(entryPrice, exitPrice);
  for (let at = from; at < to; at++) {
    low = Math.min(low, bars.low[at]!);
    high = Math.max(high, bars.high[at]!);
  }
  const [down, up] = [low / entryPrice - 1, high / entryPrice - 1];
  return side === 'long'
    ? { bars: Math.max(0, to - from), adverse: down, favourable: up }
    : { bars: Math.max(0, to - from), adverse: -up, favourable: -down };
}

/** `excursions` of the result document: of each trade of `ledger`, in its order, as fractions of its entry. */
export interface ExcursionColumns {
  readonly adverse: readonly number[];
  readonly favourable: readonly number[];
}

/** How every trade went, open ones so far; null with a reason where prices are restated while trades are held. */
export function excursionColumns({
  session: { ledger, symbols },
  bars,
  restated,
}: {
  readonly session: Pick<SessionResult, 'ledger' | 'symbols'>;
  readonly bars: readonly BarColumns[];
  readonly restated: boolean;
}): { section: ExcursionColumns | null; reasons: string[] } {
  if (restated) {
    return { section: null, reasons: ['excursions: splits or dividends restate prices while trades are held.'] };
  }
  const barsOf = new Map(symbols.map((symbol, at) => [symbol, bars[at]!]));
  const each = ledger.map((trade) => excursionOf(trade, barsOf.get(trade.symbol)!));
  const section = { adverse: each.map(({ adverse }) => adverse), favourable: each.map(({ favourable }) => favourable) };
  return { section, reasons: [] };
}
