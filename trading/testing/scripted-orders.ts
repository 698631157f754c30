import { HOUR_MS } from '../../features/timeframe.ts';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import type { Costs } from '../brokers/simulated/cost-model.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import type { JournalEntry } from '../journal/journal-record.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import type { OrderAction, PlaceOrder } from '../orders/order-request.ts';
import { HOLD, type OrderBook, type Strategy } from '../strategies/strategy.ts';
import { testInstrument } from './random-walk-bars.ts';
import { runHistoricalSession, type SessionOptions } from '../sessions/historical-session.ts';

/** A Monday at 20:00 UTC: the fifth hour is of the next day. */
export const START_MS = Date.UTC(2024, 0, 8, 20);

export type Row = readonly [open: number, high: number, low: number, close: number, volume?: number];

const hourly = (row: number): number => START_MS + row * HOUR_MS;

export function hours(rows: readonly Row[], openMs: (row: number) => number): BarColumns {
  const bars = createBarColumns('A', rows.length);
  rows.forEach(([open, high, low, close, volume = 1_000], row) => {
    Object.entries({ open, high, low, close, volume }).forEach(([key, value]) => {
      bars[key as 'open'][row] = value;
    });
    bars.openTimeMs[row] = openMs(row);
    bars.closeTimeMs[row] = openMs(row) + HOUR_MS;
  });
  return bars;
}

/** What the strategy does at the close of each bar, by its number. */
export type Script = Readonly<Record<number, readonly OrderAction[] | ((book: OrderBook) => readonly OrderAction[])>>;

/** Runs a strategy that says HOLD and acts on its own orders as `script` says. */
export function run(
  rows: readonly Row[],
  script: Script,
  more: {
    costs?: Partial<Costs>;
    limits?: Partial<RiskLimits>;
    split?: readonly [hour: number, ratio: number];
    days?: Pick<SessionOptions, 'dayOf' | 'endsDay' | 'extended'>;
    /** When the bar of a row opens; an hour after the one before by default. */
    openMs?: (row: number) => number;
  } = {},
) {
  const books: OrderBook[] = [];
  const strategy: Strategy = {
    name: 'scripted',
    parameters: {},
    forSymbol: () => ({
      decide: () => HOLD,
      orders: (view, book) => {
        books.push(book);
        const said = script[view.length - 1] ?? [];
        return typeof said === 'function' ? said(book) : said;
      },
    }),
  };
  const journal = new MemoryJournal(['A'], { keep: true });
  const { split } = more;
  const effectiveMs = START_MS + (split?.[0] ?? 0) * HOUR_MS;
  const actions = split && [[{ kind: 'split' as const, effectiveMs, knownAtMs: effectiveMs, value: split[1] }]];
  const result = runHistoricalSession({
    bars: [hours(rows, more.openMs ?? hourly)],
    instruments: [testInstrument('A')],
    strategy,
    sizing: { kind: 'units', units: 1 },
    limits: { ...NAMED_LIMITS.unbounded, ...more.limits },
    broker: simulatedBroker(more.costs ?? {}),
    capital: 10_000,
    actions,
    ...more.days,
    journal,
  });
  const entries = [...journal.entries()];
  const fills = entries
    .filter((entry): entry is JournalEntry & { kind: 'fill' } => entry.kind === 'fill')
    .map(({ quantity, price, timeMs, fee }) => ({ quantity, price, hour: (timeMs - START_MS) / HOUR_MS, fee }));
  return { result, entries, fills, books, codes: result.refusals.map(({ code }) => code) };
}

/** An order of ten units called `one`, unless told otherwise. */
export const place = (order: Partial<PlaceOrder> & Pick<PlaceOrder, 'type' | 'side'>): PlaceOrder => ({
  do: 'place',
  label: 'one',
  size: { units: 10 },
  ...order,
});
