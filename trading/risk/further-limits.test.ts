import { isSet } from '../../models/experiment/limits-schema.ts';
import { describe, expect, it } from 'vitest';
import { createBarColumns } from '../../features/bar.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import { BarView } from '../bar-view.ts';
import { OrderRegister } from '../orders/order-register.ts';
import type { OrderTerms } from '../orders/order-terms.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import { correlationOf, returnsBeside } from './returns-beside.ts';
import { RiskManager } from './risk-manager.ts';
import { expectedShortfall, valueAtRisk } from './tail-risk.ts';

const SYMBOLS = ['A', 'B', 'C', 'D'];

function viewOf(symbol: string, closes: readonly number[], days?: readonly number[]): BarView {
  const bars = createBarColumns(symbol, closes.length);
  closes.forEach((close, row) => {
    bars.close[row] = close;
    bars.closeTimeMs[row] = (days?.[row] ?? row + 1) * DAY_MS;
  });
  return new BarView({ bars, last: closes.length - 1 });
}

/** Equity 100,000; prices 100; A and B of one sector; `held` units of each. */
function setUp(limits: Partial<RiskLimits>, held: readonly number[] = [], closes: readonly (readonly number[])[] = []) {
  const instruments = SYMBOLS.map((symbol, at) => testInstrument(symbol, { sector: at < 2 ? 'tech' : null }));
  const portfolio = new Portfolio(instruments, 100_000);
  SYMBOLS.forEach((_, symbol) => {
    const quantity = held[symbol] ?? 0;
    const fill = { sequence: symbol + 1, timeMs: 0, symbol, quantity, price: 100, fee: 0, slippage: 0, final: true };
    if (quantity !== 0) portfolio.book({ kind: 'fill', ...fill });
    portfolio.price[symbol] = 100;
  });
  portfolio.mark({ timeMs: 0 });
  const orders = new OrderRegister();
  const views = SYMBOLS.map((symbol, at) => viewOf(symbol, closes[at] ?? []));
  const all = { ...NAMED_LIMITS.unbounded, ...limits };
  const risk = new RiskManager({ limits: all, portfolio, instruments, orders, dayOf: () => 0, views });
  const ask = (symbol: number, targetUnits: number, price = 100) =>
    risk.assess({ timeMs: 0, symbol, targetUnits, atFill: false, price });
  const place = (symbol: number, direction: 1 | -1, units: number, more: Partial<OrderTerms> = {}) => {
    const terms = { role: 'order', trail: 0, trailShare: 0, group: 0, conditions: null, ...more } as const;
    const level = { type: 'limit', price: 100, ...terms } as const;
    return risk.assessOrder({ timeMs: 0, symbol, direction, units, price: level.price, terms: level });
  };
  return { risk, portfolio, orders, ask, place };
}

describe('limits beside those of the named sets', () => {
  const cases: [code: string, limits: Partial<RiskLimits>, held: number[], asked: number, approved: number][] = [
    ['position-amount', { positionNotional: 4_000 }, [], 300, 40],
    ['order-amount', { orderNotional: 2_500 }, [100], 300, 125],
    ['gross-amount', { grossExposureNotional: 45_000 }, [0, 150, -250], 300, 50],
    ['sector-amount', { sectorExposureNotional: 21_000 }, [0, -200], 300, 10],
    // Long 300 and short 100: 20,000 net.
    ['net-exposure', { netExposureFraction: 0.25 }, [0, 300, -100], 300, 50],
    ['net-amount', { netExposureNotional: 26_000 }, [0, 300, -100], 300, 60],
    ['net-exposure', { netExposureFraction: 0.25 }, [0, 300, -100], -600, -450],
    ['symbol-position', { symbols: { A: { positionFraction: 0.07 } } }, [], 300, 70],
    ['symbol-amount', { symbols: { A: { positionNotional: 900 } } }, [], 300, 9],
    ['group-exposure', { groups: { mine: { symbols: ['A', 'C'], exposureFraction: 0.2 } } }, [0, 300, -150], 300, 50],
    ['group-amount', { groups: { mine: { symbols: ['A', 'C'], exposureNotional: 16_000 } } }, [0, 300, -150], 300, 10],
    // The two largest: B is one of them.
    ['concentration', { concentration: { positions: 2, fraction: 0.4 } }, [0, 250, -150], 300, 150],
    // C is the second largest already: up to its size A adds nothing to the largest two.
    ['concentration', { concentration: { positions: 2, fraction: 0.3 } }, [0, 250, -150], 300, 150],
    ['leverage', { leverage: 0.5 }, [0, 150, -250], 300, 100],
  ];
  it.each(cases)('%s cuts what opens %j', (...[code, limits, held, asked, approved]) => {
    const decided = setUp(limits, held).ask(0, asked);
    const change = approved - (held[0] ?? 0);
    expect(decided).toMatchObject({ kind: 'order', quantity: change, clippedBy: code, reduces: false });
    expect(setUp(limits, held).ask(0, approved)).toMatchObject({ quantity: change, clippedBy: null });
    // Other symbols than those named are not touched.
    if (isSet(limits.symbols) || isSet(limits.groups)) {
      expect(setUp(limits, held).ask(3, 100)).toMatchObject({ quantity: 100, clippedBy: null });
    }
  });

  it('refuse with their own numbers where they leave nothing, and let everything pass that reduces', () => {
    const { ask } = setUp({ netExposureFraction: 0.1 }, [0, 200, 300]);
    expect(ask(0, 10)).toEqual({ kind: 'refused', code: 'net-exposure', value: 0.51, limit: 0.1 });
    expect(ask(2, 100)).toMatchObject({ kind: 'order', quantity: -200, reduces: true });
    const amounts = setUp({ grossExposureNotional: 1_000 }, [0, 200]);
    expect(amounts.ask(0, 10)).toEqual({ kind: 'refused', code: 'gross-amount', value: 21_000, limit: 1_000 });
    expect(amounts.ask(1, 0)).toMatchObject({ quantity: -200, reduces: true });
  });

  it('count a short order that works as short, and at the worst for the side that is asked', () => {
    const { ask } = setUp({ netExposureFraction: 0.3 });
    expect(ask(1, -300)).toMatchObject({ quantity: -300 });
    // Unfilled it offsets nothing: 300 and not 600 may be bought.
    expect(ask(0, 600)).toMatchObject({ quantity: 300, clippedBy: 'net-exposure' });
    expect(ask(2, -10)).toMatchObject({ kind: 'refused', code: 'net-exposure' });
  });

  it('keep a symbol from being traded at all', () => {
    const { ask } = setUp({ symbols: { A: { positionFraction: 0 } } });
    expect(ask(0, 1)).toEqual({ kind: 'refused', code: 'symbol-position', value: 0.001, limit: 0 });
  });

  it('names a symbol that the session does not trade', () => {
    expect(() => setUp({ symbols: { X: { positionFraction: 0.1 } } })).toThrow(/limits\.symbols: X is no symbol/);
    const groups = { two: { symbols: ['A', 'Y'], exposureFraction: 0.1 } } as const;
    expect(() => setUp({ groups: { two: { ...groups.two, symbols: ['A', 'Y'] } } })).toThrow(/limits\.groups\.two: Y/);
  });
});

describe('limits on orders', () => {
  it('hold the number that work, in all and of one symbol; one that takes the place of another is no more', () => {
    const { place, risk, orders } = setUp({ openOrders: 3, openOrdersPerSymbol: 2 });
    const first = place(0, 1, 1);
    expect(place(0, 1, 1)).toMatchObject({ kind: 'order' });
    expect(place(0, 1, 1)).toEqual({ kind: 'refused', code: 'open-orders', value: 3, limit: 2 });
    expect(place(1, 1, 1)).toMatchObject({ kind: 'order' });
    expect(place(2, 1, 1)).toEqual({ kind: 'refused', code: 'open-orders', value: 4, limit: 3 });
    if (first.kind === 'refused') throw new Error('unreachable');
    const { terms } = first;
    const other = { timeMs: 1, symbol: 0, direction: 1 as const, units: 2, price: 100, terms: terms! };
    expect(risk.assessOrder(other, first)).toMatchObject({ kind: 'order', quantity: 2 });
    orders.applyFill(first.sequence, 2, true);
    risk.ended(first.sequence);
    expect(place(0, 1, 1)).toMatchObject({ kind: 'order' });
  });

  it('hold those of one symbol by name, and never an exit', () => {
    const { place } = setUp({ symbols: { A: { openOrders: 1 } }, openOrders: 2 }, [10]);
    expect(place(0, 1, 1)).toMatchObject({ kind: 'order' });
    expect(place(0, 1, 1)).toMatchObject({ code: 'open-orders', value: 2, limit: 1 });
    expect(place(1, 1, 1)).toMatchObject({ kind: 'order' });
    expect(place(0, -1, 5)).toMatchObject({ kind: 'order', quantity: -5, reduces: true });
  });

  it('refuse a price too far from the last one, either way, but for what closes', () => {
    const { place } = setUp({ priceCollarFraction: 0.05 }, [10]);
    expect(place(1, 1, 1, { price: 105 })).toMatchObject({ kind: 'order' });
    expect(place(1, 1, 1, { price: 106 })).toMatchObject({ kind: 'refused', code: 'price-collar', limit: 0.05 });
    expect(place(1, 1, 1, { price: 94 })).toMatchObject({ code: 'price-collar', value: expect.closeTo(0.06, 12) });
    expect(place(1, 1, 1, { type: 'market', price: 0 }).kind).toBe('refused');
    expect(place(0, -1, 10, { price: 150 })).toMatchObject({ kind: 'order', reduces: true });
  });

  it('hold the rate in any window', () => {
    const { risk } = setUp({ orderRate: { orders: 2, seconds: 3_600 } });
    const at = (timeMs: number) => risk.assess({ timeMs, symbol: 0, targetUnits: 1, atFill: false, price: 100 });
    expect([at(0).kind, at(1_000).kind]).toEqual(['order', 'order']);
    expect(at(3_599_999)).toEqual({ kind: 'refused', code: 'orders-in-window', value: 2, limit: 2 });
    expect(at(3_600_000).kind).toBe('order');
  });
});

describe('returnsBeside', () => {
  it('takes the last close known at each close of the clock, the newest last', () => {
    const clock = viewOf('A', [10, 11, 12, 13, 14]);
    // No bar on day 3, a bad price on day 4.
    const other = viewOf('B', [100, 110, NaN, 132], [1, 2, 4, 5]);
    expect([...returnsBeside({ view: other, rate: null }, clock, 4)!]).toEqual([110 / 100 - 1, 0, 0, 132 / 110 - 1]);
    expect(returnsBeside({ view: other, rate: null }, clock, 5)).toBeNull();
    expect(returnsBeside({ view: viewOf('C', [1, 2], [4, 5]), rate: null }, clock, 2)).toBeNull();
  });

  it('is in the account’s currency, by the rate known at each close of the clock', () => {
    const clock = viewOf('A', [10, 11, 12, 13]);
    const rate = (timeMs: number): number => (timeMs < 2 * DAY_MS ? NaN : timeMs < 4 * DAY_MS ? 2 : 3);
    // No bar on the last day: its rate moves all the same.
    const other = viewOf('B', [100, 110, 121], [1, 2, 3]);
    expect([...returnsBeside({ view: other, rate }, clock, 2)!]).toEqual([242 / 220 - 1, 363 / 242 - 1]);
    expect(returnsBeside({ view: other, rate }, clock, 3)).toBeNull();
  });

  it('reads nothing that closes after the newest bar of the clock', () => {
    const ahead = viewOf('B', [100, 110, 500], [1, 2, 3]);
    expect([...returnsBeside({ view: ahead, rate: null }, viewOf('A', [1, 1]), 1)!]).toEqual([110 / 100 - 1]);
  });
});

describe('correlation', () => {
  const up = [100, 101, 100, 102, 101, 104];
  const down = up.map((close) => 10_000 / close);
  const other = [100, 100, 103, 102, 102, 101];

  it('limits positions that move together, a short beside a long where they move against each other', () => {
    const limits = { correlation: { above: 0.8, bars: 5, exposureFraction: 0.3 } };
    const closes = [up, up.map((close) => 2 * close), down, other];
    expect(
      correlationOf(returnsBeside({ view: viewOf('A', up), rate: null }, viewOf('A', up), 5)!, new Float64Array(5)),
    ).toBeNaN();
    // B goes with A; D does not.
    const cut = (held: number[], asked: number) => setUp(limits, held, closes).ask(0, asked);
    expect(cut([0, 100, 0, 200], 400)).toMatchObject({ quantity: 200, clippedBy: 'correlation' });
    // C mirrors A: long C is like short A, short C like long A.
    expect(cut([0, 0, -100, 0], 400)).toMatchObject({ quantity: 200, clippedBy: 'correlation' });
    expect(cut([0, 0, 100, 0], 400)).toMatchObject({ quantity: 300, clippedBy: 'correlation' });
    expect(cut([0, 0, 100, 0], -400)).toMatchObject({ quantity: -200, clippedBy: 'correlation' });
    // A short B offsets a long A.
    expect(cut([0, -100, 0, 0], 300)).toMatchObject({ quantity: 300, clippedBy: null });
  });

  it('takes what is not known to go together with everything', () => {
    const limits = { correlation: { above: 0.8, bars: 5, exposureFraction: 0.3 } };
    const { ask } = setUp(limits, [0, 0, 0, -200], [up]);
    expect(ask(0, 400)).toMatchObject({ quantity: 100, clippedBy: 'correlation' });
  });
});

describe('value at risk and expected shortfall', () => {
  it('are the figures of the definitions', () => {
    const losses = Float64Array.from([-5, -3, -1, 0, 1, 2, 3, 5, 8, 13]);
    expect(valueAtRisk(losses, 0.9)).toBe(8);
    expect(valueAtRisk(losses, 0.91)).toBe(13);
    expect(valueAtRisk(losses, 0.5)).toBe(1);
    expect(expectedShortfall(losses, 0.9)).toBeCloseTo(13, 12);
    // The worst 2.5 of 10: 13, 8 and half of 5.
    expect(expectedShortfall(losses, 0.75)).toBeCloseTo((13 + 8 + 2.5) / 2.5, 12);
  });

  it('cut an opening to what the worst past moves of the whole portfolio allow', () => {
    // Moves of A: -10 %, +5 %, -4 %, 0; of B in the same bars: +10 %, -5 %, -4 %, 0.
    const path = (moves: number[]): number[] => moves.reduce((all, move) => [...all, all.at(-1)! * (1 + move)], [100]);
    const closes = [path([-0.1, 0.05, -0.04, 0]), path([0.1, -0.05, -0.04, 0])];
    const tail = { level: 0.75, bars: 4, fraction: 0.01015 };
    // A alone: losses 0.1, 0.04, 0, -0.05 of the position; the third of four is 0.04.
    expect(setUp({ valueAtRisk: tail }, [], closes).ask(0, 400)).toMatchObject({
      quantity: 253,
      clippedBy: 'value-at-risk',
    });
    expect(setUp({ expectedShortfall: tail }, [], closes).ask(0, 400)).toMatchObject({ quantity: 101 });
    // Beside 10,000 of B the worst move of A costs 0.1 p - 1,000: 0.1 p <= 2,015 and 0.04 p + 400 <= 1,015.
    const both = setUp({ expectedShortfall: tail }, [0, 100], closes).ask(0, 400);
    expect(both).toMatchObject({ quantity: 153, clippedBy: 'expected-shortfall' });
    const amount = { level: 0.75, bars: 4, amount: 610 };
    expect(setUp({ valueAtRisk: amount }, [], closes).ask(0, 400)).toMatchObject({ quantity: 152 });
  });

  it('let pass what leaves the figure no worse, and everything that reduces', () => {
    const closes = [
      [100, 90, 94.5, 90.72, 90.72],
      [100, 90, 94.5, 90.72, 90.72],
    ];
    const limits = { valueAtRisk: { level: 0.75, bars: 4, fraction: 0.0001 } };
    const { ask } = setUp(limits, [0, 300], closes);
    expect(ask(0, 100)).toMatchObject({ kind: 'refused', code: 'value-at-risk' });
    // A short A beside a long B is a hedge.
    expect(ask(0, -200)).toMatchObject({ quantity: -200, clippedBy: null });
    expect(ask(1, 100)).toMatchObject({ quantity: -200, reduces: true });
  });

  it('say so where there is too little history', () => {
    const limits = { valueAtRisk: { level: 0.75, bars: 4, fraction: 0.5 } };
    const long = [1, 2, 3, 4, 5];
    expect(setUp(limits, [], [[1, 2, 3, 4]]).ask(0, 1)).toEqual({
      ...{ kind: 'refused', code: 'risk-history', value: 4, limit: 5 },
    });
    expect(setUp(limits, [0, 1], [long]).ask(0, 1)).toMatchObject({ code: 'risk-history', value: 0 });
  });

  it('are never exceeded by what is approved, and no lot more would fit, whatever is held', () => {
    for (let trial = 0; trial < 40; trial++) {
      const random = createRandom(`tails ${trial}`);
      const walk = (): number[] => {
        let price = 100;
        return Array.from({ length: 41 }, () => (price *= 0.97 + 0.06 * random.next()));
      };
      const closes = SYMBOLS.map(walk);
      const held = [0, ...[1, 2, 3].map(() => Math.round(600 * (random.next() - 0.5)))];
      const limits = { expectedShortfall: { level: 0.9, bars: 40, fraction: 0.008 } };
      const decided = setUp(limits, held, closes).ask(0, 900);
      const shortfallOf = (units: number): number => {
        const gains = Array.from({ length: 40 }, (_, at) =>
          [units, ...held.slice(1)].reduce(
            (sum, quantity, symbol) => sum + quantity * 100 * (closes[symbol]![at + 1]! / closes[symbol]![at]! - 1),
            0,
          ),
        );
        const worst = gains.sort((a, b) => a - b).slice(0, 4);
        return -worst.reduce((sum, gain) => sum + gain, 0) / 4 / 100_000;
      };
      const most = Math.max(0.008, shortfallOf(0)) + 1e-12;
      const size = decided.kind === 'order' ? decided.quantity : 0;
      expect(shortfallOf(size)).toBeLessThanOrEqual(most);
      const cutByTail = decided.kind === 'refused' || decided.clippedBy === 'expected-shortfall';
      if (cutByTail) expect(shortfallOf(size + 1)).toBeGreaterThan(most - 1e-9);
    }
  });
});
