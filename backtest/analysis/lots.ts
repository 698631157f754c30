import type { BarColumns } from '../../features/bar.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { isoTime } from '../statistics/performance.ts';
import type { FifoLots } from '../../trading/portfolio/fifo-lots.ts';
import { lotFigures, type LotFigures } from '../../trading/portfolio/strategy-shares.ts';

/** Closed lots of one range of holding periods, and what they made, net of fees. */
interface HeldRow {
  readonly held: string;
  readonly lots: number;
  readonly profit: number;
}

/** `lots` of the result document: positions as lots, of which the oldest is closed first. Money in currency. */
export interface LotSection extends LotFigures {
  readonly method: 'fifo';
  readonly open: number;
  /** Profit of closed lots, net of fees and with their dividends; of open ones at the last close. */
  readonly realised: number;
  readonly unrealised: number;
  readonly byHoldingPeriod: readonly HeldRow[];
  /** The newest that were closed, at most `LOTS_SHOWN`, the newest last. */
  readonly newest: readonly {
    readonly symbol: string;
    readonly side: 'long' | 'short';
    readonly quantity: number;
    readonly openTime: string;
    readonly openPrice: number;
    readonly closeTime: string;
    readonly closePrice: number;
    readonly profit: number;
    readonly fees: number;
  }[];
}

const LOTS_SHOWN = 200;
/** Longest that a lot of each range is held, in days. */
const RANGES: readonly (readonly [held: string, daysMax: number])[] = [
  ['up to a day', 1],
  ['up to a week', 7],
  ['up to a month', 31],
  ['up to a year', 365],
  ['longer', Infinity],
];

/** The lots of a session in figures, by symbols in universe order. */
export function lotSection(lots: FifoLots, bars: readonly BarColumns[]): LotSection {
  const { closed, realised } = lots;
  const rows = RANGES.map(([held]) => ({ held, lots: 0, profit: 0 }));
  for (const { openTimeMs, closeTimeMs, profit } of closed) {
    const days = (closeTimeMs - openTimeMs) / DAY_MS;
    const row = rows[RANGES.findIndex(([, daysMax]) => days <= daysMax)]!;
    row.lots += 1;
    row.profit += profit;
  }
  return {
    method: 'fifo',
    ...lotFigures(closed),
    open: bars.reduce((sum, _, symbol) => sum + lots.open(symbol).length, 0),
    realised,
    unrealised: bars.reduce((sum, { close }, symbol) => sum + lots.unrealised(symbol, lastPrice(close)), 0),
    byHoldingPeriod: rows.filter((row) => row.lots > 0),
    newest: closed.slice(-LOTS_SHOWN).map(({ symbol, long, openTimeMs, closeTimeMs, ...lot }) => ({
      symbol: bars[symbol]!.symbol,
      side: long ? 'long' : 'short',
      quantity: lot.quantity,
      openTime: isoTime(openTimeMs),
      openPrice: lot.openPrice,
      closeTime: isoTime(closeTimeMs),
      closePrice: lot.closePrice,
      profit: lot.profit,
      fees: lot.fees,
    })),
  };
}

/** The newest close that is a price: what an open position is marked at. */
function lastPrice(close: Float64Array): number {
  return close.findLast((price) => price > 0 && price < Infinity) ?? 0;
}
