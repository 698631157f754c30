import { describe, expect, it } from 'vitest';
import { createRecordBlock, decodeRecord, encodeEffect } from '../../journal/journal-record.ts';
import { BAR_MS, kinds, setUp, type Word } from '../../testing/walked-engine.ts';
import type { Execution, Snapshot } from '../../venue-event.ts';
import type { ReconciliationRule } from './reconciliation-rule.ts';

/** One order of 10 units works at the venue; its reports come at 60,000 and later. */
function working(words: Word[] = ['BUY', 'BUY', 'BUY', 'SELL'], reconciliation: Partial<ReconciliationRule> = {}) {
  const set = setUp({ closes: [[100, 100, 100, 100]], words: [words], reconciliation });
  set.close();
  const update = (state: 'ACCEPTED' | 'CANCELED' | 'UNKNOWN' | 'PENDING_CANCEL', timeMs: number) =>
    set.engine.handle({ kind: 'order-update', sequence: 1, timeMs, state, code: null, value: 0, limit: 0 });
  const snapshot = (more: Partial<Snapshot>) =>
    set.engine.handle({
      ...{ kind: 'snapshot', beganMs: 70_000, timeMs: 71_000, complete: true },
      ...{ orders: [], executions: [], positions: [], ...more },
    });
  const absent = (timeMs: number) => set.engine.handle({ kind: 'look-up', sequence: 1, timeMs, found: 'absent' });
  return { ...set, update, snapshot, absent };
}

const executed = (executionId: string, quantity: number, timeMs = 61_000): Execution => ({
  ...{ kind: 'execution', sequence: 1, timeMs, symbol: 0, executionId, quantity, price: 100, fee: 0 },
});

const canceled = { kind: 'order-update', state: 'CANCELED', code: null, value: 0, limit: 0 } as const;

describe('an order of which nothing is known', () => {
  it('is lost once it was found absent often and long enough, and its symbol stays closed to openings', () => {
    const { engine, update, absent, close } = working(undefined, { absences: 3, absentMs: 20_000 });
    update('UNKNOWN', 60_000);
    for (const timeMs of [61_000, 62_000, 63_000, 64_000]) expect(absent(timeMs)).toEqual([]);
    expect(engine.handle({ kind: 'timer', timeMs: 80_999 })).toEqual([]);
    const lost = engine.handle({ kind: 'timer', timeMs: 81_000 });
    expect(kinds(lost)).toEqual(['order-update', 'order-lost']);
    expect(lost).toMatchObject([{ state: 'LOST' }, { value: 1, limit: 4 }]);
    expect(engine.handle({ kind: 'timer', timeMs: 90_000 })).toEqual([]);
    expect(kinds(close())).toEqual(['signal', 'order-working']);
    expect(update('ACCEPTED', 91_000)).toMatchObject([{ state: 'ACCEPTED' }]);
  });

  it.each([
    ['whole', 10],
    ['in part', 4],
  ])('is known again once it was executed %s: nothing keeps its symbol closed', (_how, quantity) => {
    const { engine, update, close } = working(['BUY', 'SELL', 'BUY']);
    update('UNKNOWN', 60_000);
    engine.handle(executed('a', quantity));
    if (quantity < 10) engine.handle({ ...canceled, sequence: 1, timeMs: 62_000 });
    expect(kinds(close())).toEqual(['signal', 'order']);
    engine.handle({ ...executed('b', -quantity), sequence: 2 });
    expect(kinds(close())).toEqual(['signal', 'order']);
  });

  it('is lost when it would have been, though our clock was put meanwhile', () => {
    for (const stepMs of [-3_600_000, 3_600_000]) {
      const { engine, update, absent } = working(undefined, { absences: 3, absentMs: 20_000 });
      update('UNKNOWN', 60_000);
      for (const timeMs of [61_000, 62_000, 63_000]) absent(timeMs);
      expect(engine.handle({ kind: 'clock-step', timeMs: 64_000 + stepMs, stepMs })).toEqual([]);
      expect(engine.handle({ kind: 'timer', timeMs: 80_999 + stepMs })).toEqual([]);
      expect(kinds(engine.handle({ kind: 'timer', timeMs: 81_000 + stepMs }))).toEqual(['order-update', 'order-lost']);
    }
  });

  it('is not lost by answers that were not read, too few, or asked while the connection was lost', () => {
    const { engine, update, absent } = working(undefined, { absences: 2, absentMs: 1_000 });
    update('UNKNOWN', 60_000);
    for (const timeMs of [61_000, 62_000, 63_000]) {
      engine.handle({ kind: 'look-up', sequence: 1, timeMs, found: 'unreadable' });
    }
    absent(64_000);
    expect(engine.handle({ kind: 'timer', timeMs: 99_000 })).toEqual([]);
    engine.handle({ kind: 'connectivity', timeMs: 100_000, connected: false });
    absent(101_000);
    absent(105_000);
    engine.handle({ kind: 'connectivity', timeMs: 106_000, connected: true });
    absent(107_000);
    expect(engine.handle({ kind: 'timer', timeMs: 199_000 })).toEqual([]);
    expect(kinds(absent(200_000))).toEqual(['order-update', 'order-lost']);
  });
});

describe('a connection to the venue that is lost', () => {
  it('opens nothing until it is there again, and lets exits be', () => {
    const { engine, close, snapshot } = working(['HOLD', 'BUY', 'BUY', 'SELL']);
    snapshot({ positions: [] });
    expect(engine.handle({ kind: 'connectivity', timeMs: 1, connected: true })).toEqual([]);
    expect(engine.handle({ kind: 'connectivity', timeMs: 1, connected: false })).toMatchObject([
      { kind: 'state', state: 'run', cause: 'away' },
    ]);
    expect(kinds(close())).toEqual(['signal', 'away']);
    expect(engine.handle({ kind: 'connectivity', timeMs: 2, connected: false })).toEqual([]);
    expect(engine.handle({ kind: 'connectivity', timeMs: 2, connected: true })).toMatchObject([{ cause: 'back' }]);
    expect(kinds(close())).toEqual(['signal', 'order']);
    engine.handle(executed('a', 10));
    engine.handle({ kind: 'connectivity', timeMs: 3, connected: false });
    expect(kinds(close())).toEqual(['signal', 'order']);
  });
});

describe('a snapshot of the venue', () => {
  it('books what was missed once, as found by asking', () => {
    const { engine, snapshot } = working();
    engine.handle(executed('a', 4));
    const effects = snapshot({ executions: [executed('a', 4), executed('b', 6)], positions: [held(10)] });
    expect(effects).toMatchObject([{ kind: 'fill', quantity: 6, final: true, origin: 'query' }]);
    expect(snapshot({ beganMs: 80_000, timeMs: 81_000, positions: [held(10)] })).toEqual([]);
    const block = createRecordBlock(1);
    encodeEffect(effects[0]!, block, 0);
    expect(decodeRecord(block, 0)).toMatchObject({ kind: 'fill', origin: 'query' });
  });

  it('never means flat where it is incomplete, but tells of what is there', () => {
    const { engine, update, snapshot } = working();
    update('ACCEPTED', 60_000);
    engine.handle(executed('a', 4));
    const effects = snapshot({ complete: false, executions: [executed('b', 1)], orders: [] });
    expect(effects).toMatchObject([{ kind: 'fill', quantity: 1 }]);
    expect(engine.portfolio.quantity[0]).toBe(5);
  });

  it('does not overrule what the session learnt after it had begun', () => {
    const { engine, update, snapshot } = working(undefined, { differences: 'adopt' });
    update('ACCEPTED', 70_000);
    engine.handle(executed('a', 4, 70_000));
    expect(snapshot({ beganMs: 70_000 })).toEqual([]);
    update('PENDING_CANCEL', 72_000);
    update('CANCELED', 73_000);
    const listed = { orders: [{ sequence: 1, state: 'ACCEPTED' as const }], positions: [held(4)] };
    expect(snapshot({ ...listed, beganMs: 72_500, timeMs: 74_000 })).toEqual([]);
    const seen = snapshot({ ...listed, beganMs: 74_000, timeMs: 75_000 });
    expect(kinds(seen)).toEqual(['order-update', 'seen-working', 'state']);
    expect(seen[0]).toMatchObject({ state: 'ACCEPTED' });
  });

  it('has asked for what it should list and does not, and finds what nobody knew of', () => {
    const { engine, update, snapshot } = working();
    // Nothing has been heard of it: it may be on its way.
    expect(snapshot({})).toEqual([]);
    update('ACCEPTED', 80_000);
    const missing = snapshot({ beganMs: 81_000, timeMs: 82_000 });
    expect(missing).toMatchObject([{ kind: 'order-update', state: 'UNKNOWN' }]);
    const orders = [
      { sequence: 1, state: 'ACCEPTED' as const },
      { sequence: 9, state: 'ACCEPTED' as const },
    ];
    expect(snapshot({ beganMs: 83_000, timeMs: 84_000, orders })).toMatchObject([{ state: 'ACCEPTED' }]);
    update('PENDING_CANCEL', 85_000);
    // Still listed: what becomes of the request is yet to be told.
    expect(snapshot({ beganMs: 86_000, timeMs: 87_000, orders })).toEqual([]);
    expect(engine.risk.state.killState).toBe('run');
  });

  it('stops openings where a position differs, once for each difference, unless it is to be adopted', () => {
    const { engine, snapshot, close } = working();
    engine.handle(executed('a', 10));
    const more = snapshot({ positions: [held(12)] });
    expect(kinds(more)).toEqual(['position-difference', 'state']);
    expect(more[0]).toMatchObject({ value: 12, limit: 10 });
    expect(snapshot({ positions: [held(12)], beganMs: 80_000, timeMs: 81_000 })).toEqual([]);
    expect(kinds(snapshot({ beganMs: 82_000, timeMs: 83_000 }))).toEqual(['position-difference']);
    expect(engine.portfolio.quantity[0]).toBe(10);
    close();
    expect(engine.risk.state.killState).toBe('reduce');
  });

  it('stops openings at once after our clock was put, however far, and never by a reading of before', () => {
    for (const stepMs of [-3_600_000, -5_000, 3_600_000]) {
      const { engine, snapshot } = working();
      engine.handle(executed('a', 10));
      const timeMs = 62_000 + stepMs;
      engine.handle({ kind: 'clock-step', timeMs, stepMs });
      // It began before the purchase.
      expect(snapshot({ beganMs: 60_500 + stepMs, timeMs: timeMs + 500 })).toEqual([]);
      const told = snapshot({ positions: [held(12)], beganMs: timeMs + 600, timeMs: timeMs + 700 });
      expect(kinds(told)).toEqual(['position-difference', 'state']);
    }
  });

  it('is adopted as external by an execution whose name follows from what it is concluded from', () => {
    const ids = [0, 1].map(() => {
      const { engine, snapshot } = working(undefined, { differences: 'adopt' });
      engine.handle(executed('a', 10));
      const adopted = snapshot({ positions: [held(12, 90)] });
      expect(kinds(adopted)).toEqual(['fill', 'position-adopted']);
      expect(adopted[0]).toMatchObject({ sequence: 0, quantity: 2, price: 90, origin: 'inferred' });
      expect(engine.portfolio.quantity[0]).toBe(12);
      expect(engine.portfolio.cash).toBe(10_000 - 1_000 - 180);
      expect(snapshot({ positions: [held(12, 90)] })).toEqual([]);
      expect(engine.risk.state.killState).toBe('run');
      // Closed outside: flat at the venue, at the last price that is known.
      expect(kinds(snapshot({ beganMs: BAR_MS * 2, timeMs: BAR_MS * 2 }))).toEqual(['fill', 'position-adopted']);
      expect(engine.portfolio.quantity[0]).toBe(0);
      return (adopted[0] as { executionId?: string }).executionId;
    });
    expect(ids[0]).toBe('inferred/S0/10/12/71000');
    expect(ids[1]).toBe(ids[0]);
  });
});

function held(quantity: number, price = 100): Snapshot['positions'][number] {
  return { symbol: 0, quantity, price };
}
