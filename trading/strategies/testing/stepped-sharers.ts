import { DAY_MS, HOUR_MS } from '../../../features/timeframe.ts';
import type { Random } from '../../../infra/random.ts';
import type { ExecutionRules } from '../../../models/experiment/execution/execution-schema.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { SharedAccount, SubLedgers } from '../../portfolio/sub-ledgers.ts';
import { createSizer } from '../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../signals/signal-validator.ts';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import type { SteppedOptions } from '../../testing/stepped-session.ts';
import { allocateStrategies } from '../allocated/allocate-strategies.ts';
import type { Strategy } from '../strategy.ts';

export const SYMBOLS = ['A', 'B'];
const walks = SYMBOLS.map((symbol, at) => randomWalkBars(symbol, 120, { seed: 31 + at, sigma: 0.01, barMs: HOUR_MS }));
const startMs = walks[0]!.openTimeMs[0]!;

interface Watch {
  readonly begun: (ledgers: SubLedgers, account: SharedAccount) => void;
  readonly close: () => void;
}

/** The same strategies, with somebody who looks at the books at each close. */
export function watched(strategy: Strategy, { begun, close }: Watch): Strategy {
  return {
    ...strategy,
    forSession: (views) => {
      const made = strategy.forSession!(views);
      return {
        symbols: made.symbols.map((symbol) => ({
          ...symbol,
          orders: (view, book) => {
            close();
            return symbol.orders!(view, book);
          },
        })),
        placesOrders: made.placesOrders!,
        begin: (account) => {
          const ledgers = made.begin!(account);
          begun(ledgers, account);
          return ledgers;
        },
        save: () => made.save!(),
        restore: (state) => made.restore!(state),
      };
    },
  };
}

interface Sharing {
  readonly most?: number;
  readonly longShort?: boolean;
  /** Of each of the strategies. */
  readonly executions?: readonly (ExecutionRules | undefined)[];
}

/** Strategies that share an account, each with the same part of it. */
export function shared(strategies: readonly Strategy[], allocation: number, sharing: Sharing = {}): Strategy {
  const { most = 1, longShort = false, executions = [] } = sharing;
  return allocateStrategies({
    strategies: strategies.map((strategy, at) => ({
      name: `s${at}`,
      strategy,
      allocation,
      limits: { positionFraction: most, exposureFraction: most },
      execution: executions[at],
    })),
    sizer: () =>
      createSizer({ kind: 'fraction-of-equity', fraction: 0.3 }, { symbols: SYMBOLS.length, barsPerYear: 252 }),
    rules: { ...OPEN_SIGNAL_RULES, longShort },
    rebalanced: 'never',
    hours: null,
  });
}

export const oneOf = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!;

/** A session of two symbols with costs, commands, splits and dividends by chance. */
export function sessionOf(strategy: Strategy, random: Random, shortAllowed: boolean): SteppedOptions {
  const at = (): number => startMs + random.integer(120) * HOUR_MS;
  const dated = { knownAtMs: startMs - DAY_MS, effectiveMs: at() };
  const acts = random.integer(2) === 0;
  const commands = Array.from({ length: random.integer(3) }, at).sort((a, b) => a - b);
  return {
    bars: walks,
    instruments: SYMBOLS.map((symbol) => testInstrument(symbol, { lot: 1 })),
    strategy,
    sizing: { kind: 'fraction-of-equity', fraction: 0.3 },
    limits: { ...NAMED_LIMITS.unbounded, shortAllowed },
    capital: 50_000,
    costs: {
      ...{ feeBps: 5, halfSpreadBps: 2, latencyMs: oneOf(random, [0, HOUR_MS / 2]) },
      ...(random.integer(2) === 0 ? { participation: 0.02 } : {}),
    },
    actions: acts
      ? [[{ kind: 'split', value: oneOf(random, [2, 0.3]), ...dated }], [{ kind: 'dividend', value: 0.5, ...dated }]]
      : undefined,
    timedCommands: commands.map((timeMs) => ({
      kind: 'command',
      timeMs,
      command: oneOf(random, ['halt', 'flatten', 'resume', 'resume'] as const),
    })),
  };
}
