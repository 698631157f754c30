import { describe, expect, it } from 'vitest';
import type { Effect } from '../../effect.ts';
import type { OrderState } from '../../orders/order-state.ts';
import { createSizer } from '../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../signals/signal-validator.ts';
import { allocateStrategies } from '../../strategies/allocated/allocate-strategies.ts';
import { HOLD, ruleSignal, type Strategy } from '../../strategies/strategy.ts';
import { kinds, setUp } from '../../testing/walked-engine.ts';

const stop = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };
const pair = { ...stop, takeProfit: { percent: 0.1 } };

/** A position of 10 whose protection begins at order 2. */
function protectedPosition(protection: typeof stop | typeof pair = stop) {
  const walked = setUp({ closes: [[100, 100, 100]], words: [['BUY', 'HOLD', 'HOLD']], protection });
  walked.close();
  walked.fill(1, 10);
  const update = { kind: 'order-update' } as const;
  const accepted = { ...update, timeMs: 1, state: 'ACCEPTED', code: null, value: 0, limit: 0 } as const;
  const accept = (sequence: number) => walked.engine.handle({ ...accepted, sequence });
  const ends = (sequence: number, state: OrderState): readonly Effect[] =>
    walked.engine.handle({
      ...update,
      sequence,
      timeMs: 1,
      state,
      code: 'protection-ended',
      value: sequence,
      limit: 0,
    });
  return { ...walked, accept, ends };
}

describe('a protective stop', () => {
  it('that the venue refuses becomes an exit at once', () => {
    const { engine, ends, fill } = protectedPosition();
    const effects = ends(2, 'REJECTED');
    expect(kinds(effects)).toEqual(['order-update', 'protection-ended', 'order']);
    expect(effects[2]).toMatchObject({ sequence: 3, quantity: -10, reduces: true, terms: null });
    expect(kinds(fill(3, -10))).toEqual(['fill']);
    expect(engine.portfolio.quantity[0]).toBe(0);
  });

  it('that the venue ends by itself is placed again, and is an exit where it ends again', () => {
    const { accept, ends } = protectedPosition();
    accept(2);
    expect(kinds(ends(2, 'EXPIRED'))).toEqual(['order-update', 'protection-ended', 'order', 'terms']);
    accept(3);
    expect(kinds(ends(3, 'CANCELED'))).toEqual(['order-update', 'protection-ended', 'order']);
  });

  it('and the exit that are both refused end in words, not in requests without end', () => {
    const { ends } = protectedPosition();
    const said: string[] = [];
    let sequence = 2;
    for (let isOver = false; !isOver && sequence < 20; sequence++) {
      const effects = ends(sequence, 'REJECTED');
      said.push(...kinds(effects));
      isOver = !effects.some(({ kind }) => kind === 'order');
    }
    expect(said.at(-1)).toBe('bare-position');
    expect(sequence).toBeLessThan(12);
  });

  it('stays where only the target beside it is refused', () => {
    const { ends } = protectedPosition(pair);
    expect(kinds(ends(3, 'REJECTED'))).toEqual(['order-update', 'protection-ended']);
    expect(kinds(ends(2, 'REJECTED'))).toEqual(['order-update', 'protection-ended', 'order']);
  });

  it('that gives way to an exit, or to the end of its position, is no loss', () => {
    const { ends, fill } = protectedPosition();
    fill(2, -10);
    expect(ends(2, 'CANCELED').some(({ kind }) => kind === 'order')).toBe(false);
  });
});

describe('a protective stop of one of several strategies', () => {
  const limits = { positionFraction: 1, exposureFraction: 1 };
  const says = (word: 'BUY' | 'SELL'): Strategy => ({
    name: word,
    parameters: {},
    forSymbol: () => ({ decide: (view) => (view.length === 1 ? ruleSignal(word, 'script') : HOLD) }),
  });

  /** Two parts of 10, whose stops are orders 3 and 4. */
  function protectedParts() {
    const strategy = allocateStrategies({
      strategies: ['a', 'b'].map((name) => ({ name, strategy: says('BUY'), allocation: 0.5, limits })),
      sizer: () => createSizer({ kind: 'units', units: 10 }, { symbols: 1, barsPerYear: 252 }),
      rules: OPEN_SIGNAL_RULES,
      rebalanced: 'never',
      hours: null,
    });
    const walked = setUp({ closes: [[50, 50, 50]], words: [[]], strategy, protection: stop });
    walked.close();
    walked.fill(1, 10, { price: 50 });
    walked.fill(2, 10, { price: 50 });
    const ends = (sequence: number, state: OrderState): readonly Effect[] =>
      walked.engine.handle({
        ...{ kind: 'order-update', sequence, timeMs: 1, state, code: 'protection-ended', value: sequence, limit: 0 },
      });
    return { ...walked, ends };
  }

  it('that the venue refuses becomes an exit of that part, and the other keeps its stop', () => {
    const { engine, ends, fill } = protectedParts();
    const [, , order] = ends(4, 'REJECTED');
    expect(order).toMatchObject({ kind: 'order', sequence: 5, quantity: -10, reduces: true });
    expect(fill(5, -10)).toMatchObject([{ kind: 'fill', owner: { name: 'b' } }]);
    expect(engine.portfolio.shares!.parts.map(({ quantity }) => quantity[0])).toEqual([10, 0, 0]);
    expect(kinds(fill(3, -10))).toEqual(['fill']);
    expect(engine.portfolio.shares!.parts.map(({ quantity }) => quantity[0])).toEqual([0, 0, 0]);
  });

  it('that the venue ends by itself is placed again, of as much as that part has', () => {
    const { ends, engine } = protectedParts();
    const accepted = { kind: 'order-update', state: 'ACCEPTED', code: null, value: 0, limit: 0 } as const;
    engine.handle({ ...accepted, sequence: 3, timeMs: 1 });
    expect(ends(3, 'EXPIRED').slice(2)).toMatchObject([{ kind: 'order', quantity: -10 }, { role: 'stop-loss' }]);
  });

  it('protects what is left of the parts after a fill that nobody ordered', () => {
    const { fill } = protectedParts();
    const placed = fill(0, -6).flatMap((effect) => (effect.kind === 'order' ? [effect.quantity] : []));
    expect(placed).toEqual([-7, -7]);
  });

  it('stays as it is where only another part has changed', () => {
    const { fill } = protectedParts();
    const cancelled = fill(0, -1).flatMap((effect) => (effect.kind === 'cancel' ? [effect.sequence] : []));
    expect(cancelled).toHaveLength(1);
  });
});
