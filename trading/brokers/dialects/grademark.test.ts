import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sma } from '../../../features/kernels/sma.ts';
import { describeWith, REFERENCE_DIR } from '../../../infra/testing/requirements.ts';
import type { OrderAction, PlaceOrder } from '../../orders/order-request.ts';
import type { OrderBook } from '../../strategies/strategy.ts';
import { seriesKernel } from '../../strategies/kernel-input.ts';
import { dialectBars, dialectSession, type DialectRow } from '../../testing/dialect-session.ts';

// Grademark's backtests with stops and targets (MIT), in `reference/grademark`: buy below the average of 30 closes,
// sell above it, at the next open. It fills a stop exactly at its price (`stopFill: exact`), looks at stops from the
// bar after the entry on, and asks no rule on the bar of a fill: the strategy places its orders at that bar's close.

type Row = Exclude<DialectRow, number>;
type Variant = { readonly stop?: number; readonly trail?: number; readonly target?: number; readonly hold?: number };

const folder = join(REFERENCE_DIR, 'grademark');

function rowsOf(): { readonly days: readonly number[]; readonly rows: readonly Row[] } {
  const [, ...lines] = readFileSync(join(folder, 'data/STW.csv'), 'utf8').trim().split(/\r?\n/);
  const dated = lines.map((line) => {
    const [date, ...numbers] = line.split(',');
    const [day, month, year] = date!.split('/').map(Number);
    const [open, high, low, close, volume] = numbers.map(Number) as number[];
    return { day: Date.UTC(year!, month! - 1, day!), row: [open!, high!, low!, close!, volume!] as const };
  });
  dated.sort((a, b) => a.day - b.day);
  return { days: dated.map(({ day }) => day), rows: dated.map(({ row }) => row) };
}

interface Trade {
  readonly entryTime: string;
  readonly entryPrice: number;
  readonly exitTime: string;
  readonly exitPrice: number;
  readonly exitReason: string;
}

/** Its rules, bar by bar: what is to be done at each close. */
function strategyOf(rows: readonly Row[], { stop, trail, target, hold }: Variant) {
  const average = seriesKernel(sma, [30]);
  const levels = rows.map(([, , , close]) => average.next(close));
  const exit = { do: 'place', side: 'sell', size: 'position', reduceOnly: true, group: 'exits' } as const;
  let [held, since, level] = [0, 0, 0];
  return (bar: number, book: OrderBook): readonly OrderAction[] => {
    const close = rows[bar]![3];
    const changed = book.position !== held;
    held = book.position;
    if (changed && held > 0) {
      since = bar;
      const entry = book.averagePrice;
      const orders: PlaceOrder[] = [];
      level = stop === undefined ? entry - (trail ?? 0) * close : entry * (1 - stop);
      if (stop !== undefined || trail !== undefined) orders.push({ ...exit, label: 'stop', type: 'stop', stop: level });
      if (target !== undefined) orders.push({ ...exit, label: 'target', type: 'limit', limit: entry * (1 + target) });
      return orders;
    }
    if (changed || bar < 30) return [];
    if (held === 0) {
      const enters = close < levels[bar]!;
      return enters ? [{ do: 'place', label: 'entry', side: 'buy', type: 'market', size: { units: 1 } }] : [];
    }
    const leaves = hold === undefined ? close > levels[bar]! : bar - since >= hold;
    if (leaves) return [{ ...exit, label: 'exit', type: 'market' }];
    const raised = trail === undefined ? level : Math.max(level, close - trail * close);
    if (raised === level) return [];
    level = raised;
    return [{ do: 'amend', label: 'stop', stop: level }];
  };
}

function ourTrades(variant: Variant) {
  const { days, rows } = rowsOf();
  const bars = dialectBars(rows);
  const act = strategyOf(rows, variant);
  const orders = Object.fromEntries(rows.map((_, bar) => [bar, (book: OrderBook) => act(bar, book)]));
  const { result, fills } = dialectSession(bars, { orders, costs: { stopFill: 'exact' }, capital: 1_000 });
  expect(result.refusals.filter(({ code }) => code !== 'expired')).toEqual([]);
  const pairs = fills.flatMap((fill, at) => (fill.quantity > 0 ? [[fill, fills[at + 1]] as const] : []));
  return pairs.map(([entry, end]) => ({
    entryDay: days[openBar(entry.bar, entry.price, rows)]!,
    entryPrice: entry.price,
    exit: end === undefined ? null : { bar: end.bar, price: end.price },
  }));
}

/** A fill at an open is of the bar that opens at that moment, which is the close of the one before. */
function openBar(bar: number, price: number, rows: readonly Row[]): number {
  return rows[bar + 1]?.[0] === price ? bar + 1 : bar;
}

/** Times are local midnight at UTC+10. */
const dayOf = (time: string): number => Date.parse(time) + 10 * 3_600_000;

describeWith('reference', 'Grademark’s backtests', () => {
  it.each<[string, Variant]>([
    ['backtest-with-stop-loss', { stop: 0.015 }],
    ['backtest-with-trailing-stop', { trail: 0.03 }],
    ['backtest-with-profit-target', { target: 0.01 }],
    ['backtest-with-maximum-holding-period', { hold: 3 }],
  ])('%s', (name, variant) => {
    const expected = JSON.parse(readFileSync(join(folder, 'expected', `${name}.json`), 'utf8')) as Trade[];
    const { days, rows } = rowsOf();
    const ours = ourTrades(variant);
    expect(ours.map(({ entryDay, entryPrice }) => [entryDay, entryPrice])).toEqual(
      expected.map(({ entryTime, entryPrice }) => [dayOf(entryTime), entryPrice]),
    );
    ours.forEach(({ exit }, at) => {
      const { exitTime, exitPrice, exitReason } = expected[at]!;
      if (exitReason === 'finalize') return expect(exit).toBeNull();
      const open = rows[days.indexOf(dayOf(exitTime))]![0];
      // A bar that opens above a target fills it at its open, which is better (`at-the-limit`).
      const better = exitReason === 'profit-target' && open > exitPrice;
      expect(exit!.price).toBeCloseTo(better ? open : exitPrice, 9);
      expect([days[exit!.bar], days[openBar(exit!.bar, exit!.price, rows)]]).toContain(dayOf(exitTime));
    });
  });
});
