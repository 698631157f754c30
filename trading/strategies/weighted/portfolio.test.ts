import { describe, expect, it } from 'vitest';
import { createBarColumns, sliceBarColumns, type BarColumns } from '../../../features/bar.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import { createRandom } from '../../../infra/random.ts';
import { describeWith } from '../../../infra/testing/requirements.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { utcDayOfClose } from '../../../pipelines/calendars/day.ts';
import { BarView } from '../../bar-view.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import type { JournalEntry } from '../../journal/journal-record.ts';
import { MemoryJournal } from '../../journal/memory-journal.ts';
import { referenceBars, referenceCloses } from '../../portfolio/testing/reference-closes.ts';
import { OPEN_SIGNAL_RULES } from '../../signals/signal-validator.ts';
import { runHistoricalSession } from '../../sessions/historical-session.ts';
import { testInstrument } from '../../testing/random-walk-bars.ts';
import { createSizer } from '../../risk/sizing.ts';
import { allocateStrategies } from '../allocated/allocate-strategies.ts';
import { createRuleStrategy } from '../rule-strategies.ts';
import type { Strategy, SymbolStrategy } from '../strategy.ts';

const START_MS = Date.UTC(2020, 0, 1);

/** Daily bars of several symbols. */
function walks(symbols: number, days: number, seed: string): BarColumns[] {
  return Array.from({ length: symbols }, (_, at) => {
    const random = createRandom(`${seed}/${at}`);
    const bars = createBarColumns(`S${at}`, days);
    let price = 100;
    for (let row = 0; row < days; row++) {
      bars.openTimeMs[row] = START_MS + row * DAY_MS;
      bars.closeTimeMs[row] = START_MS + (row + 1) * DAY_MS;
      bars.open[row] = price;
      price *= 1 + 0.01 * (1 + at / 2) * random.normal();
      bars.close[row] = price;
      bars.high[row] = Math.max(price, bars.open[row]!);
      bars.low[row] = Math.min(price, bars.open[row]!);
      bars.volume[row] = 1e6;
    }
    return bars;
  });
}

interface Said {
  readonly timeMs: number;
  readonly symbol: string;
  readonly target: number;
}

interface Ran {
  readonly entries: readonly JournalEntry[];
  readonly said: readonly Said[];
  readonly bars: readonly BarColumns[];
}

/** The strategy, whose words are noted. */
function noted(strategy: Strategy, said: Said[]): Strategy {
  const heard = (one: SymbolStrategy): SymbolStrategy => ({
    ...one,
    decide: (view) => {
      const signal = one.decide(view);
      const { target } = signal;
      if (target !== undefined) said.push({ timeMs: view.closeTimeMs(), symbol: view.symbol, target });
      return signal;
    },
  });
  return { ...strategy, forSession: (views) => ({ symbols: strategy.forSession!(views).symbols.map(heard) }) };
}

/** The strategy as the only one of an account that strategies share. */
function inAnAccount(strategy: Strategy, symbols: number): Strategy {
  const sizer = createSizer({ kind: 'fraction-of-equity', fraction: 1 }, { symbols, barsPerYear: 252 });
  const limits = { positionFraction: 1, exposureFraction: 1 };
  return allocateStrategies({
    strategies: [{ name: 'one', strategy, allocation: 1, limits }],
    sizer: () => sizer,
    rules: OPEN_SIGNAL_RULES,
    dayOf: utcDayOfClose,
    rebalanced: 'never',
    hours: null,
  });
}

function run(bars: readonly BarColumns[], parameters: Readonly<Record<string, unknown>>, { shared = false } = {}): Ran {
  const symbols = bars.map(({ symbol }) => symbol);
  const journal = new MemoryJournal(symbols);
  const said: Said[] = [];
  const strategy = noted(createRuleStrategy('portfolio', parameters), said);
  runHistoricalSession({
    bars,
    instruments: symbols.map((symbol) => testInstrument(symbol, { tick: 1e-6, lot: 1e-4 })),
    strategy: shared ? inAnAccount(strategy, bars.length) : strategy,
    sizing: { kind: 'fraction-of-equity', fraction: 1 },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ feeBps: 5, halfSpreadBps: 2 }),
    capital: 1e6,
    journal,
  });
  return { entries: [...journal.entries()], said, bars };
}

/** Days since the first bar at whose close something was said, with how often. */
function daysOf(ran: Ran): Map<number, number> {
  const days = new Map<number, number>();
  for (const { timeMs } of ran.said) {
    const day = (timeMs - START_MS) / DAY_MS - 1;
    days.set(day, (days.get(day) ?? 0) + 1);
  }
  return days;
}

/** Shares of what is held, at the close of `day`, as fills tell. */
function sharesAt({ entries, bars }: Ran, day: number): number[] {
  const untilMs = START_MS + (day + 1) * DAY_MS;
  const units = bars.map(() => 0);
  for (const entry of entries) {
    if (entry.kind !== 'fill' || entry.timeMs >= untilMs) continue;
    units[entry.symbol]! += entry.quantity;
  }
  const worth = units.map((one, at) => one * bars[at]!.close[day]!);
  const all = worth.reduce((sum, one) => sum + one, 0);
  return worth.map((one) => one / all);
}

const EQUAL = { method: 'equal-weight', lookback: 20, band: 0, invested: 1 };

describe('a portfolio', () => {
  it('begins with bars enough, then shrinks at the first close of a month and grows at the next', () => {
    const ran = run(walks(4, 100, 'months'), EQUAL);
    const days = [...daysOf(ran)];
    // 20 returns are there at the close of day 20, the 21st of January. February begins with day 31, March with day 60.
    expect(days.map(([day]) => day)).toEqual([20, 31, 32, 60, 61, 91, 92]);
    expect(days[0]![1]).toBe(4);
    expect(days[1]![1] + days[2]![1]).toBe(4);
    expect(ran.said.every(({ target }) => target === 0.25)).toBe(true);
  });

  it.each([false, true])('brings positions back to a weight that is the same again, shared: %s', (shared) => {
    const ran = run(walks(4, 100, 'same'), EQUAL, { shared });
    const spread = (day: number): number => Math.max(...sharesAt(ran, day).map((share) => Math.abs(share - 0.25)));
    expect(spread(59)).toBeGreaterThan(0.01);
    // Sized at the closes of days 60 and 61, bought at the open of day 62, costs included.
    expect(spread(62)).toBeLessThan(0.01);
  });

  it('rebalances day by day, week by week, and not within its band', () => {
    const bars = walks(4, 60, 'bands');
    expect(daysOf(run(bars, { ...EQUAL, rebalance: 'daily' })).size).toBeGreaterThan(35);
    const weekly = [...daysOf(run(bars, { ...EQUAL, rebalance: 'weekly' })).keys()];
    // The 1st of January 2020 is a Wednesday: day 26 is the first Monday after day 20.
    expect(weekly.slice(0, 5)).toEqual([20, 26, 27, 33, 34]);
    expect(daysOf(run(bars, { ...EQUAL, rebalance: 'daily', band: 0.5 })).size).toBe(0);
    expect([...daysOf(run(bars, { ...EQUAL, rebalance: 'daily', band: 0.2 })).keys()]).toEqual([20]);
  });

  it('leaves out symbols without bars enough, and takes them up when they have them', () => {
    const [first, second, third] = walks(3, 100, 'late') as [BarColumns, BarColumns, BarColumns];
    for (const times of [third.openTimeMs, third.closeTimeMs])
      times.forEach((time, row) => (times[row] = time + 50 * DAY_MS));
    const { said } = run([first, second, third], EQUAL);
    const late = said.filter(({ symbol }) => symbol === 'S2');
    expect(new Set(said.filter(({ timeMs }) => timeMs < START_MS + 80 * DAY_MS).map(({ target }) => target))).toEqual(
      new Set([0.5]),
    );
    // Its 21st bar is that of day 70, and the month after begins with day 91.
    expect(late.map(({ timeMs }) => (timeMs - START_MS) / DAY_MS - 1)).toContain(92);
    expect(late[0]!.target).toBeCloseTo(1 / 3, 12);
  });

  it('leaves out symbols without risk, and does not stop at them', () => {
    const [first, second, third] = walks(3, 40, 'still') as [BarColumns, BarColumns, BarColumns];
    second.close.fill(100);
    // It doubles each day: its return is always the same.
    third.close.forEach((_, day) => (third.close[day] = 2 ** day));
    const { said } = run([first, second, third], { lookback: 20, invested: 1 });
    expect(said.map(({ symbol, target }) => [symbol, target])).toEqual([['S0', 1]]);
  });

  it('leaves out symbols whose bars have ended', () => {
    const [first, second, third] = walks(3, 100, 'ended') as [BarColumns, BarColumns, BarColumns];
    const { said } = run([first, second, sliceBarColumns(third, 0, 40)], EQUAL);
    const targets = (day: number): number[] =>
      said.flatMap(({ timeMs, target }) => (timeMs === START_MS + (day + 1) * DAY_MS ? [target] : []));
    expect(targets(20)).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(new Set([...targets(60), ...targets(61)])).toEqual(new Set([0.5]));
  });

  it('says again what was never executed, and not what was', () => {
    const months = (fills: boolean): number[] => {
      const [bars] = walks(1, 100, 'unfilled');
      const cursor = { bars: bars!, last: -1 };
      const view = new BarView(cursor);
      const { symbols } = createRuleStrategy('portfolio', EQUAL).forSession!([view]);
      const said: number[] = [];
      for (let day = 0; day < 100; day++) {
        cursor.last = day;
        if (symbols[0]!.decide(view).target === undefined) continue;
        said.push(day);
        if (fills) symbols[0]!.onFill!({ timeMs: view.closeTimeMs(), quantity: 5, price: 1, fee: 0, final: true });
      }
      return said;
    };
    expect(months(true)).toEqual([20]);
    expect(months(false)).toEqual([20, 31, 60, 91]);
  });

  it('is refused, and goes on, where returns mirror each other and no weights settle', () => {
    const [first] = walks(1, 100, 'mirror') as [BarColumns];
    const { open, close, high, low } = createBarColumns('', first.length);
    for (let row = 0; row < first.length; row++) {
      open[row] = row === 0 ? 100 : close[row - 1]!;
      close[row] = open[row]! * (2 - first.close[row]! / first.open[row]!);
      high[row] = Math.max(open[row]!, close[row]!);
      low[row] = Math.min(open[row]!, close[row]!);
    }
    const both = [first, { ...first, symbol: 'MIRROR', open, close, high, low }];
    const ran = run(both, { method: 'risk-parity', covariance: 'sample', lookback: 20 });
    const refusals = ran.entries.filter((entry) => entry.kind === 'refusal');
    // Once for each symbol when there are bars enough, and at the first close of a month after.
    const days = refusals.map(({ timeMs }) => (timeMs - START_MS) / DAY_MS - 1);
    expect(days.slice(0, 4)).toEqual([20, 20, 31, 31]);
    expect([60, 91]).toEqual(expect.arrayContaining([...new Set(days.slice(4))]));
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['weights-unsettled']));
    expect(run(both, { method: 'risk-parity', lookback: 20 }).said.length).toBeGreaterThan(0);
  });

  it('names the symbol of a view that it has no bars of', () => {
    expect(() => run(walks(2, 30, 'views'), { method: 'black-litterman', views: 'S7: 0.1' })).toThrow(
      'a view is of S7',
    );
    const towards = (views: string): number => {
      const ran = run(walks(3, 40, 'views'), { method: 'black-litterman', views, lookback: 20 });
      return ran.said.find(({ symbol }) => symbol === 'S0')?.target ?? 0;
    };
    expect(towards('S0: 0.9 @ 0.9')).toBeGreaterThan(towards('S0: 0.01 @ 0.9') + 0.1);
  });

  it('keeps groups of symbols within their bounds, from the first weights on', () => {
    const asked = { method: 'minimum-variance', lookback: 20, rebalance: 'daily', band: 0 };
    // The first is the calmest: it would be most of all.
    const share = (groups: object): number[] =>
      run(walks(4, 60, 'groups'), { ...asked, ...groups }).said.flatMap(({ symbol, target }) =>
        symbol === 'S0' ? [target] : [],
      );
    expect(Math.max(...share({}))).toBeGreaterThan(0.35);
    const kept = share({ groups: 'S0: to 0.3; S1 + S2 + S3: from 0.5' });
    expect(kept.length).toBeGreaterThan(10);
    expect(Math.max(...kept)).toBeLessThan(0.3 + 1e-9);
    expect(() => share({ groups: 'S0 + S9: to 0.3' })).toThrow('a group has S9, which there are no bars of');
  });
});

describeWith('reference', 'a portfolio of 20 stocks, month by month, with costs', () => {
  const recent = () => referenceBars(referenceCloses('sp500_dataset', (day) => day >= '2019-06'));
  const METHODS = ['hierarchical-risk-parity', 'risk-parity', 'minimum-variance', 'mean-variance'];

  it.each(METHODS)('%s decides at a bar what it would decide whatever comes after', (method) => {
    const parameters = { method, lookback: 60 };
    const whole = run(recent(), parameters);
    const months = new Set(whole.said.map(({ timeMs }) => new Date(timeMs - 1).toISOString().slice(0, 7)));
    expect(months.size).toBeGreaterThan(36);
    for (const cut of [70, 128, 129, 400, 800]) {
      const bars = recent();
      const untilMs = bars[0]!.closeTimeMs[cut]!;
      for (const columns of bars) {
        for (const name of ['open', 'high', 'low', 'close'] as const) {
          for (let row = cut + 1; row < columns.length; row++) columns[name][row]! *= row % 2 === 0 ? 1.7 : 0.4;
        }
      }
      // What the next open leads to has the same millisecond as the close.
      const isDecided = (entry: JournalEntry): boolean =>
        entry.kind === 'signal' || entry.kind === 'order' || (entry.kind === 'refusal' && entry.stage !== 'broker');
      const before = (ran: Ran): JournalEntry[] =>
        ran.entries.filter((one) => one.timeMs < untilMs || (one.timeMs === untilMs && isDecided(one)));
      const again = run(bars, parameters);
      expect(before(again)).toEqual(before(whole));
      const saidBy = ({ said }: Ran): Said[] => said.filter(({ timeMs }) => timeMs <= untilMs);
      expect(saidBy(again)).toEqual(saidBy(whole));
      expect(before(whole).length).toBeGreaterThan(10);
    }
  });
});
