import { describe, expect, it } from 'vitest';
import { kinds, setUp, type Word } from '../testing/walked-engine.ts';

describe('what a venue says beside the usual', () => {
  it('books a fill of an order that is done or is not its own, says so, and opens nothing from there', () => {
    for (const [sequence, code] of [
      [1, 'overfill'],
      [0, 'foreign-fill'],
      [-1, 'foreign-fill'],
      [7, 'foreign-fill'],
    ] as const) {
      const words: Word[] = ['BUY', 'HOLD', 'SELL', 'BUY'];
      const { engine, close, fill } = setUp({ closes: [[100, 100, 100, 100]], words: [words] });
      close();
      fill(1, 10);
      expect(kinds(fill(sequence, 3))).toEqual(['fill', code, 'state']);
      expect(engine.portfolio.quantity[0]).toBe(13);
      expect(engine.portfolio.cash).toBe(10_000 - 1_300);
      close();
      expect(close()).toMatchObject([{ kind: 'signal' }, { kind: 'order', quantity: -13, reduces: true }]);
      fill(2, -13);
      expect(kinds(close())).toEqual(['signal', 'reduce-only']);
    }
  });

  it('books what is filled after a cancel was confirmed, and the order stays cancelled', () => {
    const { engine, close, fill } = setUp({ closes: [[100]], words: [['BUY']] });
    close();
    const update = { kind: 'order-update', sequence: 1, timeMs: 1, state: 'CANCELED' } as const;
    engine.handle({ ...update, code: null, value: 0, limit: 0 });
    const effects = fill(1, 4, { final: false });
    expect(kinds(effects)).toEqual(['fill', 'order-update', 'late-fill', 'state']);
    expect(effects[1]).toMatchObject({ state: 'CANCELED' });
    expect(effects[3]).toMatchObject({ state: 'reduce', cause: 'unexplained-fill' });
    expect(engine.portfolio.quantity[0]).toBe(4);
  });

  it('books an execution once by its name, whatever else comes between, and takes back one that was busted', () => {
    const { engine, close } = setUp({ closes: [[100]], words: [['BUY']] });
    close();
    const execution = { kind: 'execution', sequence: 1, timeMs: 1, symbol: 0, price: 100, fee: 1 } as const;
    expect(engine.handle({ ...execution, executionId: 'a', quantity: 4 })).toMatchObject([
      { kind: 'fill', final: false },
    ]);
    expect(engine.handle({ ...execution, executionId: 'b', quantity: 6 })).toMatchObject([
      { kind: 'fill', final: true },
    ]);
    for (const executionId of ['a', 'b', 'a'])
      expect(engine.handle({ ...execution, executionId, quantity: 9 })).toEqual([]);
    expect(engine.portfolio.quantity[0]).toBe(10);
    expect(engine.portfolio.cash).toBe(10_000 - 1_000 - 2);
    const bust = { kind: 'bust', timeMs: 2, executionId: 'b' } as const;
    expect(kinds(engine.handle(bust))).toEqual(['fill', 'order-update', 'busted', 'state']);
    expect(engine.handle(bust)).toEqual([]);
    expect(engine.portfolio.quantity[0]).toBe(4);
    expect(engine.portfolio.cash).toBe(10_000 - 400 - 1);
  });

  it('opens nothing in a symbol of whose order nobody knows what became, until somebody does', () => {
    const words: Word[] = ['BUY', 'BUY', 'BUY'];
    const { engine, close } = setUp({ closes: [[100, 100, 100]], words: [words] });
    close();
    const outcome = { kind: 'outcome', sequence: 1, timeMs: 1, of: 'submit' } as const;
    expect(engine.handle({ ...outcome, result: 'unknown' })).toMatchObject([{ state: 'UNKNOWN' }]);
    expect(kinds(close())).toEqual(['signal', 'order-working']);
    expect(engine.handle({ ...outcome, result: 'refused' })).toMatchObject([{ state: 'REJECTED' }]);
    expect(kinds(close())).toEqual(['signal', 'order']);
    // A request to cancel proves nothing.
    expect(engine.handle({ ...outcome, sequence: 2, of: 'cancel', result: 'accepted' })).toEqual([]);
  });
});
