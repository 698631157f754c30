import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import type { LedgerEntry } from '../../../trading/session-result.ts';
import type { OrderTrace } from '../../analysis/order-trace.ts';
import { amount, plural } from '../../number-format.ts';
import { firstAtOrAfter } from '../../statistics/equity-before.ts';
import { html, type Markup } from '../html.ts';
import { packBars } from './packed-bars.ts';
import { candlesOf } from './price-chart.ts';

/** Bars that a page holds of all its symbols: of longer records several make one candle. */
const BARS_MAX = 120_000;

/** A symbol as its prices are drawn. */
export interface PricedSymbol {
  readonly bars: BarColumns;
  /** Trades of the symbol that the page's table holds, by their row there. */
  readonly trades: readonly { readonly row: number; readonly trade: LedgerEntry }[];
  /** Orders that rested at a price. */
  readonly resting: readonly OrderTrace[];
  /** Whether orders without a price fill at a bar's close. */
  readonly atClose: boolean;
}

/** Prices that a reader zooms and moves, by the page's script; hidden until that runs. */
export function livePrices(symbols: readonly PricedSymbol[]): Markup {
  const each = Math.max(1, Math.ceil(symbols.reduce((sum, { bars }) => sum + bars.length, 0) / BARS_MAX));
  const packed = { symbols: symbols.map((symbol) => packedSymbol(symbol, each)) };
  return html`<div class="live-prices" hidden>
    <template>${JSON.stringify(packed)}</template>
    <div class="tools">
      <label
        >Symbol
        <select aria-label="Symbol drawn">
          ${symbols.map(({ bars }) => html`<option>${bars.symbol}</option>`)}
        </select></label
      >
      ${ACTS.map(([act, title]) => html`<button type="button" data-act="${act}">${title}</button> `)}
    </div>
    <p class="note"><output></output></p>
    <div class="frame" tabindex="0" role="application" aria-label="Prices and trades" aria-describedby="price-keys">
      <svg role="img" aria-label="Prices with trades on them, drawn by the script of this page" class="price"></svg>
    </div>
    <p class="readout"><output></output></p>
    <p class="note" id="price-keys">
      Point at a candle, or press the arrow keys, to read it. Drag to move; wheel after a click, + and − to zoom; Page
      Up and Page Down move by half, N and P go to the next and previous entry, Home and End to the ends, 0 shows all.
      ${each === 1 ? null : `Of ${plural(each, 'bar')} each candle is made, since the record is long: highest and lowest prices are kept.`}
    </p>
  </div>`;
}

const ACTS = [
  ['in', 'Zoom in'],
  ['out', 'Zoom out'],
  ['earlier', 'Earlier'],
  ['later', 'Later'],
  ['previous', 'Previous entry'],
  ['next', 'Next entry'],
  ['all', 'All'],
] as const;

function packedSymbol({ bars, trades, resting, atClose }: PricedSymbol, each: number): object {
  const closes = bars.closeTimeMs.subarray(0, bars.length);
  const last = Math.ceil(bars.length / each) - 1;
  const placeOf = (timeMs: number, after: boolean): number =>
    Math.min(last, Math.floor(firstAtOrAfter(closes, after ? timeMs + 1 : timeMs) / each));
  return {
    name: bars.symbol,
    each,
    bars: packBars(each === 1 ? bars : merged(bars, each)),
    trades: trades.map(({ row }) => row),
    entries: trades.map(({ trade }) => placeOf(trade.entryTimeMs, !atClose)),
    exits: trades.map(({ trade: { exitTimeMs, exit } }) =>
      exitTimeMs === null ? null : placeOf(exitTimeMs, !atClose && exit === 'signal'),
    ),
    resting: resting.map(({ order, fills, updates }) => ({
      from: placeOf(order.timeMs, true),
      to: placeOf(fills.at(-1)?.timeMs ?? updates.at(-1)?.timeMs ?? Infinity, false),
      price: order.terms!.price,
      kind: order.terms!.type === 'limit' ? 'target' : 'stop',
      words: `${order.terms!.role} at ${amount(order.terms!.price)}${fills.length > 0 ? ', filled' : ''}`,
    })),
  };
}

/** Several bars as one: the first open, the highest, the lowest, the last close. */
function merged(bars: BarColumns, each: number): BarColumns {
  const candles = candlesOf({ bars, from: 0, to: bars.length, each });
  const columns = createBarColumns(bars.symbol, candles.length);
  candles.forEach(({ timeMs, open, high, low, close }, at) => {
    columns.closeTimeMs[at] = timeMs;
    [columns.open[at], columns.high[at], columns.low[at], columns.close[at]] = [open, high, low, close];
  });
  return columns;
}
