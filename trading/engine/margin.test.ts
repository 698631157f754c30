import { describe, expect, it } from 'vitest';
import type { Effect } from '../effect.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import { runHistoricalSession } from '../sessions/historical-session.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { randomWalkBars, testInstrument } from '../testing/random-walk-bars.ts';
import { kinds, setUp, type Word } from '../testing/walked-engine.ts';

const MARGIN = { margin: { initial: 0.5, maintenance: 0.3 }, positionFraction: 2 };
const BUY: Word[] = ['BUY'];

const orders = (effects: readonly Effect[]) => effects.filter((effect) => effect.kind === 'order');

describe('margin', () => {
  it('lets positions be as large as equity over the initial margin, and no larger', () => {
    const sizing = { kind: 'units', units: 500 } as const;
    const { close } = setUp({ closes: [[100]], words: [BUY], sizing, limits: MARGIN });
    expect(close()[1]).toMatchObject({ kind: 'order', quantity: 200, clippedBy: 'margin' });
    const none = setUp({ closes: [[100]], words: [BUY], sizing });
    expect(none.close()[1]).toMatchObject({ quantity: 100, clippedBy: 'cash' });
    const less = setUp({ closes: [[100]], words: [BUY], sizing, limits: { ...MARGIN, leverage: 1.5 } });
    expect(less.close()[1]).toMatchObject({ quantity: 150, clippedBy: 'leverage' });
  });

  it('calls below the maintenance margin, and cuts every position alike down to the initial one', () => {
    // 15,000 and 5,000 of 10,000: twice the equity. At 60 and 80 they are worth 13,000 and equity 3,000.
    const { engine, close, fill } = setUp({
      closes: [
        [100, 70, 60, 60],
        [100, 80, 80, 80],
      ],
      words: [BUY, BUY],
      sizing: { kind: 'units', units: 150 },
      limits: MARGIN,
    });
    expect(orders(close())).toMatchObject([{ quantity: 150 }, { quantity: 50, clippedBy: 'margin' }]);
    fill(1, 150);
    fill(2, 50, { symbol: 1 });
    // 10,500 + 4,000 with an equity of 4,500: 0.31 of it.
    expect(close()).toEqual([]);
    const called = close();
    expect(called[0]).toMatchObject({ kind: 'state', cause: 'margin-call', state: 'run', limit: 0.3 });
    expect((called[0] as { value: number }).value).toBeCloseTo(3_000 / 13_000, 12);
    // 6,000 may be held of 13,000: 69.2 of 150 units and 23.07 of 50, in whole lots.
    expect(orders(called)).toMatchObject([
      { symbol: 0, quantity: -81, reduces: true },
      { symbol: 1, quantity: -27, reduces: true },
    ]);
    fill(3, -81, { price: 60 });
    fill(4, -27, { price: 80, symbol: 1 });
    expect(close()).toEqual([]);
    expect(engine.portfolio.equity).toBeGreaterThanOrEqual(0.5 * engine.portfolio.gross);
  });

  it('cancels an order that works before it cuts, and closes everything where nothing is left', () => {
    const words: Word[][] = [
      ['BUY', 'HOLD'],
      ['HOLD', 'HOLD', 'BUY'],
    ];
    const closes = [
      [100, 75, 70, 40],
      [100, 100, 100, 100],
    ];
    const { close, fill } = setUp({ closes, words, sizing: { kind: 'units', units: 200 }, limits: MARGIN });
    close();
    fill(1, 200);
    expect(close()).toEqual([]);
    // 14,000 with an equity of 4,000: called before strategies are asked, and what one opens then is refused.
    const called = close();
    expect(kinds(called)).toEqual(['state', 'order', 'signal', 'margin']);
    expect(called[1]).toMatchObject({ quantity: -86 });
    // The market takes it too late: equity is gone.
    const gone = close();
    expect(kinds(gone)).toEqual(['state']);
    fill(2, -86, { price: 40 });
  });

  it('changes nothing of a session that never borrows', () => {
    const bars = randomWalkBars('A', 2_000, { seed: 5 });
    const run = (limits: Partial<RiskLimits>) =>
      runHistoricalSession({
        bars: [bars],
        instruments: [testInstrument(bars.symbol)],
        strategy: createRuleStrategy('sma-cross', { fast: 5, slow: 20 }),
        sizing: { kind: 'fraction-of-equity', fraction: 0.9 },
        limits: { ...NAMED_LIMITS.unbounded, ...limits },
        broker: simulatedBroker({ feeBps: 5 }),
        capital: 100_000,
      });
    const plain = run({});
    expect(plain.fills).toBeGreaterThan(20);
    expect(run({ margin: { initial: 0.5, maintenance: 0.25 } }).journalHash).toBe(plain.journalHash);
  });

  it('lets a simulated venue fill what credit pays for, and refuses a size that nothing pays for', () => {
    const bars = randomWalkBars('A', 600, { seed: 7 });
    const run = (limits: Partial<RiskLimits>) =>
      runHistoricalSession({
        bars: [bars],
        instruments: [testInstrument(bars.symbol)],
        strategy: createRuleStrategy('buy-and-hold', {}),
        sizing: { kind: 'fraction-of-equity', fraction: 1.6 },
        limits: { ...NAMED_LIMITS.unbounded, ...limits },
        broker: simulatedBroker(),
        capital: 1_000_000,
      });
    const levered = run({ ...MARGIN, positionFraction: 1.6 });
    expect(Math.max(...levered.grossExposure.subarray(0, 10))).toBeGreaterThan(1.5);
    expect(levered.refusals).toEqual([]);
    expect(() => run({})).toThrow(/takes credit/);
  });
});

describe('rejections in a row', () => {
  const limits = { rejectionsInARow: 2 };
  const words: Word[] = ['BUY', 'BUY', 'BUY', 'BUY', 'BUY', 'BUY'];
  const closes = [[100, 100, 100, 100, 100, 100]];
  const rejected = (sequence: number) =>
    ({ kind: 'order-update', sequence, timeMs: 1, state: 'REJECTED', code: null, value: 0, limit: 0 }) as const;

  it('halt the session until consent', () => {
    const { engine, close, command } = setUp({ closes, words: [words], limits });
    close();
    expect(kinds(engine.handle(rejected(1)))).toEqual(['order-update']);
    close();
    const halted = engine.handle(rejected(2));
    expect(halted[1]).toMatchObject({ kind: 'state', state: 'halt', cause: 'rejections', value: 2, limit: 2 });
    expect(kinds(close())).toEqual(['signal', 'rejections']);
    command('resume');
    expect(kinds(close())).toEqual(['signal', 'order']);
  });

  it('are counted anew after an order that was taken or executed', () => {
    const { engine, close, fill } = setUp({ closes, words: [['BUY', 'BUY', 'SELL', 'BUY', 'BUY']], limits });
    close();
    engine.handle(rejected(1));
    close();
    fill(2, 10);
    close();
    expect(kinds(engine.handle(rejected(3)))).toEqual(['order-update']);
    expect(engine.risk.state.killState).toBe('run');
  });
});
