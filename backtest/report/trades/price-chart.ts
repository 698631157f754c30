import type { BarColumns } from '../../../features/bar.ts';
import type { LedgerEntry } from '../../../trading/session-result.ts';
import type { OrderTrace } from '../../analysis/order-trace.ts';
import { amount, decimal } from '../../number-format.ts';
import { firstAtOrAfter } from '../../statistics/equity-before.ts';
import { escapeHtml, trusted, type Markup } from '../html.ts';

/** What is drawn: bars of one symbol from `from` to `to`, `each` of them to a candle. */
export interface PriceChart {
  readonly bars: BarColumns;
  readonly from: number;
  readonly to: number;
  readonly each: number;
  readonly trades: readonly LedgerEntry[];
  /** Orders that rested at a price. */
  readonly resting: readonly OrderTrace[];
  /** Whether orders without a price fill at a bar's close. */
  readonly atClose: boolean;
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [1040, 340, 8, 74, 30, 24];
const PRICE_TICKS = 5;
const TIME_TICKS = 6;

interface Candle {
  readonly timeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Where things go: candles by their number, since time has gaps that trading has not. */
interface Scale {
  readonly step: number;
  x(place: number): number;
  y(price: number): number;
  /** Candle that holds a moment; `after` where it belongs to the bar that begins then. */
  placeOf(timeMs: number, after: boolean): number;
}

/**
 * Candles with entries, exits and resting orders as one SVG, without script: a candle shows its figures while it is
 * pointed at.
 */
export function priceChart(chart: PriceChart): Markup {
  const candles = candlesOf(chart);
  const scale = scaleOf(chart, candles);
  const begins = chart.bars.openTimeMs[chart.from]!;
  const trades = chart.trades.filter(({ entryTimeMs }) => entryTimeMs >= begins && isInside(entryTimeMs, null, chart));
  const resting = chart.resting.filter(({ order, fills, updates }) =>
    isInside(order.timeMs, fills.at(-1)?.timeMs ?? updates.at(-1)?.timeMs ?? null, chart),
  );
  const label =
    `${chart.bars.symbol}: ${candles.length} candles, ${day(candles[0]!.timeMs)} to ${day(candles.at(-1)!.timeMs)}, ` +
    `${trades.length} trades`;
  const parts = [
    axes(candles, scale),
    ...candles.map((candle, at) => candleMark(candle, at, scale)),
    ...resting.map((traced) => restingMark(traced, scale)),
    ...trades.map((trade) => tradeMark(trade, scale, chart.atClose)),
    ...candles.map((candle, at) => hover(candle, at, { scale, trades, atClose: chart.atClose })),
  ];
  const size = `viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"`;
  return trusted(`<svg class="price" ${size} role="img" aria-label="${escapeHtml(label)}">${parts.join('')}</svg>`);
}

/** Bars from `from` to `to`, `each` of them to a candle: highest and lowest prices stay. */
export function candlesOf({ bars, from, to, each }: Pick<PriceChart, 'bars' | 'from' | 'to' | 'each'>): Candle[] {
  const candles: Candle[] = [];
  for (let start = from; start < to; start += each) {
    const end = Math.min(to, start + each);
    let [high, low] = [-Infinity, Infinity];
    for (let at = start; at < end; at++) {
      high = Math.max(high, bars.high[at]!);
      low = Math.min(low, bars.low[at]!);
    }
    const close = bars.close[end - 1]!;
    candles.push({ timeMs: bars.closeTimeMs[end - 1]!, open: bars.open[start]!, high, low, close });
  }
  return candles;
}

function scaleOf({ bars, from, to, each }: PriceChart, candles: readonly Candle[]): Scale {
  const high = candles.reduce((most, candle) => Math.max(most, candle.high), -Infinity);
  const low = candles.reduce((least, candle) => Math.min(least, candle.low), Infinity);
  const span = high > low ? high - low : Math.abs(high) || 1;
  const step = (WIDTH - LEFT - RIGHT) / candles.length;
  const closes = bars.closeTimeMs.subarray(from, to);
  return {
    step,
    x: (place) => LEFT + (place + 0.5) * step,
    y: (price) => TOP + ((high + span * 0.04 - price) / (span * 1.08)) * (HEIGHT - TOP - BOTTOM),
    placeOf(timeMs, after) {
      const bar = firstAtOrAfter(closes, after ? timeMs + 1 : timeMs);
      return Math.min(candles.length - 1, Math.floor(bar / each));
    },
  };
}

function isInside(fromMs: number, toMs: number | null, { bars, from, to }: PriceChart): boolean {
  return fromMs <= bars.closeTimeMs[to - 1]! && (toMs ?? Infinity) >= bars.openTimeMs[from]!;
}

const n = (value: number): string => String(Number(value.toFixed(1)));
const day = (timeMs: number): string => new Date(timeMs - 1).toISOString().slice(0, 10);
const minute = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');

function axes(candles: readonly Candle[], { x, y }: Scale): string {
  const lowest = candles.reduce((least, { low }) => Math.min(least, low), Infinity);
  const highest = candles.reduce((most, { high }) => Math.max(most, high), -Infinity);
  const prices = Array.from({ length: PRICE_TICKS }, (_, at) => lowest + ((highest - lowest) * at) / (PRICE_TICKS - 1));
  const lines = prices.map((price) => {
    const at = n(y(price));
    const line = `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`;
    return `${line}<text x="${WIDTH - RIGHT + 6}" y="${n(y(price) + 4)}">${amount(price)}</text>`;
  });
  const count = Math.min(TIME_TICKS, candles.length);
  const times = Array.from({ length: count }, (_, at) => Math.round(((at + 0.5) * candles.length) / count - 0.5));
  const labels = times.map(
    (at) => `<text class="middle" x="${n(x(at))}" y="${HEIGHT - 6}">${day(candles[at]!.timeMs)}</text>`,
  );
  return [...lines, ...labels].join('');
}

function candleMark({ open, high, low, close }: Candle, at: number, { x, y, step }: Scale): string {
  const width = Math.max(1, step * 0.66);
  const [top, bottom] = [y(Math.max(open, close)), y(Math.min(open, close))];
  const wick = `M${n(x(at))} ${n(y(high))}V${n(y(low))}`;
  const body = `M${n(x(at) - width / 2)} ${n(top)}h${n(width)}v${n(Math.max(1, bottom - top))}h-${n(width)}z`;
  return `<path class="${close >= open ? 'rose' : 'fell'}" d="${wick}${body}"/>`;
}

/** A line at the price that an order waited for, from when it was placed to when it ended. */
function restingMark({ order, fills, updates }: OrderTrace, { x, y, placeOf, step }: Scale): string {
  const ended = fills.at(-1)?.timeMs ?? updates.at(-1)?.timeMs ?? Infinity;
  const from = x(placeOf(order.timeMs, true)) - step / 2;
  const to = x(placeOf(ended, false)) + step / 2;
  const at = n(y(order.terms!.price));
  const kind = order.terms!.type === 'limit' ? 'target' : 'stop';
  const text = `${order.terms!.role} at ${amount(order.terms!.price)}${fills.length > 0 ? ', filled' : ''}`;
  return `<line class="${kind}" x1="${n(from)}" x2="${n(to)}" y1="${at}" y2="${at}"><title>${text}</title></line>`;
}

function tradeMark(trade: LedgerEntry, scale: Scale, atClose: boolean): string {
  const { x, y } = scale;
  const up = trade.side === 'long';
  const entry = [x(scale.placeOf(trade.entryTimeMs, !atClose)), y(trade.entryPrice)] as const;
  const tip = up ? 6 : -6;
  const arrow = `M${n(entry[0])} ${n(entry[1])}l-5 ${tip * 1.6}h10z`;
  const tone = trade.pnl > 0 ? 'won' : 'lost';
  const title = `<title>${escapeHtml(tradeText(trade))}</title>`;
  if (trade.exitTimeMs === null) return `<g class="trade ${tone}">${title}<path d="${arrow}"/></g>`;
  const rested = trade.exit !== 'signal';
  const exit = [x(scale.placeOf(trade.exitTimeMs, !atClose && !rested)), y(trade.exitPrice)] as const;
  const cross = `M${n(exit[0] - 4)} ${n(exit[1] - 4)}l8 8m0 -8l-8 8`;
  const way = `<path class="way" d="M${n(entry[0])} ${n(entry[1])}L${n(exit[0])} ${n(exit[1])}"/>`;
  return `<g class="trade ${tone}">${title}${way}<path d="${arrow}"/><path class="exit" d="${cross}"/></g>`;
}

function tradeText({ side, quantity, entryPrice, exitPrice, exitTimeMs, exit, pnl, entryTimeMs }: LedgerEntry): string {
  const opened = `${side} ${decimal(quantity, 4).replace(/\.?0+$/, '')} from ${minute(entryTimeMs)} at ${amount(entryPrice)}`;
  const closed = exitTimeMs === null ? 'still open' : `to ${minute(exitTimeMs)} at ${amount(exitPrice)} by ${exit}`;
  return `${opened} ${closed}, ${amount(pnl)}`;
}

/** A column that shows the candle's figures, and the trades that begin or end in it, while it is pointed at. */
function hover(
  candle: Candle,
  at: number,
  { scale, trades, atClose }: { scale: Scale; trades: readonly LedgerEntry[]; atClose: boolean },
): string {
  const { open, high, low, close, timeMs } = candle;
  const here = trades.filter(
    ({ entryTimeMs, exitTimeMs, exit }) =>
      scale.placeOf(entryTimeMs, !atClose) === at ||
      (exitTimeMs !== null && scale.placeOf(exitTimeMs, !atClose && exit === 'signal') === at),
  );
  const prices = `open ${amount(open)}, high ${amount(high)}, low ${amount(low)}, close ${amount(close)}`;
  const more = here.length === 0 ? '' : here.length === 1 ? `; ${tradeText(here[0]!)}` : `; ${here.length} trades`;
  const text = escapeHtml(`${minute(timeMs)}: ${prices}${more}`);
  const left = n(scale.x(at) - scale.step / 2);
  const column = `<rect x="${left}" y="${TOP}" width="${n(scale.step)}" height="${HEIGHT - TOP - BOTTOM}"/>`;
  return `<g class="point">${column}<text x="${LEFT}" y="16">${text}</text></g>`;
}
