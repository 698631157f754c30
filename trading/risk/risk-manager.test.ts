import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import { OrderRegister } from '../orders/order-register.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import { RiskManager } from './risk-manager.ts';
import { isApprovedOrder, type OrderProposal } from '../orders/approved-order.ts';

const SYMBOLS = ['A', 'B', 'C', 'D'];

/** Equity 100,000; A and B share a sector; prices 100. */
function setUp(limits: Partial<RiskLimits>, held: readonly number[] = []) {
  const instruments = SYMBOLS.map((symbol, at) => testInstrument(symbol, { sector: at < 2 ? 'tech' : null }));
  const portfolio = new Portfolio(instruments, 100_000);
  SYMBOLS.forEach((_, symbol) => {
    const quantity = held[symbol] ?? 0;
    const fill = { sequence: symbol + 1, timeMs: 0, symbol, quantity, price: 100, fee: 0, slippage: 0, final: true };
    if (quantity !== 0) portfolio.book({ kind: 'fill', ...fill });
    portfolio.price[symbol] = 100;
  });
  portfolio.mark({ timeMs: 0 });
  const risk = new RiskManager({
    limits: { ...NAMED_LIMITS.unbounded, ...limits },
    portfolio,
    instruments,
    orders: new OrderRegister(),
    dayOf: (timeMs) => Math.floor(timeMs / DAY_MS),
  });
  risk.state.onMark({ timeMs: 0 });
  const ask = (symbol: number, targetUnits: number, more: Partial<OrderProposal> = {}) =>
    risk.assess({ timeMs: 0, symbol, targetUnits, atFill: false, price: 100, ...more });
  /** Equity moves to `equity` by a price or a gift, and is marked. */
  const mark = (timeMs: number, equity: number) => {
    portfolio.cash += equity - portfolio.equity;
    portfolio.mark({ timeMs });
    return risk.state.onMark({ timeMs });
  };
  return { risk, portfolio, ask, mark };
}

describe('RiskManager cuts an order to each limit, and to none when the limit is off', () => {
  const cases: [string, Partial<RiskLimits>, number[], number, number][] = [
    // name, limits, positions held, units asked of A, units approved
    ['position-limit', { positionFraction: 0.1 }, [], 300, 100],
    ['order-notional', { orderNotionalFraction: 0.05 }, [], 300, 50],
    ['gross-exposure', { grossExposureFraction: 0.5 }, [0, 100, 150, 200], 300, 50],
    ['sector-exposure', { sectorExposureFraction: 0.25 }, [0, 200], 300, 50],
    ['cash', {}, [0, 400, 300, 200], 300, 100],
  ];
  it.each(cases)('%s', (...[code, limits, held, asked, approved]) => {
    const decided = setUp(limits, held).ask(0, asked);
    expect(decided).toMatchObject({ kind: 'order', quantity: approved, clippedBy: code, reduces: false });
    if (code === 'cash') return;
    expect(setUp({}, held).ask(0, Math.min(asked, 90))).toMatchObject({ clippedBy: null });
    expect(setUp({}, held).ask(0, approved + 10)).toMatchObject({ quantity: approved + 10, clippedBy: null });
  });

  it('refuses, with the numbers, when a limit leaves less than a lot', () => {
    const { ask } = setUp({ grossExposureFraction: 0.45 }, [0, 150, 150, 150]);
    expect(ask(0, 10)).toEqual({ kind: 'refused', code: 'gross-exposure', value: 0.46, limit: 0.45 });
    expect(setUp({}).ask(0, 0.4)).toMatchObject({ code: 'below-lot', value: 0.4, limit: 1 });
  });

  it('holds limits that were changed, also after it is saved and restored', () => {
    const { risk } = setUp({ positionFraction: 0.5 });
    risk.change({ ...risk.limits, positionFraction: 0.1, ordersPerMinute: 1, openOrders: 3 });
    const saved = JSON.parse(JSON.stringify(risk.save())) as ReturnType<RiskManager['save']>;
    const again = setUp({ positionFraction: 0.5 });
    expect(setUp({ positionFraction: 0.5 }).ask(0, 300)).toMatchObject({ quantity: 300 });
    again.risk.restore(saved);
    expect(again.ask(0, 300)).toMatchObject({ quantity: 100, clippedBy: 'position-limit' });
    expect(again.ask(1, 300)).toMatchObject({ code: 'order-rate' });
  });

  it('counts working orders of other symbols as filled', () => {
    const { risk, ask } = setUp({ grossExposureFraction: 0.5 });
    expect(ask(1, 400)).toMatchObject({ quantity: 400 });
    expect(ask(0, 300)).toMatchObject({ quantity: 100, clippedBy: 'gross-exposure' });
    risk.release(1);
    risk.release(0);
    expect(ask(0, 300)).toMatchObject({ quantity: 300, clippedBy: null });
  });

  it('resolves all-in to a fraction under the limits', () => {
    const atFill = { atFill: true };
    expect(setUp({}).ask(0, 1000, atFill)).toMatchObject({ quantity: 0, fraction: 1, clippedBy: null });
    expect(setUp({ positionFraction: 0.1 }).ask(0, 1000, atFill)).toMatchObject({
      fraction: 0.1,
      clippedBy: 'position-limit',
    });
  });
});

describe('RiskManager stops openings', () => {
  it('for good after a drawdown, until consent', () => {
    const { risk, ask, mark } = setUp({ drawdownFraction: 0.15 });
    expect(mark(1, 120_000)).toBeNull();
    expect(mark(2, 102_001)).toBeNull();
    expect(mark(3, 102_000)).toMatchObject([{ cause: 'drawdown', state: 'halt', limit: 0.15 }]);
    mark(4, 130_000);
    expect(ask(0, 10)).toMatchObject({ kind: 'refused', code: 'drawdown-halt' });
    risk.state.onCommand({ kind: 'command', timeMs: 5, command: 'resume' });
    expect(ask(0, 10)).toMatchObject({ kind: 'order' });
    const off = setUp({});
    off.mark(3, 50_000);
    expect(off.ask(0, 10)).toMatchObject({ kind: 'order' });
  });

  it('until the next trading day after a daily loss', () => {
    const { ask, mark } = setUp({ dailyLossFraction: 0.05 });
    mark(DAY_MS, 100_000);
    expect(mark(DAY_MS + 1, 95_000)).toMatchObject([{ cause: 'daily-loss', limit: 0.05 }]);
    mark(DAY_MS + 2, 99_000);
    expect(ask(0, 10)).toMatchObject({ kind: 'refused', code: 'daily-loss' });
    mark(2 * DAY_MS, 98_000);
    expect(ask(0, 10)).toMatchObject({ kind: 'order' });
    const off = setUp({});
    off.mark(DAY_MS + 1, 90_000);
    expect(off.ask(0, 10)).toMatchObject({ kind: 'order' });
  });

  it('above the order rate, and lets them again a minute later', () => {
    const { ask } = setUp({ ordersPerMinute: 2 });
    expect(ask(0, 10)).toMatchObject({ kind: 'order' });
    expect(ask(1, 10, { timeMs: 30_000 })).toMatchObject({ kind: 'order' });
    expect(ask(2, 10, { timeMs: 59_999 })).toMatchObject({ kind: 'refused', code: 'order-rate', value: 2, limit: 2 });
    expect(ask(2, 10, { timeMs: 60_000 })).toMatchObject({ kind: 'order' });
    const off = setUp({});
    for (let at = 0; at < 500; at++) expect(off.ask(0, 10)).toMatchObject({ kind: 'order' });
  });

  it('by command, one by one, but never what reduces', () => {
    const codes = { halt: 'halted', reduce: 'reduce-only', flatten: 'flattening' } as const;
    for (const command of ['halt', 'reduce', 'flatten'] as const) {
      const { risk, ask } = setUp({}, [100, -50]);
      risk.state.onCommand({ kind: 'command', timeMs: 1, command });
      expect(ask(2, 10)).toMatchObject({ kind: 'refused', code: codes[command] });
      expect(ask(0, 150)).toMatchObject({ kind: 'refused', code: codes[command] });
      expect(ask(0, 40)).toMatchObject({ kind: 'order', quantity: -60, reduces: true });
      expect(ask(1, 0)).toMatchObject({ kind: 'order', quantity: 50, reduces: true });
      // A reversal keeps its closing half.
      expect(ask(0, -30)).toMatchObject({ kind: 'order', quantity: -100, reduces: true, clippedBy: codes[command] });
    }
  });

  it('on the short side where shorts are not allowed', () => {
    expect(setUp({ shortAllowed: false }).ask(0, -10)).toMatchObject({ code: 'short-not-allowed' });
    expect(setUp({ shortAllowed: false }, [20]).ask(0, -10)).toMatchObject({ quantity: -20, reduces: true });
    expect(setUp({}).ask(0, -10)).toMatchObject({ quantity: -10, reduces: false });
  });
});

describe('RiskManager', () => {
  it('refuses every number that is not finite, also of an order that reduces', () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      expect(setUp({}).ask(0, bad)).toMatchObject({ kind: 'refused', code: 'not-finite' });
      expect(setUp({}, [50]).ask(0, 0, { price: bad })).toMatchObject({ kind: 'refused', code: 'not-finite' });
      const { portfolio, ask } = setUp({});
      portfolio.equity = bad;
      expect(ask(0, 10)).toMatchObject({ kind: 'refused', code: 'not-finite' });
    }
    expect(setUp({}).ask(0, 10, { price: 0 })).toMatchObject({ kind: 'refused', code: 'not-finite' });
  });

  it('alone makes approved orders: a look-alike is none', () => {
    const order = setUp({}).ask(0, 10);
    expect(isApprovedOrder(order)).toBe(true);
    expect(isApprovedOrder({ ...order })).toBe(false);
    expect(isApprovedOrder(Object.assign(Object.create(Object.getPrototypeOf(order) as object), order))).toBe(false);
  });

  it('never approves a position or a sum beyond the limits at decision prices, whatever the sequence', () => {
    const asks = fc.array(
      fc.record({
        symbol: fc.integer({ min: 0, max: 3 }),
        target: fc.oneof(fc.integer({ min: -3_000, max: 3_000 }), fc.constantFrom(NaN, Infinity, -Infinity, 0.3)),
        price: fc.oneof(
          fc.integer({ min: 1, max: 40_000 }).map((cents) => cents / 100),
          fc.constant(NaN),
        ),
        fills: fc.boolean(),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(asks, (steps) => {
        const limits = { positionFraction: 0.2, grossExposureFraction: 0.6, sectorExposureFraction: 0.3 };
        const { risk, portfolio, ask } = setUp(limits);
        for (const { symbol, target, price, fills } of steps) {
          if (price > 0) portfolio.price[symbol] = price;
          portfolio.mark({ timeMs: 1 });
          const before = portfolio.quantity[symbol]!;
          const decided = ask(symbol, target, { price });
          if (decided.kind === 'refused') continue;
          expect(Number.isFinite(target) && Number.isFinite(price)).toBe(true);
          const after = before + decided.quantity;
          if (decided.reduces) {
            expect(Math.abs(after)).toBeLessThan(Math.abs(before));
          } else {
            const value = (at: number): number =>
              Math.abs((at === symbol ? after : portfolio.quantity[at]!) * portfolio.price[at]!);
            const equity = portfolio.equity * (1 + 1e-12);
            expect(value(symbol)).toBeLessThanOrEqual(0.2 * equity);
            expect(value(0) + value(1) + value(2) + value(3)).toBeLessThanOrEqual(0.6 * equity);
            if (symbol < 2) expect(value(0) + value(1)).toBeLessThanOrEqual(0.3 * equity);
          }
          if (fills) {
            const { sequence, quantity } = decided;
            const fill = { kind: 'fill' as const, sequence, timeMs: 1, symbol, quantity, price, fee: 0, slippage: 0 };
            portfolio.book({ ...fill, final: true });
          }
          risk.release(symbol);
        }
      }),
      { numRuns: 200 },
    );
  });
});
