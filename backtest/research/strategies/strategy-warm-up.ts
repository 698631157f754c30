import { barsClosedBy, sliceBarColumns, type BarColumns } from '../../../features/bar.ts';
import type { Random } from '../../../infra/random.ts';
import { corruptAfter } from '../look-ahead.ts';
import type { Hunted } from './hunted-session.ts';
import { runRecorded, type Answer } from './recorded-run.ts';

/** A strategy whose answers depend on where history begins, or on what was long before. */
interface StrategyWarmUpFinding {
  readonly strategy: string;
  readonly symbol: string;
  /** What was done to the past: it was cut off, or was another. */
  readonly past: 'missing' | 'other';
  /** Bars of the symbol from the change on after which answers agree; null: not within the bars at hand. */
  readonly settlesAfterBars: number | null;
  /** Bars within which they should: what the strategy declares, or half of the bars where it declares nothing. */
  readonly expectedWithinBars: number;
  /** The last bar at which answers differ, and what they are. */
  readonly timeMs: number;
  readonly withPast: string;
  readonly without: string;
}

export interface StrategyWarmUp {
  /** Most bars that any symbol of a strategy took to settle. */
  readonly settledAfterBars: number;
  /** Answers compared: what was looked at, so that silence means something. */
  readonly compared: number;
  readonly findings: readonly StrategyWarmUpFinding[];
}

const PAST_SHARE = 0.25;

/**
 * Runs a strategy over the bars, over those after the first quarter, and over bars whose first quarter is another, and
 * compares what it answers after that: actions, targets, and its own orders. One finding a strategy, symbol and past.
 */
export function strategyWarmUp(hunted: Hunted, random: Random): StrategyWarmUp {
  const { bars } = hunted;
  const fromMs = startOf(bars);
  const later = bars.map((columns) => sliceBarColumns(columns, barsClosedBy(columns, fromMs).length, columns.length));
  const whole = runRecorded(hunted, bars).answers;
  const findings: StrategyWarmUpFinding[] = [];
  let [settledAfterBars, compared] = [0, 0];
  const pasts = { missing: later, other: corruptUntil(bars, fromMs, random) };
  for (const past of ['missing', 'other'] as const) {
    const { answers } = runRecorded(hunted, pasts[past]);
    for (const { name, warmUpBars } of hunted.members) {
      const [own, other] = [answersFrom(whole, name, fromMs), answersFrom(answers, name, fromMs)];
      later.forEach((columns) => {
        const expected = warmUpBars ?? Math.floor(columns.length / 2);
        const { settled, ...last } = settle(columns, own, other);
        settledAfterBars = Math.max(settledAfterBars, settled);
        compared += own.get(columns.symbol)?.size ?? 0;
        if (settled <= expected) return;
        const settlesAfterBars = settled === columns.length ? null : settled;
        const found = { past, settlesAfterBars, expectedWithinBars: expected, ...last };
        findings.push({ strategy: name, symbol: columns.symbol, ...found });
      });
    }
  }
  return { settledAfterBars, compared, findings };
}

/** The close after which the past is changed: a quarter into the shortest history. */
function startOf(bars: readonly BarColumns[]): number {
  const starts = bars.map((columns) => columns.closeTimeMs[Math.floor(columns.length * PAST_SHARE)] ?? 0);
  return Math.max(...starts);
}

/** The bars with other ones before `fromMs`: every number of them is another. */
function corruptUntil(bars: readonly BarColumns[], fromMs: number, random: Random): BarColumns[] {
  const others = corruptAfter(bars, -Infinity, random);
  return bars.map((columns, at) => {
    const other = others[at]!;
    const from = barsClosedBy(columns, fromMs).length;
    for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) {
      other[name].set(columns[name].subarray(from, columns.length), from);
    }
    return other;
  });
}

type BySymbol = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** What a strategy answered of each symbol at each close after `fromMs`. */
function answersFrom(answers: readonly Answer[], name: string, fromMs: number): BySymbol {
  const found = new Map<string, Map<number, string>>();
  for (const { strategy, symbol, timeMs, bare } of answers) {
    if (strategy !== name || timeMs <= fromMs) continue;
    const own = found.get(symbol) ?? new Map<number, string>();
    found.set(symbol, own);
    const before = own.get(timeMs);
    own.set(timeMs, before === undefined ? bare : `${before} ${bare}`);
  }
  return found;
}

function settle(
  { symbol, closeTimeMs, length }: BarColumns,
  whole: BySymbol,
  other: BySymbol,
): { settled: number; timeMs: number; withPast: string; without: string } {
  for (let bar = length - 1; bar >= 0; bar--) {
    const timeMs = closeTimeMs[bar]!;
    const withPast = whole.get(symbol)?.get(timeMs) ?? '';
    const without = other.get(symbol)?.get(timeMs) ?? '';
    if (withPast !== without) return { settled: bar + 1, timeMs, withPast, without };
  }
  return { settled: 0, timeMs: 0, withPast: '', without: '' };
}
