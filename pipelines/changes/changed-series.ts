import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { DAY_MS, type Timeframe } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import type { Calendar } from '../calendars/calendar.ts';
import { isoDay, type Day } from '../calendars/day.ts';
import type { SymbolChange } from './changes-file.ts';

/** The wanted symbols and all that they were called before. @throws InputError for one that has another name by now */
export function namesBefore(wanted: readonly string[], changes: readonly SymbolChange[]): string[] {
  const names = new Set(wanted);
  for (const change of [...changes].reverse()) {
    if (change.kind !== 'renamed') continue;
    if (wanted.includes(change.symbol)) {
      const problem = `${change.where}: ${change.symbol} is called ${change.to} since ${isoDay(change.day)}.`;
      throw new InputError(problem, `Name ${change.to} in the universe: its bars from before are joined to it.`);
    }
    if (names.has(change.to)) names.add(change.symbol);
  }
  return [...names];
}

/** Where and in what bars the series are traded. */
export interface Market {
  readonly calendar: Calendar;
  readonly timeframe: Timeframe;
}

/**
 * Series as they go on under their last names, and those that end with what a unit was worth: a last bar of that price
 * on that day, so that what is held is worth it from then on. Changes of symbols that are not there do nothing.
 * @throws InputError with file and line where bars and changes do not agree
 */
export function changedSeries(
  universe: readonly BarColumns[],
  changes: readonly SymbolChange[],
  market: Market,
): { readonly universe: BarColumns[]; readonly notes: string[] } {
  const series = new Map(universe.map((bars) => [bars.symbol, bars]));
  const notes: string[] = [];
  for (const change of changes) {
    const bars = series.get(change.symbol);
    if (bars === undefined) continue;
    const startMs = market.calendar.dayStartMs(change.day);
    requireNone(bars, change, (openTimeMs) => openTimeMs >= startMs, 'has bars from that day on');
    if (change.kind === 'renamed') {
      const next = series.get(change.to);
      if (next !== undefined) {
        requireNone(next, change, (openTimeMs) => openTimeMs < startMs, 'has bars from before, of something else');
      }
      series.delete(change.symbol);
      series.set(change.to, joined(change.to, next === undefined ? [bars] : [bars, next]));
      notes.push(`${change.symbol} goes on as ${change.to} from ${isoDay(change.day)}.`);
    } else {
      series.set(change.symbol, joined(change.symbol, [bars, finalBar(bars.symbol, change, market)]));
      notes.push(`${change.symbol} was delisted on ${isoDay(change.day)}, and is worth ${change.value} from then on.`);
    }
  }
  const order = new Map(universe.map(({ symbol }, at) => [symbol, at]));
  const placed = [...series.values()].sort(
    (a, b) => (order.get(a.symbol) ?? Infinity) - (order.get(b.symbol) ?? Infinity),
  );
  return { universe: placed, notes };
}

function requireNone(
  bars: BarColumns,
  { where, day }: SymbolChange,
  isWrong: (openTimeMs: number) => boolean,
  problem: string,
): void {
  const row = bars.openTimeMs.findIndex(isWrong);
  if (row === -1) return;
  const at = new Date(bars.openTimeMs[row]!).toISOString();
  throw new InputError(
    `${where}: ${bars.symbol} ${problem}: ${isoDay(day)} is told, and there is one at ${at}.`,
    'Correct the date, or give the other company a name of its own in the bars.',
  );
}

function finalBar(
  symbol: string,
  change: Extract<SymbolChange, { kind: 'delisted' }>,
  { calendar, timeframe }: Market,
): BarColumns {
  if (timeframe !== '1d') {
    throw new InputError(`${change.where}: bars of ${timeframe}, and a final value is a daily bar.`, 'Use 1d.');
  }
  const [openTimeMs, closeTimeMs] = hoursOf(change, calendar);
  const bar = createBarColumns(symbol, 1);
  bar.openTimeMs[0] = openTimeMs;
  bar.closeTimeMs[0] = closeTimeMs;
  for (const field of ['open', 'high', 'low', 'close'] as const) bar[field][0] = change.value;
  return bar;
}

function hoursOf({ day, where }: { readonly day: Day; readonly where: string }, calendar: Calendar): [number, number] {
  const startMs = calendar.dayStartMs(day);
  if (calendar.name === 'none' || calendar.name === 'crypto') return [startMs, startMs + DAY_MS];
  const hours = calendar.hoursOf(day);
  if (hours !== undefined) return [hours.openTimeMs, hours.closeTimeMs];
  throw new InputError(`${where}: ${isoDay(day)} is no trading day of ${calendar.name}.`, 'Name the next one.');
}

const COLUMNS = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

function joined(symbol: string, parts: readonly BarColumns[]): BarColumns {
  const all = createBarColumns(
    symbol,
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    const own = sliceBarColumns(part, 0, part.length);
    for (const column of COLUMNS) all[column].set(own[column], at);
    at += part.length;
  }
  return all;
}
