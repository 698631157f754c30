import { describe, expect, it } from 'vitest';
import type { Effect } from '../../effect.ts';
import type { OrderState } from '../../orders/order-state.ts';
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
