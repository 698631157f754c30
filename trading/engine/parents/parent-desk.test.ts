import { describe, expect, it } from 'vitest';
import { createBarColumns } from '../../../features/bar.ts';
import { MINUTE_MS } from '../../../features/timeframe.ts';
import { createRandom, type Random } from '../../../infra/random.ts';
import type { ExecutionRule } from '../../../models/experiment/execution/execution-schema.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { Effect, EngineEvent } from '../../effect.ts';
import { createMarket, createMarketStep } from '../../market.ts';
import { createSizer } from '../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../signals/signal-validator.ts';
import { HOLD, ruleSignal, type Strategy } from '../../strategies/strategy.ts';
import { testInstrument } from '../../testing/random-walk-bars.ts';
import { Engine } from '../engine.ts';

const BARS = 60;
const UNITS = 40;

/** Buys at the third bar and sells at the thirtieth. */
const twice: Strategy = {
  name: 'twice',
  parameters: {},
  forSymbol: () => ({
    save: () => null,
    restore: () => undefined,
    decide: ({ length }) => (length === 3 ? ruleSignal('BUY', 'in') : length === 30 ? ruleSignal('SELL', 'out') : HOLD),
  }),
};

const RULES: readonly ExecutionRule[] = [
  { kind: 'twap', slices: 5, withinMinutes: 10 },
  { kind: 'twap', slices: 4, withinMinutes: 8, maxSlippageBps: 30 },
  { kind: 'participation', share: 0.02 },
  { kind: 'participation', share: 0.02, withinMinutes: 12, maxSlippageBps: 50 },
  { kind: 'chase', maxSlippageBps: 60, withinMinutes: 12 },
  { kind: 'maker', takerAfterMinutes: 6, offsetBps: 5, maxSlippageBps: 80 },
  { kind: 'maker', takerAfterMinutes: 5, offsetBps: 0, takerBeyondBps: 20 },
];

function walk(random: Random) {
  const bars = createBarColumns('A', BARS);
  let price = 100;
  for (let row = 0; row < BARS; row++) {
    price = Math.round(price * (1 + 0.002 * random.normal()) * 100) / 100;
    bars.openTimeMs[row] = row * MINUTE_MS;
    bars.closeTimeMs[row] = (row + 1) * MINUTE_MS;
    for (const name of ['open', 'high', 'low', 'close'] as const) bars[name][row] = price;
    bars.volume[row] = 100 + random.integer(400);
  }
  return bars;
}

interface Live {
  readonly sequence: number;
  readonly side: 1 | -1;
  left: number;
  cancelled: boolean;
}

/** A venue that does as it likes with a session whose orders are executed in parts, and counts what it was sent. */
class Wild {
  readonly effects: Effect[] = [];
  readonly live = new Map<number, Live>();
  /** Units sent of which nothing has proven the end, and executed, by side. */
  readonly done = { 1: 0, [-1]: 0 };
  engine: Engine;
  readonly #make: () => Engine;
  readonly #random: Random;
  timeMs = 0;
  restores = 0;
  #late: Live | null = null;

  constructor(make: () => Engine, random: Random) {
    this.#make = make;
    this.#random = random;
    this.engine = this.#listened(make());
  }

  #listened(engine: Engine): Engine {
    engine.tell((effect) => this.#hear(effect));
    return engine;
  }

  #hear(effect: Effect): void {
    this.effects.push(effect);
    if (effect.kind === 'order') {
      const side = effect.quantity > 0 ? 1 : -1;
      this.live.set(effect.sequence, {
        sequence: effect.sequence,
        side,
        left: Math.abs(effect.quantity),
        cancelled: false,
      });
      const out = [...this.live.values()].filter((one) => one.side === side).reduce((sum, one) => sum + one.left, 0);
      // What is out and what was executed never come to more than the parent is of.
      expect(this.done[side] + out).toBeLessThanOrEqual(UNITS);
    } else if (effect.kind === 'cancel') this.live.get(effect.sequence)!.cancelled = true;
  }

  handle(event: EngineEvent): void {
    this.engine.handle(event);
  }

  #update(sequence: number, state: 'CANCELED' | 'REJECTED'): void {
    this.handle({ kind: 'order-update', sequence, timeMs: this.timeMs, state, code: null, value: 0, limit: 0 });
  }

  #fill(one: Live, units: number): void {
    one.left -= units;
    this.done[one.side] += units;
    if (one.left === 0) this.live.delete(one.sequence);
    const base = { kind: 'fill', sequence: one.sequence, timeMs: this.timeMs, symbol: 0, price: 100 } as const;
    this.handle({ ...base, quantity: one.side * units, fee: 0, slippage: 0, final: one.left === 0 });
  }

  /** Something happens to one of the orders that work; a cancel may lose against a fill. */
  act(withLate: boolean): void {
    const orders = [...this.live.values()];
    if (orders.length === 0) return;
    const one = orders[this.#random.integer(orders.length)]!;
    const dice = this.#random.next();
    if (dice < 0.4) this.#fill(one, 1 + this.#random.integer(one.left));
    else if (one.cancelled || dice < 0.5) {
      this.live.delete(one.sequence);
      if (withLate && one.left > 0) this.#late = one;
      this.#update(one.sequence, dice < 0.05 && one.left === UNITS ? 'REJECTED' : 'CANCELED');
    }
  }

  /** An execution of an order that had ended: the venue had said that nothing more comes. */
  late(): number {
    const one = this.#late;
    if (one === null) return 0;
    this.#late = null;
    const units = 1 + this.#random.integer(one.left);
    this.done[one.side] += units;
    const base = { kind: 'fill', sequence: one.sequence, timeMs: this.timeMs, symbol: 0, price: 100 } as const;
    this.handle({ ...base, quantity: one.side * units, fee: 0, slippage: 0, final: false });
    return units;
  }

  restore(): void {
    const state = this.engine.memory.save()!;
    this.engine = this.#listened(this.#make());
    this.engine.memory.restore(JSON.parse(JSON.stringify(state)) as typeof state);
    expect(this.engine.memory.save()).toEqual(state);
    this.restores += 1;
  }
}

function wildSession(seed: number, rule: ExecutionRule, withLate = false): Wild {
  const random = createRandom(`parents/${seed}`);
  const bars = walk(random);
  const market = createMarket([bars], [testInstrument('A')]);
  const make = (): Engine =>
    new Engine({
      market,
      strategy: twice,
      sizer: createSizer({ kind: 'units', units: UNITS }, { symbols: 1, barsPerYear: 252 }),
      rules: OPEN_SIGNAL_RULES,
      limits: NAMED_LIMITS.unbounded,
      capital: 100_000,
      dayOf: () => 0,
      execution: { entry: rule, exit: rule },
    });
  const wild = new Wild(make, random);
  const step = createMarketStep(1);
  for (let row = 0; row < BARS; row++) {
    market.series[0]!.last = row;
    step.kind = 'close';
    step.count = 1;
    step.symbols[0] = 0;
    step.index[0] = row;
    step.timeMs = wild.timeMs = bars.closeTimeMs[row]!;
    wild.engine.onClose(step);
    for (let event = random.integer(4); event > 0; event--) {
      wild.timeMs += 1_000;
      wild.act(withLate);
      if (random.next() < 0.2) wild.handle({ kind: 'timer', timeMs: wild.timeMs });
      if (random.next() < 0.15) {
        const price = bars.close[row]!;
        const sizes = { bidSize: 1, askSize: 1 };
        wild.handle({ kind: 'quote', timeMs: wild.timeMs, symbol: 0, bid: price - 0.01, ask: price + 0.01, ...sizes });
      }
      if (random.next() < 0.1) wild.restore();
      if (withLate && random.next() < 0.05 && wild.late() > 0) return wild;
    }
  }
  return wild;
}

describe('a parent order', () => {
  it('never has more out and executed than it is of, whatever the venue does and whenever it is restored', () => {
    let [restores, ends] = [0, 0];
    for (let seed = 0; seed < 140; seed++) {
      const rule = RULES[seed % RULES.length]!;
      const wild = wildSession(seed, rule);
      restores += wild.restores;
      const parents = wild.effects.filter((effect) => effect.kind === 'parent');
      const over = wild.effects.filter((effect) => effect.kind === 'parent-end');
      ends += over.length;
      expect(parents.length).toBeGreaterThan(0);
      for (const { direction, bound } of parents) {
        for (const effect of wild.effects) {
          if (effect.kind !== 'order' || bound === null || effect.direction !== direction) continue;
          // The first parent of a side sets the bound of its children: no price is worse, and none takes any.
          expect(effect.terms!.type).toBe('limit');
          expect(direction * (bound - effect.terms!.price)).toBeGreaterThanOrEqual(-1e-9);
        }
      }
      for (const { filled, left } of over) expect(filled + left).toBeLessThanOrEqual(UNITS);
    }
    expect(restores).toBeGreaterThan(80);
    expect(ends).toBeGreaterThan(120);
  });

  it('ends at an execution of a child that had ended, and sends nothing more', () => {
    let seen = 0;
    for (let seed = 0; seed < 120; seed++) {
      const wild = wildSession(seed, RULES[seed % RULES.length]!, true);
      const at = wild.effects.findIndex((effect) => effect.kind === 'refusal' && effect.code === 'late-fill');
      if (at < 0) continue;
      seen += 1;
      expect(wild.effects.slice(at).filter((effect) => effect.kind === 'order' && !effect.reduces)).toEqual([]);
      expect([...wild.live.values()].every(({ side, cancelled }) => side < 0 || cancelled)).toBe(true);
    }
    expect(seen).toBeGreaterThan(10);
  });
});
