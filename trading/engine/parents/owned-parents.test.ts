import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../../features/timeframe.ts';
import { createRandom, type Random } from '../../../infra/random.ts';
import type { ExecutionRule } from '../../../models/experiment/execution/execution-schema.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { Effect, EngineEvent } from '../../effect.ts';
import { createMarket, createMarketStep } from '../../market.ts';
import type { OrderRole } from '../../orders/order-terms.ts';
import type { ProtectionRule } from '../../risk/protection.ts';
import { createSizer } from '../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../signals/signal-validator.ts';
import { allocateStrategies } from '../../strategies/allocated/allocate-strategies.ts';
import { HOLD, ruleSignal, type Strategy } from '../../strategies/strategy.ts';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { Engine } from '../engine.ts';

const BARS = 60;
const UNITS = 40;
const OWNERS = [1, 2, 3];

const TAKING: readonly ExecutionRule[] = [
  { kind: 'twap', slices: 5, withinMinutes: 10 },
  { kind: 'participation', share: 0.02 },
];
const RULES: readonly ExecutionRule[] = [
  ...TAKING,
  { kind: 'twap', slices: 4, withinMinutes: 8, maxSlippageBps: 30 },
  { kind: 'chase', maxSlippageBps: 60, withinMinutes: 12 },
  { kind: 'maker', takerAfterMinutes: 6, offsetBps: 5, maxSlippageBps: 80 },
];

interface Live {
  readonly sequence: number;
  readonly owner: number;
  readonly parent: number;
  readonly role: OrderRole;
  readonly side: 1 | -1;
  left: number;
  isFresh: boolean;
  cancelled: boolean;
}

const oneOf = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!;

/** Says BUY and SELL by chance, the same in every process. */
const restless = (seed: string): Strategy => ({
  name: 'restless',
  parameters: {},
  forSymbol: () => ({
    save: () => null,
    restore: () => undefined,
    decide: ({ length }) => {
      const dice = createRandom(`${seed}/${length}`).next();
      return dice < 0.12 ? ruleSignal('BUY', 'in') : dice < 0.2 ? ruleSignal('SELL', 'out') : HOLD;
    },
  }),
});

function engineFor(seed: number, protection: ProtectionRule | undefined) {
  const bars = randomWalkBars('A', BARS, { seed, sigma: 0.002, barMs: MINUTE_MS });
  const market = createMarket([bars], [testInstrument('A')]);
  const random = createRandom(`rules/${seed}`);
  const executions = OWNERS.map(() => ({
    entry: oneOf(random, RULES),
    exit: oneOf(random, protection === undefined ? RULES : TAKING),
  }));
  const sizing = { kind: 'units', units: UNITS } as const;
  const sizer = () => createSizer(sizing, { symbols: 1, barsPerYear: 252 });
  const make = (): Engine =>
    new Engine({
      market,
      strategy: allocateStrategies({
        strategies: OWNERS.map((number, at) => ({
          ...{ name: `s${number}`, strategy: restless(`${seed}/${number}`), allocation: 0.3 },
          limits: { positionFraction: 1, exposureFraction: 1 },
          execution: executions[at],
        })),
        ...{ sizer, rules: OPEN_SIGNAL_RULES, rebalanced: 'never', hours: null },
      }),
      sizer: sizer(),
      rules: OPEN_SIGNAL_RULES,
      limits: { ...NAMED_LIMITS.unbounded, shortAllowed: false },
      capital: 100_000,
      dayOf: () => 0,
      protection,
    });
  return { bars, market, make };
}

/** A venue that does as it likes with slices of several strategies, and counts what it was sent of each. */
class Wild {
  readonly live = new Map<number, Live>();
  /** Units of each parent, and executed of it. */
  readonly parents = new Map<number, { readonly units: number; filled: number }>();
  engine: Engine;
  timeMs = 0;
  restores = 0;
  slices = 0;
  readonly #make: () => Engine;
  readonly #random: Random;
  readonly #isProtected: boolean;

  constructor(make: () => Engine, random: Random, isProtected: boolean) {
    this.#make = make;
    this.#random = random;
    this.#isProtected = isProtected;
    this.engine = this.#listened(make());
  }

  #listened(engine: Engine): Engine {
    engine.tell((effect) => this.#hear(effect));
    return engine;
  }

  #of(owner: number, isStop: boolean): Live[] {
    return [...this.live.values()].filter((one) => one.owner === owner && (one.role !== 'order') === isStop);
  }

  #hear(effect: Effect): void {
    if (effect.kind === 'parent') this.parents.set(effect.parent, { units: effect.units, filled: 0 });
    if (effect.kind === 'cancel') this.live.get(effect.sequence)!.cancelled = true;
    if (effect.kind !== 'order') return;
    const { owner, parent = 0, role } = effect.terms!;
    const [side, left] = [effect.quantity > 0 ? (1 as const) : (-1 as const), Math.abs(effect.quantity)];
    const one = { sequence: effect.sequence, owner: owner!.number, parent, role, side, left };
    if (role === 'order') {
      this.slices += 1;
      // One slice of a strategy works at most, of no more than is left, and sells no more than its part holds.
      expect(this.#of(one.owner, false)).toEqual([]);
      const { units, filled } = this.parents.get(parent)!;
      expect(filled + left).toBeLessThanOrEqual(units);
      if (side < 0) expect(left).toBeLessThanOrEqual(this.held(one.owner));
    }
    this.live.set(effect.sequence, { ...one, isFresh: true, cancelled: false });
  }

  held(owner: number): number {
    return this.engine.portfolio.shares!.parts[owner - 1]!.quantity[0]!;
  }

  /** Parts add up to the account, none is short, and what no slice is about to change is protected as it is. */
  check(): void {
    const { shares, quantity, cash } = this.engine.portfolio;
    expect(shares!.parts.reduce((sum, part) => sum + part.quantity[0]!, 0)).toBe(quantity[0]);
    expect(shares!.parts.reduce((sum, part) => sum + part.cash, 0)).toBeCloseTo(cash, 6);
    for (const owner of OWNERS) {
      const held = this.held(owner);
      expect(held).toBeGreaterThanOrEqual(0);
      if (!this.#isProtected || this.#of(owner, false).length > 0) continue;
      const stops = this.#of(owner, true).filter(({ cancelled }) => !cancelled);
      expect(stops.map(({ left }) => left)).toEqual(held === 0 ? [] : [held]);
    }
  }

  handle(event: EngineEvent): void {
    this.engine.handle(event);
    this.check();
  }

  #end(one: Live, state: 'CANCELED' | 'REJECTED'): void {
    this.live.delete(one.sequence);
    const { sequence } = one;
    this.handle({ kind: 'order-update', sequence, timeMs: this.timeMs, state, code: null, value: 0, limit: 0 });
  }

  /** Something happens to one of the orders that work; what protects is out of the way before a slice is filled. */
  act(): void {
    const stops = [...this.live.values()].filter(({ role, cancelled }) => role !== 'order' && cancelled);
    for (const stop of stops) this.#end(stop, 'CANCELED');
    const orders = [...this.live.values()];
    if (orders.length === 0) return;
    const one = oneOf(this.#random, orders);
    const dice = this.#random.next();
    const isStop = one.role !== 'order';
    if (isStop ? dice < 0.1 : dice < 0.5) {
      const units = 1 + this.#random.integer(one.left);
      one.left -= units;
      one.isFresh = false;
      const parent = this.parents.get(one.parent);
      if (parent !== undefined) parent.filled += units;
      if (one.left === 0) this.live.delete(one.sequence);
      const base = { kind: 'fill', sequence: one.sequence, timeMs: this.timeMs, symbol: 0, price: 100 } as const;
      this.handle({ ...base, quantity: one.side * units, fee: 0.5, slippage: 0, final: one.left === 0 });
    } else if (!isStop && (one.cancelled || dice < 0.56))
      this.#end(one, one.isFresh && dice < 0.53 ? 'REJECTED' : 'CANCELED');
  }

  restore(): void {
    const state = this.engine.memory.save()!;
    this.engine = this.#listened(this.#make());
    this.engine.memory.restore(JSON.parse(JSON.stringify(state)) as typeof state);
    expect(this.engine.memory.save()).toEqual(state);
    this.restores += 1;
  }
}

function wildSession(seed: number, protection?: ProtectionRule): Wild {
  const random = createRandom(`owned-parents/${seed}`);
  const { bars, market, make } = engineFor(seed, protection);
  const wild = new Wild(make, random, protection !== undefined);
  const step = createMarketStep(1);
  for (let row = 0; row < BARS; row++) {
    market.series[0]!.last = row;
    Object.assign(step, { kind: 'close', count: 1, timeMs: bars.closeTimeMs[row] });
    step.symbols[0] = 0;
    step.index[0] = row;
    wild.timeMs = step.timeMs;
    wild.engine.onClose(step);
    wild.check();
    for (let event = random.integer(6); event > 0; event--) {
      wild.timeMs += 1_000;
      wild.act();
      if (random.next() < 0.2) wild.handle({ kind: 'timer', timeMs: wild.timeMs });
      const { timeMs } = wild;
      if (random.next() < 0.01) wild.handle({ kind: 'command', timeMs, command: oneOf(random, ['halt', 'resume']) });
      if (random.next() < 0.1) wild.restore();
    }
  }
  return wild;
}

describe('slices of several strategies at a venue that does as it likes, over restarts', () => {
  it.each([
    ['without protection', undefined],
    ['protected', { stopLoss: { percent: 0.01 }, takeProfit: null, trailing: null }],
  ])('%s: each is of what is left of its order, and sells what its part holds', (_, protection) => {
    let [slices, restores] = [0, 0];
    for (let seed = 0; seed < 24; seed++) {
      const wild = wildSession(seed, protection);
      slices += wild.slices;
      restores += wild.restores;
    }
    expect(slices).toBeGreaterThan(400);
    expect(restores).toBeGreaterThan(200);
  });
});
