import { describe, expect, it } from 'vitest';
import { NAMED_LIMITS, type RiskLimits } from '../../../models/experiment/experiment.ts';
import { place } from '../../testing/scripted-orders.ts';
import { BAR_MS, kinds, setUp } from '../../testing/walked-engine.ts';

const FLAT = [100, 100, 100, 100, 100];
const HOLDING = { words: [['BUY', 'HOLD']] } as const;

/** An engine whose limits an operator changes. */
function walk(more: Partial<Parameters<typeof setUp>[0]> = {}) {
  const walked = setUp({ closes: [FLAT], ...HOLDING, ...more });
  const before = { ...NAMED_LIMITS.unbounded, ...more.limits };
  const change = (limits: Partial<RiskLimits>) =>
    walked.engine.handle({ kind: 'limits', timeMs: BAR_MS, limits: { ...before, ...limits } });
  return { ...walked, change };
}

describe('a limit that is tightened while orders of signals work', () => {
  it.each([
    ['positionFraction', 0.05, 'position-limit'],
    ['positionNotional', 500, 'position-amount'],
    ['orderNotionalFraction', 0.05, 'order-notional'],
    ['grossExposureFraction', 0.05, 'gross-exposure'],
    ['netExposureNotional', 900, 'net-amount'],
    ['leverage', 0.05, 'leverage'],
  ] as const)('%s of %d ends an opening that would break it, and says so', (name, limit, code) => {
    const { close, change } = walk();
    close();
    const effects = change({ [name]: limit });
    expect(kinds(effects)).toEqual([code, 'cancel']);
    expect(effects[1]).toMatchObject({ symbol: 0, sequence: 1 });
  });

  it('leaves an opening that fits, one that the change does not concern, and all of them where it allows more', () => {
    const { close, change } = walk({ limits: { positionFraction: 0.1 } });
    close();
    expect(change({ positionFraction: 0.1, grossExposureFraction: 0.1 })).toEqual([]);
    expect(change({ positionFraction: 0.2, ordersPerMinute: 1 })).toEqual([]);
  });

  it('leaves an opening that has outgrown an unchanged limit because prices moved', () => {
    const closes = [
      [100, 100],
      [100, 50],
    ];
    const { close, change, fill, engine } = walk({
      ...{ closes, words: [['BUY'], ['BUY']], limits: { positionFraction: 0.1 } },
    });
    close();
    fill(2, 10, { symbol: 1 });
    close();
    // Of 9,500 equity 950 would be allowed now; the order that works is for 1,000.
    expect(engine.portfolio.equity).toBe(9_500);
    expect(change({ positionFraction: 0.1, orderNotionalFraction: 0.5 })).toEqual([]);
    expect(kinds(change({ positionFraction: 0.0999 }))).toEqual(['position-limit', 'cancel']);
  });

  it('leaves what closes, and the orders that protect', () => {
    const protection = { stopLoss: { percent: 0.1 }, takeProfit: { percent: 0.1 }, trailing: null };
    const guarded = walk({ protection });
    guarded.close();
    guarded.fill(1, 10);
    expect(guarded.change({ positionFraction: 0.01, openOrders: 1 })).toEqual([]);
    const closing = walk({ words: [['BUY', 'SELL']] });
    closing.close();
    closing.fill(1, 10);
    closing.close();
    expect(closing.change({ positionFraction: 0.01 })).toEqual([]);
  });

  it('ends the newest until the rest fits, also by their number, and short ones where none is allowed any more', () => {
    const three = { closes: [FLAT, FLAT, FLAT], words: [['BUY'], ['BUY'], ['BUY']] } as const;
    const gross = walk(three);
    gross.close();
    const cut = gross.change({ grossExposureFraction: 0.2 });
    expect(kinds(cut)).toEqual(['gross-exposure', 'cancel']);
    expect(cut[1]).toMatchObject({ sequence: 3 });
    const counted = walk(three);
    counted.close();
    const less = counted.change({ openOrders: 1 });
    expect(kinds(less)).toEqual(['open-orders', 'cancel', 'open-orders', 'cancel']);
    expect([less[1], less[3]]).toMatchObject([{ sequence: 3 }, { sequence: 2 }]);
    const short = walk({ words: [['SELL']], rules: { longShort: true } });
    short.close();
    expect(kinds(short.change({ shortAllowed: false }))).toEqual(['short-not-allowed', 'cancel']);
  });

  it('counts what it has cancelled until the venue says that it has ended', () => {
    const words = [['BUY'], ['HOLD', 'BUY']] as const;
    const { close, change, engine } = walk({ closes: [FLAT, FLAT], words });
    close();
    change({ positionFraction: 0.05, grossExposureFraction: 0.1 });
    expect(kinds(close())).toEqual(['signal', 'gross-exposure']);
    engine.handle({
      ...{ kind: 'order-update', sequence: 1, timeMs: 2 * BAR_MS, state: 'CANCELED' },
      ...{ code: null, value: 0, limit: 0 },
    });
    expect(engine.portfolio.quantity[0]).toBe(0);
  });
});

describe('a limit that is tightened while orders of strategies rest', () => {
  const rest = (label: string, limit: number) => place({ type: 'limit', side: 'buy', limit, label });
  const stop = place({ type: 'stop', side: 'sell', stop: 80, size: 'position', reduceOnly: true, label: 'stop' });
  const orders = {
    0: [place({ type: 'market', side: 'buy', label: 'held' }), rest('a', 90), rest('b', 91)],
    1: [stop],
  };
  const tightened = (limits: Partial<RiskLimits>) => {
    const walked = walk({ words: [[]], orders });
    walked.close();
    walked.fill(1, 10);
    walked.close();
    return walked.change(limits).map((one) => ('sequence' in one ? one.sequence : (one as { code: string }).code));
  };

  it('ends the newest first, and leaves the exit', () => {
    // Held 1,000, and 1,000 and 1,000 to come: each is valued at the last price.
    expect(tightened({ positionFraction: 0.25 })).toEqual(['position-limit', 3]);
    expect(tightened({ positionFraction: 0.15 })).toEqual(['position-limit', 3, 'position-limit', 2]);
    expect(tightened({ positionFraction: 0.35 })).toEqual([]);
    expect(tightened({ openOrders: 2 })).toEqual(['open-orders', 3]);
  });

  it('ends what is executed in parts, with what works of it', () => {
    const execution = { kind: 'twap', slices: 2, withinMinutes: 4 } as const;
    const walked = walk({ words: [[]], orders: { 0: [place({ type: 'market', side: 'buy', execution })] } });
    expect(kinds(walked.close())).toEqual(['parent', 'order', 'terms', 'child']);
    expect(kinds(walked.change({ positionFraction: 0.07 }))).toEqual(['position-limit', 'cancel']);
    const ended = { kind: 'order-update', sequence: 1, timeMs: BAR_MS, state: 'CANCELED', code: null } as const;
    expect(kinds(walked.engine.handle({ ...ended, value: 0, limit: 0 }))).toContain('parent-end');
  });
});
