import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import type { VenueRules } from '../../features/instrument.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import type { Costs } from '../brokers/simulated/cost-model.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import type { JournalEntry } from '../journal/journal-record.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import type { OrderAction } from '../orders/order-request.ts';
import type { ProtectionRule } from '../risk/protection.ts';
import type { SizingRule } from '../risk/sizing.ts';
import { runHistoricalSession } from '../sessions/historical-session.ts';
import { HOLD, ruleSignal, type OrderBook, type Signal, type Strategy } from '../strategies/strategy.ts';
import { testInstrument } from './random-walk-bars.ts';

/** Open, high, low, close and volume of a day; one number is all four prices. */
export type DialectRow = number | readonly [open: number, high: number, low: number, close: number, volume?: number];

const START_MS = Date.UTC(2020, 0, 1);

const SIGNALS: Readonly<Record<string, Signal>> = {
  L: ruleSignal('BUY', 'told'),
  S: ruleSignal('SELL', 'told'),
  X: { ...ruleSignal('SELL', 'told'), target: 0 },
};

export interface DialectOptions {
  /** At each close in turn: `L` long, `S` short, `X` flat, anything else nothing. */
  readonly signals?: string;
  /** Orders of the strategy's own, by the bar at whose close they are given. */
  readonly orders?: Readonly<Record<number, readonly OrderAction[] | ((book: OrderBook) => readonly OrderAction[])>>;
  readonly costs?: Partial<Costs>;
  readonly protection?: Partial<ProtectionRule>;
  readonly sizing?: SizingRule;
  readonly lot?: number;
  readonly capital?: number;
  /** Prices are on no tick where the class is unknown. */
  readonly assetClass?: 'unknown' | 'equity';
  /** Limits beside those of `unbounded`: credit, for leverage. */
  readonly limits?: Partial<RiskLimits>;
  /** What the venue takes. */
  readonly rules?: VenueRules;
}

/** Daily bars of the symbol A. */
export function dialectBars(rows: readonly DialectRow[]): BarColumns {
  const bars = createBarColumns('A', rows.length);
  rows.forEach((told, row) => {
    const [open, high, low, close, volume = 1e6] = typeof told === 'number' ? [told, told, told, told] : told;
    Object.entries({ open, high, low, close, volume }).forEach(([key, value]) => {
      bars[key as 'open'][row] = value;
    });
    bars.openTimeMs[row] = START_MS + row * DAY_MS;
    bars.closeTimeMs[row] = START_MS + (row + 1) * DAY_MS;
  });
  return bars;
}

function told({ signals = '', orders }: DialectOptions): Strategy {
  return {
    name: 'told',
    parameters: {},
    forSymbol: () => ({
      decide: (view) => SIGNALS[signals[view.length - 1] ?? ''] ?? HOLD,
      ...(orders === undefined
        ? {}
        : {
            orders: (view, book) => {
              const said = orders[view.length - 1] ?? [];
              return typeof said === 'function' ? said(book) : said;
            },
          }),
    }),
  };
}

/** Runs a strategy that does as it is told over daily bars: its fills with the bar of each, and what is left. */
export function dialectSession(bars: BarColumns, options: DialectOptions) {
  const { costs = {}, protection, sizing = { kind: 'units', units: 1 }, lot = 1, capital = 100_000 } = options;
  const journal = new MemoryJournal(['A'], { keep: true });
  const result = runHistoricalSession({
    bars: [bars],
    instruments: [testInstrument('A', { lot, assetClass: options.assetClass ?? 'unknown', rules: options.rules })],
    strategy: told(options),
    sizing,
    limits: { ...NAMED_LIMITS.unbounded, ...options.limits },
    signals: { longShort: true },
    broker: simulatedBroker(costs),
    protection:
      protection === undefined ? undefined : { stopLoss: null, takeProfit: null, trailing: null, ...protection },
    capital,
    journal,
  });
  // What rests is reported at the close of the bar that filled it, the next open at that moment: a bar ends then.
  const barOf = (timeMs: number): number =>
    bars.closeTimeMs.findIndex((close) => timeMs <= close && timeMs > close - DAY_MS);
  const fills = [...journal.entries()]
    .filter((entry): entry is JournalEntry & { kind: 'fill' } => entry.kind === 'fill')
    .map(({ quantity, price, fee, timeMs }) => ({ bar: barOf(timeMs), quantity, price, fee }));
  return { result, fills, codes: result.refusals.map(({ code }) => code) };
}
