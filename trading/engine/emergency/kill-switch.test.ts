import { describe, expect, it } from 'vitest';
import type { Effect, OrderUpdate } from '../../effect.ts';
import { dialectBars, dialectSession } from '../../testing/dialect-session.ts';
import { BAR_MS, kinds, setUp } from '../../testing/walked-engine.ts';

const FLAT = [100, 100, 100, 100, 100];
const walk = (more: Partial<Parameters<typeof setUp>[0]> = {}) =>
  setUp({ closes: [FLAT], words: [['BUY', 'SELL', 'BUY', 'BUY', 'BUY']], ...more });
const update = ({ engine }: ReturnType<typeof setUp>, sequence: number, state: OrderUpdate['state']) =>
  engine.handle({ kind: 'order-update', sequence, timeMs: BAR_MS, state, code: null, value: 0, limit: 0 });
const stops = (effects: readonly Effect[]) => effects.filter(({ kind }) => kind === 'state');

describe('an emergency stop', () => {
  it('cancels what works, hears nothing, and gives protection back where it is resumed', () => {
    const protection = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };
    const walked = walk({ protection });
    walked.close();
    expect(kinds(walked.fill(1, 10))).toEqual(['fill', 'order', 'terms']);
    expect(kinds(walked.command('emergency-stop'))).toEqual(['state', 'cancel']);
    update(walked, 2, 'CANCELED');
    expect(walked.close()).toEqual([]);
    // What fills all the same is booked, and nothing is placed for it.
    expect(walked.engine.portfolio.quantity[0]).toBe(10);
    expect(kinds(walked.command('resume'))).toEqual(['state', 'order', 'terms']);
    expect(walked.engine.risk.state.killState).toBe('run');
  });

  it('places nothing for a purchase that fills after it', () => {
    const protection = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };
    const walked = walk({ protection });
    walked.close();
    walked.command('emergency-stop');
    expect(kinds(walked.fill(1, 10))).toEqual(['fill']);
  });

  it('with flatten closes what is held, and what fills later, at once', () => {
    const walked = walk({ closes: [FLAT, FLAT], words: [['BUY'], ['HOLD', 'BUY']] });
    walked.close();
    walked.fill(1, 10);
    walked.close();
    const effects = walked.command('emergency-flatten');
    expect(kinds(effects)).toEqual(['state', 'cancel', 'order']);
    expect(effects[2]).toMatchObject({ symbol: 0, quantity: -10 });
    // The entry that was to be cancelled had filled in part.
    walked.fill(2, 4, { symbol: 1, final: false });
    expect(update(walked, 2, 'CANCELED').at(-1)).toMatchObject({ kind: 'order', symbol: 1, quantity: -4 });
  });

  it.each(['halt', 'reduce', 'emergency-stop'] as const)('stays one when somebody says %s', (word) => {
    const walked = walk();
    walked.command('emergency-flatten');
    walked.command(word);
    expect(walked.engine.risk.state.killState).toBe('stop-flatten');
  });

  it('comes by itself with a drawdown, and closes where that was asked for', () => {
    const emergencyStop = { drawdownFraction: 0.05, flatten: true };
    const walked = walk({ closes: [[100, 90, 40]], words: [['BUY']], limits: { emergencyStop } });
    walked.close();
    walked.fill(1, 10);
    expect(stops(walked.close())).toEqual([]);
    const effects = walked.close();
    expect(effects[0]).toMatchObject({ kind: 'state', state: 'stop-flatten', cause: 'drawdown', limit: 0.05 });
    expect(effects[1]).toMatchObject({ kind: 'order', quantity: -10 });
  });

  it('comes by itself where equity is too little of what is held', () => {
    const limits = {
      emergencyStop: { equityFraction: 0.9, flatten: false },
      margin: { initial: 0.5, maintenance: 0.1 },
    };
    const sizing = { kind: 'units', units: 150 } as const;
    const walked = walk({ closes: [[100, 70, 70]], words: [['BUY']], limits, sizing });
    walked.close();
    walked.fill(1, 150);
    expect(stops(walked.close())).toMatchObject([{ state: 'stop', cause: 'margin-call', limit: 0.9 }]);
    expect(walked.close()).toEqual([]);
  });

  it('comes by itself with more rejections within a minute than a session at a venue may have', () => {
    const symbols = 12;
    const walked = setUp({
      closes: Array.from({ length: symbols }, () => FLAT),
      words: Array.from({ length: symbols }, () => ['BUY' as const]),
      sizing: { kind: 'units', units: 1 },
      emergency: { rejectionsPerMinute: 10 },
    });
    walked.close();
    const cancelled: number[] = [];
    const found = Array.from({ length: symbols }, (_, at) => {
      const effects = update(walked, at + 1, 'REJECTED');
      for (const one of effects) if (one.kind === 'cancel') cancelled.push(one.sequence);
      return stops(effects).length;
    });
    expect(found).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    expect(cancelled).toEqual([12]);
    expect(walked.engine.risk.state.killState).toBe('stop');
    expect(walked.engine.risk.state.openingBlock()).toMatchObject({ code: 'emergency-stop' });
  });
});

describe('a loss that stops openings', () => {
  it.each(['drawdownFraction', 'dailyLossFraction', 'drawdownAmount', 'dailyLossAmount'] as const)(
    'ends an order that has been filled in part: %s',
    (limit) => {
      const thin = [100, 100, [100, 100, 50, 50], 50, 50, 50].map(
        (row) =>
          [...(typeof row === 'number' ? [row, row, row, row] : row), 100] as [number, number, number, number, number],
      );
      const { fills, result } = dialectSession(dialectBars(thin), {
        signals: 'L',
        sizing: { kind: 'units', units: 100 },
        costs: { participation: 0.1 },
        limits: { [limit]: limit.endsWith('Amount') ? 500 : 0.05 },
        capital: 10_000,
      });
      // Ten of a bar's hundred at two opens; the third close shows the loss of half of them.
      expect(fills.map(({ quantity }) => quantity)).toEqual([10, 10]);
      expect(result.ledger).toMatchObject([{ quantity: 20, exitTimeMs: null }]);
    },
  );
});

describe('a halt', () => {
  it('ends an order of a signal that has not been filled, and leaves one that closes', () => {
    const walked = walk();
    walked.close();
    expect(kinds(walked.command('halt'))).toEqual(['state', 'cancel']);
    update(walked, 1, 'CANCELED');
    expect(kinds(walked.command('resume'))).toEqual(['state']);
    walked.close();
    walked.close();
    walked.fill(2, 10);
    const closing = walk({ words: [['BUY', 'SELL']] });
    closing.close();
    closing.fill(1, 10);
    closing.close();
    expect(kinds(closing.command('halt'))).toEqual(['state']);
  });
});
