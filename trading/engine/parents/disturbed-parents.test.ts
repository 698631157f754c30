import { describe, expect, it } from 'vitest';
import type { ExecutionRule } from '../../../models/experiment/execution/execution-schema.ts';
import type { Effect } from '../../effect.ts';
import type { OrderState } from '../../orders/order-state.ts';
import { speakingStrategies } from '../../testing/venue/scripted-strategy.ts';
import { kinds, setUp, type Word } from '../../testing/walked-engine.ts';

// What a venue does by itself while orders are executed in parts. Bars are of a minute.

const HALVES: ExecutionRule = { kind: 'twap', slices: 2, withinMinutes: 2 };
const SLOW: ExecutionRule = { kind: 'twap', slices: 2, withinMinutes: 20 };
const protection = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };
const closes = [[50, 50, 50, 50, 50]];

type Walked = ReturnType<typeof setUp>;
const update = ({ engine }: Walked, sequence: number, state: OrderState): readonly Effect[] => {
  const code = state === 'REJECTED' ? 'protection-ended' : null;
  return engine.handle({ kind: 'order-update', sequence, timeMs: 120_000, state, code, value: 0, limit: 0 });
};
const orders = (effects: readonly Effect[]): number[] =>
  effects.flatMap((effect) => (effect.kind === 'order' ? [effect.quantity] : []));

describe('a fill that nobody ordered', () => {
  /** Two strategies hold ten each, and one of them is about to sell its own in halves. */
  function bothHold() {
    const strategy = speakingStrategies({
      one: { words: ['BUY', 'SELL'], execution: { exit: HALVES } },
      two: { words: ['BUY'] },
    });
    const walked = setUp({ closes, words: [[]], strategy, reconciliation: { differences: 'adopt' } });
    walked.close();
    walked.fill(1, 10);
    walked.fill(2, 10);
    return walked;
  }

  it('cancels a slice that would sell more than its part has left, and the next sells what is there', () => {
    const walked = bothHold();
    expect(orders(walked.close())).toEqual([-5]);
    // Each part has 2 from here on.
    expect(kinds(walked.fill(0, -16))).toEqual(['fill', 'external-fill', 'cancel']);
    expect(orders(update(walked, 3, 'CANCELED'))).toEqual([-2]);
    // What is left of the order has nothing to close.
    expect(kinds(walked.fill(4, -2))).toEqual(['fill', 'nothing-to-reduce', 'parent-end']);
    const { parts } = walked.engine.portfolio.shares!;
    expect(parts.map(({ quantity }) => quantity[0])).toEqual([0, 2, 0]);
    expect(walked.close()).toEqual([]);
  });

  it('leaves a slice that its part can fill', () => {
    const walked = bothHold();
    walked.close();
    expect(kinds(walked.fill(0, -10))).toEqual(['fill', 'external-fill']);
  });
});

describe.each(['one strategy', 'one of several'])('a stop that the venue refuses, of %s', (whose) => {
  const walkedWith = (words: readonly Word[]): Walked => {
    const execution = { entry: SLOW };
    return whose === 'one strategy'
      ? setUp({ closes, words: [words], execution, protection })
      : setUp({
          ...{ closes, words: [[]], protection },
          strategy: speakingStrategies({ one: { words, execution }, two: { words: [] } }),
        });
  };

  it('between two slices ends what would be bought, and what is held is closed once', () => {
    const walked = walkedWith(['BUY']);
    expect(orders(walked.close())).toEqual([5]);
    expect(orders(walked.fill(1, 5, { price: 50 }))).toEqual([-5]);
    const effects = update(walked, 2, 'REJECTED');
    expect(kinds(effects).filter((kind) => kind !== 'order-update' && kind !== 'terms')).toEqual([
      'protection-ended',
      'parent-end',
      'order',
    ]);
    expect(orders(effects)).toEqual([-5]);
    walked.fill(3, -5, { price: 50 });
    expect(walked.engine.portfolio.quantity[0]).toBe(0);
    for (let bar = 0; bar < 3; bar++) expect(orders(walked.close())).toEqual([]);
  });

  it('while a slice works cancels that first, and nothing more is bought', () => {
    const walked = walkedWith(['BUY']);
    walked.close();
    expect(orders(walked.fill(1, 3, { price: 50, final: false }))).toEqual([-3]);
    const refused = update(walked, 2, 'REJECTED').filter(({ kind }) => kind === 'cancel');
    expect(refused).toMatchObject([{ sequence: 1 }]);
    const ended = update(walked, 1, 'CANCELED');
    expect(ended.filter(({ kind }) => kind === 'parent-end')).toMatchObject([{ filled: 3, left: 7 }]);
    // It is protected once more, and closed where the venue refuses that, too.
    expect(orders(ended)).toEqual([-3]);
    expect(orders(update(walked, 3, 'REJECTED'))).toEqual([-3]);
    walked.fill(4, -3, { price: 50 });
    for (let bar = 0; bar < 3; bar++) expect(orders(walked.close())).toEqual([]);
    expect(walked.engine.portfolio.quantity[0]).toBe(0);
  });
});
