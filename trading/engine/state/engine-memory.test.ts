import { SHORT_PARAMETERS } from '../../strategies/testing/short-parameters.ts';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../features/timeframe.ts';
import { createRandom, type Random } from '../../../infra/random.ts';
import type { ExecutionRules } from '../../../models/experiment/execution/execution-schema.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../../models/experiment/experiment.ts';
import { utcDayOfClose } from '../../../pipelines/calendars/day.ts';
import { createSizer, type SizingRule } from '../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES, type SignalRules } from '../../signals/signal-validator.ts';
import { allocateStrategies } from '../../strategies/allocated/allocate-strategies.ts';
import { RULE_STRATEGIES, createRuleStrategy } from '../../strategies/rule-strategies.ts';
import { HOLD, type Strategy } from '../../strategies/strategy.ts';
import { hashOf } from '../../../infra/hash.ts';
import { STATE_FORMAT } from '../../session-state.ts';
import { bracketStrategy } from '../../testing/bracket-strategy.ts';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { steppedSession, type SteppedOptions } from '../../testing/stepped-session.ts';

const BARS = 80;
const SYMBOLS = ['A', 'B', 'C'];

type RuleName = (typeof RULE_STRATEGIES)[number];
const rule = (name: RuleName): Strategy => createRuleStrategy(name, SHORT_PARAMETERS[name] ?? {});

function oneOf<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(list.length)]!;
}

function limitsOf(random: Random): RiskLimits {
  return {
    ...NAMED_LIMITS.unbounded,
    positionFraction: oneOf(random, [1, 0.3]),
    shortAllowed: random.integer(2) === 0,
    drawdownFraction: oneOf(random, [null, null, 0.05]),
    dailyLossFraction: oneOf(random, [null, 0.01]),
    ordersPerMinute: oneOf(random, [null, 2]),
    orderRate: oneOf(random, [null, { orders: 3, seconds: 6 * 3_600 }]),
    margin: oneOf(random, [null, { initial: 0.5, maintenance: 0.3 }]),
    openOrders: oneOf(random, [null, 6]),
    netExposureFraction: oneOf(random, [null, 0.8]),
  };
}

function shared(random: Random, signals: Partial<SignalRules>, sizing: SizingRule): Strategy {
  const names = RULE_STRATEGIES.filter((name) => name !== 'pairs');
  const strategies = ['one', 'two'].map((name, at) => ({
    name,
    strategy: rule(oneOf(random, names)),
    allocation: 0.4,
    timeframe: at === 1 && random.integer(2) === 0 ? ('4h' as const) : undefined,
    limits: { positionFraction: 1, exposureFraction: 1 },
  }));
  const sizer = createSizer(sizing, { symbols: SYMBOLS.length, barsPerYear: 252 });
  const rules = { ...OPEN_SIGNAL_RULES, ...signals };
  const dayOf = utcDayOfClose;
  return allocateStrategies({
    strategies,
    sizer: () => sizer,
    rules,
    dayOf,
    rebalanced: oneOf(random, ['never', 'daily']),
    hours: null,
  });
}

/** A random session: bars of an hour, splits, dividends, commands, a currency, what holding costs. */
function sessionOf(random: Random): { readonly name: string; readonly options: SteppedOptions } {
  const kind = oneOf(random, ['rule', 'rule', 'protected', 'orders', 'shared'] as const);
  const bars = SYMBOLS.map((symbol) =>
    randomWalkBars(symbol, BARS, { seed: random.integer(1e6), sigma: 0.02, barMs: HOUR_MS }),
  );
  const startMs = bars[0]!.openTimeMs[0]!;
  const at = (): number => startMs + random.integer(BARS) * HOUR_MS;
  const sizing = oneOf<SizingRule>(random, [
    { kind: 'fraction-of-equity', fraction: 0.3 },
    { kind: 'units', units: 7 },
    ...(kind === 'shared' ? [] : [{ kind: 'all-in' } as const]),
  ]);
  const opening = oneOf(random, [undefined, { maxPerDay: 2 }]);
  const signals = { longShort: random.integer(2) === 0, opening };
  const name = kind === 'orders' ? 'brackets' : oneOf(random, RULE_STRATEGIES);
  const strategy =
    kind === 'orders' ? bracketStrategy : kind === 'shared' ? shared(random, signals, sizing) : rule(name as RuleName);
  const commands = Array.from({ length: random.integer(4) }, () => at()).sort((a, b) => a - b);
  const foreign = random.integer(3) === 0;
  // A rate is known before what it converts.
  for (const times of [bars[1]!.openTimeMs, bars[1]!.closeTimeMs])
    times.forEach((time, row) => (times[row] = time + 2 * HOUR_MS));
  const dated = { knownAtMs: startMs - DAY_MS, effectiveMs: at() };
  const options: SteppedOptions = {
    bars,
    instruments: SYMBOLS.map((symbol, s) => testInstrument(symbol, foreign && s === 1 ? { currency: 'EUR' } : {})),
    strategy,
    sizing,
    limits: limitsOf(random),
    signals,
    capital: 50_000,
    costs: {
      halfSpreadBps: 2,
      feeBps: 5,
      latencyMs: oneOf(random, [0, 0, HOUR_MS / 2]),
      fill: oneOf(random, ['next-open', 'next-close', 'same-close'] as const),
      ...(random.integer(2) === 0 ? { participation: 0.05 } : {}),
      ...(random.integer(2) === 0
        ? { commission: { perShare: 0.01, perOrderMin: 1, tiers: [{ from: 20_000, makerBps: 1, takerBps: 2 }] } }
        : {}),
    },
    protection:
      kind === 'protected'
        ? { stopLoss: { percent: 0.02 }, takeProfit: { atr: 2 }, trailing: { percent: 0.03 } }
        : undefined,
    actions: [[{ kind: 'split', value: 2, ...dated }], [], [{ kind: 'dividend', value: 0.5, ...dated }]],
    financing:
      random.integer(2) === 0 ? { borrow: 0.2, funding: 0.1, debit: 0.2, credit: 0.05, daysInYear: 360 } : undefined,
    currencies: foreign ? { account: 'USD', rates: { EUR: 'C' } } : undefined,
    timedCommands: commands.map((timeMs) => ({
      kind: 'command',
      timeMs,
      command: oneOf(random, ['halt', 'reduce', 'flatten', 'resume', 'resume'] as const),
    })),
  };
  const bound = oneOf(random, [undefined, 40]);
  const execution = oneOf<ExecutionRules | undefined>(random, [
    undefined,
    {
      entry: { kind: 'twap', slices: 3, withinMinutes: 240, maxSlippageBps: bound },
      exit: { kind: 'participation', share: 0.01 },
    },
    {
      entry: { kind: 'chase', maxSlippageBps: 80, withinMinutes: 600 },
      exit: { kind: 'vwap', slices: 2, withinMinutes: 180, profileDays: 2 },
    },
    {
      entry: { kind: 'maker', takerAfterMinutes: 180, offsetBps: 20, maxSlippageBps: bound },
      exit: { kind: 'maker', takerAfterMinutes: 120, offsetBps: 0, takerBeyondBps: 60 },
    },
  ]);
  return { name: `${kind} ${name} ${execution?.entry?.kind ?? 'at once'}`, options: { ...options, execution } };
}

describe('a session that is saved and restored', () => {
  it('leaves the effects and books of one that never was, whatever it trades and whenever it is', () => {
    let orders = 0;
    for (let seed = 0; seed < 48; seed++) {
      const random = createRandom(`restored/${seed}`);
      const { name, options } = sessionOf(random);
      const whole = steppedSession(options);
      orders += whole.effects.filter((effect) => effect.startsWith('{"kind":"order"')).length;
      const cuts = [1 + random.integer(whole.steps - 1), 1 + random.integer(whole.steps - 1)];
      const restored = steppedSession(options, cuts);
      expect([seed, name, cuts, ...restored.effects]).toEqual([seed, name, cuts, ...whole.effects]);
      expect([seed, name, restored.books]).toEqual([seed, name, whole.books]);
    }
    expect(orders).toBeGreaterThan(1_500);
  });

  it('is the same at every single step, also while orders rest and are on their way', () => {
    const { options } = sessionOf(createRandom('restored/steps'));
    const own = { ...options, strategy: bracketStrategy, protection: undefined, costs: { latencyMs: HOUR_MS / 2 } };
    const whole = steppedSession(own);
    const every = Array.from({ length: whole.steps }, (_, step) => step);
    expect(steppedSession(own, every)).toEqual(whole);
  });

  it('has the shape of its format: whoever changes what is saved gives the format another number', () => {
    // As deep as every kind of session has been seen to go in forty.
    const depth = 4;
    const shape = new Set<string>();
    const look = (value: unknown, path: string): void => {
      if (value === null || typeof value !== 'object' || path.split('.').length > depth) return void shape.add(path);
      const isList = Array.isArray(value);
      for (const [key, one] of Object.entries(value)) look(one, isList ? `${path}[]` : `${path}.${key}`);
    };
    for (let seed = 0; seed < 40; seed++) {
      const { options } = sessionOf(createRandom(`shape/${seed}`));
      steppedSession(options, [60, 120], (saved) => {
        const { engine, broker } = JSON.parse(saved) as { engine: object; broker: object };
        look({ engine: { ...engine, strategies: 0 }, broker }, '');
      });
    }
    const paths = [...new Set([...shape].map((path) => path.replace(/\.\$\w+$/, '')))].sort();
    expect([STATE_FORMAT, paths.length, hashOf(paths).slice(0, 16)]).toEqual([
      'signalbox-state/6',
      157,
      '45f4d9ab6a3cdb75',
    ]);
  });

  it('cannot be saved where a strategy keeps what it cannot tell', () => {
    const { options } = sessionOf(createRandom('restored/silent'));
    const silent: Strategy = { name: 'silent', parameters: {}, forSymbol: () => ({ decide: () => HOLD }) };
    expect(() => steppedSession({ ...options, strategy: silent }, [5])).toThrow('cannot be saved');
  });
});
