import type { BarColumns } from '../../features/bar.ts';
import type { Random } from '../../infra/random.ts';
import type { LedgerEntry } from '../../trading/session-result.ts';
import { firstAtOrAfter } from '../statistics/equity-before.ts';
import { HOLD, ruleSignal, type Signal, type Strategy } from '../../trading/strategies/strategy.ts';

/** Acts on a symbol's first bar and then holds for good. */
export function buyOnce(action: 'BUY' | 'SELL', name: string): Strategy {
  const signal = ruleSignal(action, `${name}: the first bar`);
  return {
    name,
    parameters: {},
    forSymbol: () => ({
      decide: (view) => (view.length === 1 ? signal : HOLD),
      quietUntil: (row) => (row === 0 ? 0 : Infinity),
    }),
  };
}

export interface RandomHoldingsOptions {
  /** The trades whose number, sides and lengths are kept. */
  readonly ledger: readonly LedgerEntry[];
  readonly bars: readonly BarColumns[];
  readonly random: Random;
}

/**
 * Holds as often, as long and on the same sides as the trades of a ledger, symbol by symbol, but at random times: the
 * lengths are shuffled and the bars in between are dealt out at random. So turnover and exposure are kept and timing is
 * not.
 */
export function randomHoldings({ ledger, bars, random }: RandomHoldingsOptions): Strategy {
  const schedules = new Map<string, Map<number, Signal>>();
  const trades = new Map<string, LedgerEntry[]>(bars.map(({ symbol }) => [symbol, []]));
  for (const entry of ledger) trades.get(entry.symbol)?.push(entry);
  for (const columns of bars) {
    const held = holdingsOf(trades.get(columns.symbol)!, columns);
    schedules.set(columns.symbol, scheduleOf(held, columns.length, random.fork(columns.symbol)));
  }
  return {
    name: 'random of the same turnover',
    parameters: {},
    forSymbol: (symbol) => {
      const schedule = schedules.get(symbol);
      return { decide: (view) => schedule?.get(view.length - 1) ?? HOLD };
    },
  };
}

interface Holding {
  readonly side: 'long' | 'short';
  /** Bars between the decision to enter and the decision to leave, at least 1. */
  readonly length: number;
}

const ENTER = { long: ruleSignal('BUY', 'random entry'), short: ruleSignal('SELL', 'random entry') };
const LEAVE = ruleSignal('SELL', 'random exit');

/**
 * A symbol's trades in order of entry as lengths in bars. Parts of one position (same side, overlapping in time) are
 * one holding.
 */
function holdingsOf(trades: readonly LedgerEntry[], bars: BarColumns): Holding[] {
  const own = [...trades].sort((a, b) => a.entryTimeMs - b.entryTimeMs);
  const spans: { side: 'long' | 'short'; from: number; to: number }[] = [];
  for (const { side, entryTimeMs, exitTimeMs } of own) {
    const from = firstAtOrAfter(bars.openTimeMs, entryTimeMs);
    const to = exitTimeMs === null ? bars.length : firstAtOrAfter(bars.openTimeMs, exitTimeMs);
    const last = spans.at(-1);
    if (last !== undefined && last.side === side && from < last.to) last.to = Math.max(last.to, to);
    else spans.push({ side, from, to });
  }
  return spans.map(({ side, from, to }) => ({ side, length: Math.max(1, to - from) }));
}

/**
 * Signals by bar index. With shorts, SELL turns a position round, so holdings follow each other and only the start is
 * dealt at random.
 */
function scheduleOf(holdings: readonly Holding[], bars: number, random: Random): Map<number, Signal> {
  const signals = new Map<number, Signal>();
  if (holdings.length === 0) return signals;
  const turning = holdings.some(({ side }) => side === 'short');
  const order = shuffledWithinSides(holdings, random);
  const held = order.reduce((sum, { length }) => sum + length, 0);
  const free = Math.max(0, bars - 1 - held - (turning ? 0 : order.length - 1));
  const gaps = turning ? [random.integer(free + 1)] : dealt(free, order.length + 1, random);
  let at = 0;
  order.forEach(({ side, length }, index) => {
    at += (gaps[index] ?? 0) + (index > 0 && !turning ? 1 : 0);
    signals.set(at, ENTER[side]);
    at += length;
    if (!turning && at < bars) signals.set(at, LEAVE);
  });
  return signals;
}

/** Random lengths in the order of sides that the ledger had. */
function shuffledWithinSides(holdings: readonly Holding[], random: Random): Holding[] {
  const pools = { long: [] as number[], short: [] as number[] };
  for (const { side, length } of holdings) pools[side].push(length);
  for (const pool of [pools.long, pools.short]) {
    for (let i = pool.length - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      [pool[i], pool[j]] = [pool[j]!, pool[i]!];
    }
  }
  return holdings.map(({ side }) => ({ side, length: pools[side].pop()! }));
}

/** `total` bars dealt into `parts` gaps, every division equally likely up to rounding (uniform cuts, sorted). */
function dealt(total: number, parts: number, random: Random): number[] {
  const cuts = Float64Array.from({ length: parts - 1 }, () => random.integer(total + 1)).sort();
  return Array.from({ length: parts }, (_, i) => (cuts[i] ?? total) - (i === 0 ? 0 : cuts[i - 1]!));
}
