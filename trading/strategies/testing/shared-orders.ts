import { NAMED_LIMITS, type RiskLimits } from '../../../models/experiment/experiment.ts';
import type { Costs } from '../../brokers/simulated/cost-model.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import type { Command, Effect } from '../../effect.ts';
import { MemoryJournal } from '../../journal/memory-journal.ts';
import type { ExecutionRules } from '../../../models/experiment/execution/execution-schema.ts';
import type { ProtectionRule } from '../../risk/protection.ts';
import type { StrategyLimits } from '../../portfolio/strategy-limits.ts';
import { createSizer } from '../../risk/sizing.ts';
import { runHistoricalSession } from '../../sessions/historical-session.ts';
import { OPEN_SIGNAL_RULES, type SignalRules } from '../../signals/signal-validator.ts';
import { testInstrument } from '../../testing/random-walk-bars.ts';
import { hours, START_MS, type Row, type Script } from '../../testing/scripted-orders.ts';
import { HOUR_MS, type Timeframe } from '../../../features/timeframe.ts';
import { allocateStrategies } from '../allocated/allocate-strategies.ts';
import { HOLD, type HeardFill, type OrderBook, type Strategy } from '../strategy.ts';

/** What a strategy saw and heard. */
interface Told {
  readonly books: OrderBook[];
  readonly heard: HeardFill[];
}

/** A strategy that says HOLD and acts on its own orders as `script` says. */
function scripted(name: string, script: Script, told: Told): Strategy {
  return {
    name,
    parameters: {},
    forSymbol: () => ({
      decide: () => HOLD,
      onFill: (fill) => void told.heard.push(fill),
      orders: (view, book) => {
        // As it is now: orders that work come and go.
        told.books.push({ ...book, working: book.working });
        const said = script[view.length - 1] ?? [];
        return typeof said === 'function' ? said(book) : said;
      },
    }),
  };
}

interface More {
  readonly costs?: Partial<Costs>;
  readonly limits?: Partial<RiskLimits>;
  readonly own?: StrategyLimits;
  readonly split?: readonly [hour: number, ratio: number];
  readonly commands?: readonly (readonly [hour: number, command: Command['command']])[];
  readonly allocation?: number;
  /** Bars of all of them. */
  readonly timeframe?: Timeframe;
  /** How orders of signals are executed, by strategy. */
  readonly executions?: Readonly<Record<string, ExecutionRules>>;
  readonly protection?: ProtectionRule;
  readonly rules?: Partial<SignalRules>;
}

/** Runs strategies that share an account of 20,000, each by its script or (a strategy) as it is. */
export function runShared(rows: readonly Row[], scripts: Readonly<Record<string, Script | Strategy>>, more: More = {}) {
  const told: Record<string, Told> = {};
  const names = Object.keys(scripts);
  const { split, commands = [], allocation = 0.5, own = { positionFraction: 1, exposureFraction: 1 } } = more;
  const { executions = {} } = more;
  const strategies = names.map((name) => {
    const given = scripts[name]!;
    told[name] = { books: [], heard: [] };
    const strategy = 'forSymbol' in given ? (given as Strategy) : scripted(name, given as Script, told[name]);
    return { name, strategy, allocation, limits: own, timeframe: more.timeframe, execution: executions[name] };
  });
  const sizing = { kind: 'units', units: 10 } as const;
  const effects: Effect[] = [];
  const memory = new MemoryJournal(['A'], { keep: false });
  const journal = {
    append: (effect: Effect) => {
      effects.push(effect);
      memory.append(effect);
    },
    hash: () => memory.hash(),
  };
  const effectiveMs = START_MS + (split?.[0] ?? 0) * HOUR_MS;
  const result = runHistoricalSession({
    bars: [hours(rows, (row) => START_MS + row * HOUR_MS)],
    instruments: [testInstrument('A')],
    strategy: allocateStrategies({
      strategies,
      sizer: () => createSizer(sizing, { symbols: 1, barsPerYear: 252 }),
      rules: { ...OPEN_SIGNAL_RULES, ...more.rules },
      rebalanced: 'never',
      hours: null,
    }),
    sizing,
    protection: more.protection,
    limits: { ...NAMED_LIMITS.unbounded, shortAllowed: false, ...more.limits },
    broker: simulatedBroker(more.costs ?? {}),
    capital: 20_000,
    actions: split && [[{ kind: 'split', effectiveMs, knownAtMs: effectiveMs, value: split[1] }]],
    timedCommands: commands.map(([hour, command]) => ({
      kind: 'command',
      timeMs: START_MS + hour * HOUR_MS,
      command,
    })),
    journal,
  });
  const fills = effects.flatMap((effect) =>
    effect.kind === 'fill'
      ? [[effect.owner?.name ?? null, effect.quantity, effect.price, (effect.timeMs - START_MS) / HOUR_MS] as const]
      : [],
  );
  return { result, effects, fills, told, codes: result.refusals.map(({ code }) => code) };
}
