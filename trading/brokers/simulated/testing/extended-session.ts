import { createBarColumns, type BarColumns } from '../../../../features/bar.ts';
import { HOUR_MS } from '../../../../features/timeframe.ts';
import { NAMED_LIMITS } from '../../../../models/experiment/experiment.ts';
import { extendedHours } from '../../../../pipelines/calendars/extended-hours.ts';
import { endsDayOf, marketDays } from '../../../../pipelines/calendars/market-days.ts';
import { usEquitiesExtended } from '../../../../pipelines/calendars/us-equities-extended.ts';
import { usEquities } from '../../../../pipelines/calendars/us-equities.ts';
import { MemoryJournal } from '../../../journal/memory-journal.ts';
import type { PlaceOrder } from '../../../orders/order-request.ts';
import { runHistoricalSession, type SessionOptions } from '../../../sessions/historical-session.ts';
import { createSizer } from '../../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../../signals/signal-validator.ts';
import { allocateStrategies } from '../../../strategies/allocated/allocate-strategies.ts';
import { HOLD, ruleSignal, type Strategy, type StrategyAction } from '../../../strategies/strategy.ts';
import { testInstrument } from '../../../testing/random-walk-bars.ts';
import type { Costs } from '../cost-model.ts';
import { simulatedBroker } from '../simulated-broker.ts';

// Bars of half an hour on a Friday and the Monday after it, New York time; between them the clock goes forward.
export const friday = (time: string): number => Date.parse(`2025-03-07T${time}:00-05:00`);
export const monday = (time: string): number => Date.parse(`2025-03-10T${time}:00-04:00`);
export const TIMES = Array.from(
  { length: 32 },
  (_, i) => `${String(4 + (i >> 1)).padStart(2, '0')}:${i % 2 ? '30' : '00'}`,
);
const OPENS = [...TIMES.map(friday), ...TIMES.map(monday)];

/** Prices of bars that do not stand at 100: open, high, low, close. */
export type Moves = ReadonlyMap<number, readonly [number, number, number, number]>;
export type Said = ReadonlyMap<number, readonly StrategyAction[] | 'BUY' | 'SELL'>;

function barsOf(moves: Moves): BarColumns {
  const bars = createBarColumns('A', OPENS.length);
  OPENS.forEach((openMs, row) => {
    const prices = moves.get(openMs) ?? [100, 100, 100, 100];
    [bars.open[row], bars.high[row], bars.low[row], bars.close[row]] = prices;
    bars.openTimeMs[row] = openMs;
    bars.closeTimeMs[row] = openMs + HOUR_MS / 2;
    bars.volume[row] = 1_000;
  });
  return bars;
}

interface More extends Pick<SessionOptions, 'execution' | 'protection'> {
  readonly costs?: Partial<Costs>;
  /** Another strategy, which never wants anything, has the other half of the account. */
  readonly shared?: boolean;
  readonly timedCommands?: Parameters<typeof runHistoricalSession>[0]['timedCommands'];
}

const SILENT: Strategy = { name: 'silent', parameters: {}, forSymbol: () => ({ decide: () => HOLD }) };

/** Strategies that share an account. */
function sharing(strategies: readonly Strategy[], execution: SessionOptions['execution']): Strategy {
  const limits = { positionFraction: 1, exposureFraction: 1 };
  return allocateStrategies({
    strategies: strategies.map((strategy) => ({
      name: strategy.name,
      strategy,
      allocation: 1 / strategies.length,
      limits,
      execution,
    })),
    sizer: () => createSizer({ kind: 'units', units: 10 }, { symbols: 1, barsPerYear: 252 }),
    rules: OPEN_SIGNAL_RULES,
    rebalanced: 'never',
    hours: null,
  });
}

/** What a strategy says at closes, as fills `[units, price, time of the report]` and reasons of refusals. */
export function traded(said: Said, moves: Moves = new Map(), { costs, shared = false, ...more }: More = {}) {
  const alone: Strategy = {
    name: 'told',
    parameters: {},
    forSymbol: () => ({
      decide: (view) => {
        const word = said.get(view.closeTimeMs());
        return word === 'BUY' || word === 'SELL' ? ruleSignal(word, 'told') : HOLD;
      },
      ...([...said.values()].some((one) => typeof one !== 'string')
        ? {
            orders: (view) => {
              const found = said.get(view.closeTimeMs()) ?? [];
              return typeof found === 'string' ? [] : found;
            },
          }
        : {}),
    }),
  };
  const strategy = shared ? sharing([alone, { ...SILENT, name: 'other' }], more.execution) : alone;
  const journal = new MemoryJournal(['A'], { keep: true });
  const result = runHistoricalSession({
    bars: [barsOf(moves)],
    instruments: [testInstrument('A', { assetClass: 'equity' })],
    strategy,
    sizing: { kind: 'units', units: 10 },
    limits: { ...NAMED_LIMITS.unbounded, shortAllowed: false },
    broker: simulatedBroker(costs),
    capital: 100_000,
    dayOf: marketDays(usEquitiesExtended).dayOf,
    endsDay: endsDayOf(usEquities),
    extended: extendedHours(usEquitiesExtended),
    journal,
    ...more,
  });
  const fills = [...journal.entries()].flatMap((entry) =>
    entry.kind === 'fill' ? [[entry.quantity, entry.price, entry.timeMs] as const] : [],
  );
  const refusals = result.refusals.map(({ reason }) => reason);
  return { fills, refusals, codes: result.refusals.map(({ code }) => code), result };
}

export const order = (more: Partial<PlaceOrder>): PlaceOrder => ({
  ...{ do: 'place', label: 'one', side: 'buy', size: { units: 10 }, type: 'market' },
  ...more,
});
export const at = (timeMs: number, ...actions: StrategyAction[]): Said => new Map([[timeMs, actions]]);
