import { describe, expect, it } from 'vitest';
import type { PlaceOrder } from '../../orders/order-request.ts';
import { createSizer } from '../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../signals/signal-validator.ts';
import { allocateStrategies } from '../../strategies/allocated/allocate-strategies.ts';
import type { Strategy } from '../../strategies/strategy.ts';
import { buy, placing, sell } from '../../testing/venue/scripted-strategy.ts';
import { BAR_MS, kinds, setUp } from '../../testing/walked-engine.ts';

const FLAT = [100, 100, 100, 100, 100];
const walk = (more: Partial<Parameters<typeof setUp>[0]> = {}) =>
  setUp({ closes: [FLAT], words: [['BUY', 'SELL', 'BUY']], ...more });
const canceled = ({ engine }: ReturnType<typeof setUp>, sequence: number) =>
  engine.handle({ kind: 'order-update', sequence, timeMs: BAR_MS, state: 'CANCELED', code: null, value: 0, limit: 0 });

describe('a fill that nobody expected, while an order of a signal works', () => {
  it('cancels the order that would open as much again; what of it fills meanwhile is booked', () => {
    const walked = walk();
    walked.close();
    const effects = walked.fill(0, 10);
    expect(kinds(effects)).toEqual(['fill', 'foreign-fill', 'state', 'cancel']);
    expect(effects[3]).toMatchObject({ sequence: 1 });
    expect(kinds(walked.fill(1, 4, { final: false }))).toEqual(['fill']);
    canceled(walked, 1);
    expect(walked.engine.portfolio.quantity[0]).toBe(14);
    // From here on only what reduces is placed.
    expect(walked.close()).toMatchObject([{ kind: 'signal' }, { kind: 'order', quantity: -14, reduces: true }]);
  });

  it('cancels what would open in every symbol, and leaves what closes', () => {
    const walked = walk({
      closes: [FLAT, FLAT, FLAT],
      words: [
        ['BUY', 'SELL'],
        ['HOLD', 'BUY'],
        ['HOLD', 'HOLD'],
      ],
    });
    walked.close();
    walked.fill(1, 10);
    walked.close();
    const effects = walked.fill(0, 3, { symbol: 2 });
    expect(kinds(effects)).toEqual(['fill', 'foreign-fill', 'state', 'cancel']);
    expect(effects[3]).toMatchObject({ symbol: 1, sequence: 3 });
  });

  it('cancels what is left of an order of which more was told than there is', () => {
    const walked = walk();
    walked.close();
    const told = { kind: 'execution', sequence: 1, timeMs: BAR_MS, symbol: 0, price: 100, fee: 0 } as const;
    walked.engine.handle({ ...told, executionId: 'a', quantity: 4 });
    expect(kinds(walked.engine.handle({ ...told, executionId: 'b', quantity: 4, cumulative: 4 }))).toEqual([
      'beyond-cumulative',
      'state',
      'cancel',
    ]);
  });

  it('where it is adopted, ends an order of the same side: the position is not doubled', () => {
    const walked = walk({ reconciliation: { differences: 'adopt' } });
    walked.close();
    const effects = walked.fill(0, 10);
    expect(kinds(effects)).toEqual(['fill', 'external-fill', 'cancel']);
    canceled(walked, 1);
    expect(walked.close()).toMatchObject([{ kind: 'signal' }, { kind: 'order', quantity: -10 }]);
  });

  it('where it is adopted, leaves an order of the other side, and one that closes', () => {
    const adopts = { reconciliation: { differences: 'adopt' } } as const;
    const opening = walk(adopts);
    opening.close();
    expect(kinds(opening.fill(0, -3))).toEqual(['fill', 'external-fill']);
    const closing = walk(adopts);
    closing.close();
    closing.fill(1, 10);
    closing.close();
    expect(kinds(closing.fill(0, -3))).toEqual(['fill', 'external-fill']);
  });
});

describe('a fill that nobody expected, on an account that several strategies share', () => {
  const exit = (label: string, units: number, group?: string): PlaceOrder => ({
    ...sell,
    ...{ label, type: 'limit', limit: 120, size: { units } },
    ...(group === undefined ? {} : { group }),
  });
  const limits = { positionFraction: 1, exposureFraction: 1 };
  const shared = (scripts: readonly (readonly (readonly PlaceOrder[])[])[]): Strategy =>
    allocateStrategies({
      strategies: scripts.map((script, at) => ({
        ...{ name: `s${at}`, strategy: placing(script), allocation: 0.5, limits },
      })),
      sizer: () => createSizer({ kind: 'units', units: 10 }, { symbols: 1, barsPerYear: 252 }),
      rules: OPEN_SIGNAL_RULES,
      rebalanced: 'never',
      hours: null,
    });

  it('takes the newest exits of a part that shrank, until the others fit what is left', () => {
    const strategy = shared([
      [[buy], [exit('a', 5), exit('b', 5)]],
      [[buy], [exit('a', 4, 'g'), exit('b', 4, 'g'), exit('c', 2)]],
    ]);
    const walked = walk({ strategy, reconciliation: { differences: 'adopt' } });
    walked.close();
    walked.fill(1, 10);
    walked.fill(2, 10);
    expect(kinds(walked.close()).filter((kind) => kind === 'order')).toHaveLength(5);
    // Each part has 7 from here on.
    const effects = walked.fill(0, -6);
    const cancelled = effects.flatMap((effect) => (effect.kind === 'cancel' ? [effect.sequence] : []));
    expect(cancelled).toEqual([4]);
    expect(kinds(effects)).toEqual(['fill', 'external-fill', 'nothing-to-reduce', 'cancel']);
    const left = walked.fill(0, -4).flatMap((effect) => (effect.kind === 'cancel' ? [effect.sequence] : []));
    // Five of each part: what is being cancelled counts until its end is proven.
    expect(left).toEqual([7, 4]);
  });
});
