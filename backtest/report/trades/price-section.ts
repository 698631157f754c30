import type { BarColumns } from '../../../features/bar.ts';
import type { LedgerEntry } from '../../../trading/session-result.ts';
import { decimal, plural } from '../../number-format.ts';
import { firstAtOrAfter } from '../../statistics/equity-before.ts';
import { html, type Markup } from '../html.ts';
import type { ReportInput } from '../report-input.ts';
import { firstHeld } from './ledger-section.ts';
import { livePrices, type PricedSymbol } from './live-prices.ts';
import { priceChart, type PriceChart } from './price-chart.ts';

/** Symbols drawn: those with the most trades. Where a reader chooses one there may be more of them. */
const SYMBOLS_SHOWN = 2;
const SYMBOLS_CHOSEN = 6;
const CANDLES = 120;
/** Bars shown after the last trade. */
const AFTERWARDS = 8;
/** Trades marked in one chart, the newest. */
const TRADES_MARKED = 250;

/** Prices with entries, exits and resting orders on them: the newest trades bar by bar, and the whole record. */
export function priceSection({ evaluation, analysis, costs }: ReportInput): Markup | null {
  const { ledger } = evaluation.session;
  if (ledger.length === 0) return null;
  const counts = new Map<string, number>();
  for (const { symbol } of ledger) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  const ranked = [...counts].sort(([a, m], [b, k]) => k - m || (a < b ? -1 : 1));
  const shown = ranked.slice(0, SYMBOLS_SHOWN);
  const resting = analysis.trace.orders.filter(({ order }) => order.terms !== null && order.terms.price > 0);
  const charts = shown.map(([symbol, count]) => {
    const bars = analysis.bars.find((columns) => columns.symbol === symbol)!;
    const trades = ledger.filter((trade) => trade.symbol === symbol).slice(-TRADES_MARKED);
    const own = resting.filter((traced) => traced.symbol === symbol);
    const chart = { bars, trades, resting: own, atClose: costs.fill === 'next-close' };
    return symbolCharts(symbol, { chart, count });
  });
  const [held, first] = [ledger.slice(firstHeld(ledger)), firstHeld(ledger)];
  const chosen = ranked.slice(0, SYMBOLS_CHOSEN).map(([symbol]): PricedSymbol => {
    const trades = held.flatMap((trade, row) => (trade.symbol === symbol ? [{ row, trade }] : []));
    const own = resting.filter((traced) => traced.symbol === symbol);
    const bars = analysis.bars.find((columns) => columns.symbol === symbol)!;
    return { bars, trades, resting: own, atClose: costs.fill === 'next-close' };
  });
  const others = counts.size - chosen.length;
  return html`<section aria-labelledby="prices">
    <h2 id="prices">Prices and trades</h2>
    <ul class="legend">
      <li><span style="border-color:var(--gain)"></span>Trade that won</li>
      <li><span style="border-color:var(--loss)"></span>Trade that lost</li>
      <li><span class="dashed" style="border-color:var(--hold);border-top-style:dashed"></span>Stop</li>
      <li><span class="dashed" style="border-color:var(--same);border-top-style:dashed"></span>Target</li>
    </ul>
    ${livePrices(chosen)}
    <div class="still-prices">${charts}</div>
    <p class="note">
      An arrow is an entry, a cross an exit. Stops and targets are those of the newest orders, where any rested at a
      price.
      ${first === 0 ? null : `Marked are the newest ${decimal(held.length, 0)} of ${plural(ledger.length, 'trade')}.`}
      ${others === 0 ? null : `${plural(others, 'other symbol')} with fewer trades not drawn.`}
    </p>
  </section>`;
}

type Drawn = Omit<PriceChart, 'from' | 'to' | 'each'>;

function symbolCharts(symbol: string, { chart, count }: { chart: Drawn; count: number }): Markup {
  const { bars, trades } = chart;
  const to = Math.min(bars.length, lastBarOf(trades, bars) + AFTERWARDS);
  const from = Math.max(0, to - CANDLES);
  const whole = bars.length > CANDLES;
  const each = Math.ceil(bars.length / CANDLES);
  const newest = priceChart({ ...chart, from, to, each: 1 });
  return html`<h3>${symbol}, ${plural(count, 'trade')}: the newest</h3>
    <div class="scroll" tabindex="0" role="region" aria-label="${symbol}, newest trades">${newest}</div>
    ${
      whole
        ? html`<h3>${symbol}: the whole record, ${decimal(each, 0)} bars to a candle</h3>
            <div class="scroll" tabindex="0" role="region" aria-label="${symbol}, whole record">
              ${priceChart({ ...chart, resting: [], from: 0, to: bars.length, each })}
            </div>`
        : null
    }`;
}

/** Number of the bar in which the last of the trades ended. */
function lastBarOf(trades: readonly LedgerEntry[], bars: BarColumns): number {
  const last = trades.reduce((latest, { exitTimeMs }) => Math.max(latest, exitTimeMs ?? Infinity), -Infinity);
  return firstAtOrAfter(bars.closeTimeMs.subarray(0, bars.length), last);
}
