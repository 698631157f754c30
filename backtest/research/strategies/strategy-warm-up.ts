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
 * What other pasts are multiplied by: about as they were, far below and far above, so that what compares a price with
 * one of long ago comes out otherwise wherever prices have gone since.
 */
const LEVELS = [1, 0.25, 4];

/**
 * Runs a strategy over the bars, over those after the first quarter, and over bars whose first quarter is another, and
 * compares what it answers after that: actions, targets, and its own orders. One finding a strategy, symbol and past:
 * that of the past which takes longest to settle.
 */
export function strategyWarmUp(hunted: Hunted, random: Random): StrategyWarmUp {
  const { bars } = hunted;
  const fromMs = startOf(bars);
  const later = bars.map((columns) => sliceBarColumns(columns, barsClosedBy(columns, fromMs).length, columns.length));
  const whole = runRecorded(hunted, bars).answers;
  const findings = new Map<string, StrategyWarmUpFinding & { readonly settled: number }>();
  let [settledAfterBars, compared] = [0, 0];
  const others = LEVELS.map(
    (level) => ({ past: 'other', bars: corruptUntil(bars, fromMs, { random, level }) }) as const,
  );
  for (const { past, bars: changed } of [{ past: 'missing', bars: later } as const, ...others]) {
    const { answers } = runRecorded(hunted, changed);
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
        const place = JSON.stringify([past, name, columns.symbol]);
        if (settled <= (findings.get(place)?.settled ?? 0)) return;
        findings.set(place, { strategy: name, symbol: columns.symbol, ...found, settled });
      });
    }
  }
  const told = [...findings.values()].map(({ settled: _settled, ...finding }) => finding);
  return { settledAfterBars, compared, findings: told };
}

/** The close after which the past is changed: a quarter into the shortest history. */
function startOf(bars: readonly BarColumns[]): number {
  const starts = bars.map((columns) => columns.closeTimeMs[Math.floor(columns.length * PAST_SHARE)] ?? 0);
  return Math.max(...starts);
}

/** The bars with others before `fromMs`: every number is another, prices about `level` times what they were. */
function corruptUntil(
  bars: readonly BarColumns[],
  fromMs: number,
  { random, level }: { readonly random: Random; readonly level: number },
): BarColumns[] {
  const others = corruptAfter(bars, -Infinity, random.fork(`level ${level}`));
  return bars.map((columns, at) => {
    const other = others[at]!;
    for (const name of ['open', 'high', 'low', 'close'] as const) {
      for (let index = 0; index < other.length; index++) other[name][index]! *= level;
    }
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
