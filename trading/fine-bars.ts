import type { BarColumns } from '../features/bar.ts';
import type { Market } from './market.ts';

/** The prices of a bar. */
export interface BarPrices {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** The prices of a bar; null where it has none that can be used. */
export function pricesAt({ open, high, low, close }: BarColumns, index: number): BarPrices | null {
  const bar = { open: open[index]!, high: high[index]!, low: low[index]!, close: close[index]! };
  return bar.low > 0 && bar.open >= bar.low && bar.high >= bar.open && bar.high < Infinity ? bar : null;
}

/** Share of a price by which the extremes of a bar and of those inside it may differ: rounding of files. */
const SLACK = 1e-9;

/**
 * Finer bars inside the bars of a market, by which it is known how prices went inside these. A bar is walked by them
 * only where they account for it: they lie within its time and reach its high and its low.
 */
export class FineBars {
  readonly #market: Pick<Market, 'series' | 'fine'>;

  constructor(market: Pick<Market, 'series' | 'fine'>) {
    this.#market = market;
  }

  /** Prices inside a bar in the order in which they came; null where no finer bars account for it. */
  within({ symbol, index }: { readonly symbol: number; readonly index: number }): readonly BarPrices[] | null {
    const fine = this.#market.fine?.[symbol];
    return fine === undefined ? null : inside(this.#market.series[symbol]!.bars, index, fine);
  }
}

function inside(bars: BarColumns, index: number, fine: BarColumns): readonly BarPrices[] | null {
  const found: BarPrices[] = [];
  let top = -Infinity;
  let bottom = Infinity;
  for (let row = firstFrom(fine, bars.openTimeMs[index]!); row < fine.length; row++) {
    if (fine.closeTimeMs[row]! > bars.closeTimeMs[index]!) break;
    const bar = pricesAt(fine, row);
    if (bar === null) return null;
    found.push(bar);
    top = Math.max(top, bar.high);
    bottom = Math.min(bottom, bar.low);
  }
  return isSame(top, bars.high[index]!) && isSame(bottom, bars.low[index]!) ? found : null;
}

/** The first finer bar that opens at or after a time. */
function firstFrom({ openTimeMs, length }: BarColumns, timeMs: number): number {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (openTimeMs[middle]! < timeMs) from = middle + 1;
    else to = middle;
  }
  return from;
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= SLACK * b;
}

/** How many of `bars` finer ones account for. */
export function accountedFor(bars: BarColumns, fine: BarColumns): number {
  let count = 0;
  for (let index = 0; index < bars.length; index++) if (inside(bars, index, fine) !== null) count += 1;
  return count;
}

/** What is to be known of a session whose bars are walked by finer ones: how many of them these account for. */
export function fineReasons({
  bars,
  fine,
}: {
  readonly bars: readonly BarColumns[];
  readonly fine?: readonly (BarColumns | undefined)[] | undefined;
}): string[] {
  if (fine === undefined) return [];
  const total = bars.reduce((sum, { length }) => sum + length, 0);
  const walked = bars.reduce((sum, columns, symbol) => {
    const finer = fine[symbol];
    return finer === undefined ? sum : sum + accountedFor(columns, finer);
  }, 0);
  const rest = walked === total ? '' : '; in the others prices come in the order that `intrabar` names';
  return [`fine: of ${total} bars finer ones account for ${walked}, high and low, which were walked by them${rest}.`];
}
