import { describe, expect, it } from 'vitest';
import { kinds, setUp, type Word } from '../../testing/walked-engine.ts';

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

  const said = { kind: 'execution', sequence: 1, timeMs: 1, symbol: 0, price: 100, fee: 1 } as const;
  const bought = () => {
    const set = setUp({ closes: [[100, 100, 100]], words: [['BUY', 'HOLD', 'BUY']] });
    set.close();
    return set;
  };

  it('does not count an execution that was taken back before it was told, and says so', () => {
    const { engine } = bought();
    expect(kinds(engine.handle({ kind: 'bust', timeMs: 1, executionId: 'a' }))).toEqual([
      'bust-ahead',
      'state',
      'cancel',
    ]);
    expect(engine.handle({ kind: 'bust', timeMs: 1, executionId: 'a' })).toEqual([]);
    expect(kinds(engine.handle({ ...said, executionId: 'a', quantity: 4 }))).toEqual(['busted']);
    expect(engine.handle({ ...said, executionId: 'a', quantity: 4 })).toEqual([]);
    expect(engine.portfolio.cash).toBe(10_000);
    expect(engine.portfolio.quantity[0]).toBe(0);
  });

  it('refuses an execution whose numbers cannot be, books it once they can, and opens nothing from there', () => {
    for (const wrong of [
      { quantity: NaN },
      { quantity: Infinity },
      { quantity: 0 },
      { price: 0 },
      { price: -1 },
      { price: NaN },
      { fee: -Infinity },
      { timeMs: NaN },
      { timeMs: Infinity },
    ]) {
      const { engine, close } = bought();
      const execution = { ...said, executionId: 'a', quantity: 10 };
      const effects = engine.handle({ ...execution, ...wrong });
      expect(kinds(effects)).toEqual(['execution-numbers', 'state', 'cancel']);
      expect(effects.every(({ timeMs }) => Number.isFinite(timeMs))).toBe(true);
      expect(engine.portfolio.cash).toBe(10_000);
      expect(kinds(engine.handle(execution))).toEqual(['fill']);
      expect(engine.portfolio.cash).toBe(10_000 - 1_001);
      engine.handle({ ...said, sequence: 0, executionId: 'b', quantity: -10 });
      close();
      expect(kinds(close())).toEqual(['signal', 'reduce-only']);
    }
  });

  it('refuses a plain fill whose numbers cannot be', () => {
    for (const [quantity, price] of [
      [NaN, 100],
      [0, 100],
      [10, Infinity],
      [10, 0],
    ] as const) {
      const { engine, fill } = bought();
      expect(kinds(fill(1, quantity, { price }))).toEqual(['execution-numbers', 'state', 'cancel']);
      expect(engine.portfolio.cash).toBe(10_000);
    }
  });

  it('takes back an execution whatever other executions are called', () => {
    const { engine } = bought();
    engine.handle({ ...said, executionId: 'bust/a', quantity: 4 });
    engine.handle({ ...said, executionId: 'a', quantity: 6 });
    const back = engine.handle({ kind: 'bust', timeMs: 2, executionId: 'a' });
    expect(back[0]).toMatchObject({ kind: 'fill', quantity: -6, executionId: 'a', takesBack: true });
    expect(engine.portfolio.quantity[0]).toBe(4);
  });

  it('counts an execution once an account', () => {
    const { engine } = bought();
    engine.handle({ ...said, executionId: 'a', quantity: 4, account: 'one' });
    engine.handle({ ...said, executionId: 'a', quantity: 3, account: 'two' });
    engine.handle({ ...said, executionId: 'a', quantity: 3, account: 'two' });
    expect(engine.portfolio.quantity[0]).toBe(7);
    engine.handle({ kind: 'bust', timeMs: 2, executionId: 'a', account: 'one' });
    expect(engine.portfolio.quantity[0]).toBe(3);
  });

  it('books what is of the other side or another symbol than its order, whose state stays, and cancels that', () => {
    const { engine } = bought();
    const sold = engine.handle({ ...said, executionId: 'a', quantity: -4 });
    expect(kinds(sold)).toEqual(['fill', 'order-update', 'opposite-side', 'state', 'cancel']);
    expect(sold[1]).toMatchObject({ state: 'SUBMITTED' });
    expect(engine.portfolio.quantity[0]).toBe(-4);
    expect(engine.handle({ ...said, executionId: 'b', quantity: 10 })).toMatchObject([{ final: true }]);
    engine.handle({ kind: 'bust', timeMs: 2, executionId: 'a' });
    expect(engine.portfolio.quantity[0]).toBe(10);
    const two = setUp({ closes: [[100], [100]], words: [['BUY'], ['HOLD']] });
    two.close();
    const other = two.engine.handle({ ...said, symbol: 1, executionId: 'a', quantity: 10 });
    expect(kinds(other)).toEqual(['fill', 'order-update', 'other-symbol', 'state', 'cancel']);
    expect([...two.engine.portfolio.quantity]).toEqual([0, 10]);
    expect(() => two.engine.handle({ ...said, symbol: 2, executionId: 'b', quantity: 1 })).toThrow(/symbol 2, of 2/);
  });

  it('takes what was executed of an order so far for no execution of its own', () => {
    const { engine } = bought();
    engine.handle({ ...said, executionId: 'a', quantity: 4, cumulative: 4 });
    const summed = engine.handle({ ...said, executionId: 'b', quantity: 7, cumulative: 7 });
    expect(kinds(summed)).toEqual(['beyond-cumulative', 'state', 'cancel', 'fill']);
    expect(summed[3]).toMatchObject({ quantity: 3, final: false });
    expect(kinds(engine.handle({ ...said, executionId: 'c', quantity: 7, cumulative: 7 }))).toEqual([
      'beyond-cumulative',
    ]);
    // Later ones may be told first.
    const late = bought();
    late.engine.handle({ ...said, executionId: 'b', quantity: 6, cumulative: 10 });
    expect(kinds(late.engine.handle({ ...said, executionId: 'a', quantity: 4, cumulative: 4 }))).toEqual(['fill']);
    expect(late.engine.portfolio.quantity[0]).toBe(10);
  });

  it('takes back in units after a split what was booked before it', () => {
    const { engine } = bought();
    engine.handle({ ...said, executionId: 'a', quantity: 10 });
    engine.handle({ kind: 'action', timeMs: 2, symbol: 0, action: 'split', value: 2 });
    engine.handle({ kind: 'bust', timeMs: 3, executionId: 'a' });
    expect(engine.portfolio.quantity[0]).toBe(0);
    expect(engine.portfolio.cash).toBe(10_000);
  });
});
