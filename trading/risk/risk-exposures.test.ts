import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import { Grid } from '../grid.ts';
import { OpenSymbols } from '../portfolio/open-symbols.ts';
import { OrderRegister } from '../orders/order-register.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import { RiskManager } from './risk-manager.ts';

const LOT = 1e-8;

interface Universe {
  readonly portfolio: Portfolio;
  readonly risk: RiskManager;
  readonly sectors: readonly (string | null)[];
}

function universe(size: number, limits: RiskLimits): Universe {
  const sectors = Array.from({ length: size }, (_, s) => (s % 5 === 0 ? null : `sector ${s % 3}`));
  const instruments = sectors.map((sector, s) => testInstrument(`S${s}`, { sector, lot: LOT }));
  const portfolio = new Portfolio(instruments, 1_000_000);
  const risk = new RiskManager({ limits, portfolio, instruments, orders: new OrderRegister(), dayOf: () => 0 });
  return { portfolio, risk, sectors };
}

function fill(portfolio: Portfolio, symbol: number, quantity: number, price: number): void {
  const trade = { sequence: 1, timeMs: 0, symbol, quantity, price, fee: 0, slippage: 0, final: true };
  portfolio.book({ kind: 'fill', ...trade });
}

/** What limits leave, by sums over every symbol in universe order: the definition. */
function roomByAll(
  { portfolio, sectors }: Universe,
  limits: RiskLimits,
  { symbol, reserved }: { symbol: number; reserved: Float64Array },
): { room: number; code: string } {
  let [others, sectorOthers] = [0, 0];
  for (let other = 0; other < sectors.length; other++) {
    if (other === symbol) continue;
    const exposure = Math.max(Math.abs(portfolio.quantity[other]! * portfolio.price[other]!), reserved[other]!);
    others += exposure;
    if (sectors[other] === sectors[symbol]) sectorOthers += exposure;
  }
  const { equity } = portfolio;
  const left: [string, number][] = [['cash', equity - others]];
  left.push(['position-limit', limits.positionFraction * equity]);
  if (limits.grossExposureFraction !== null)
    left.push(['gross-exposure', limits.grossExposureFraction * equity - others]);
  if (limits.orderNotionalFraction !== null) left.push(['order-notional', limits.orderNotionalFraction * equity]);
  if (limits.sectorExposureFraction !== null && sectors[symbol] !== null) {
    left.push(['sector-exposure', limits.sectorExposureFraction * equity - sectorOthers]);
  }
  return left.reduce((least, [code, room]) => (room < least.room ? { room, code } : least), {
    room: Infinity,
    code: '',
  });
}

describe('risk decisions', () => {
  it('are to the last bit those of sums over every symbol, near limits and far from them', () => {
    const lots = new Grid(LOT);
    const codes = new Map<string, number>();
    for (let trial = 0; trial < 60; trial++) {
      const random = createRandom(`exposures ${trial}`);
      const some = (fraction: number): number | null => (random.next() < 0.3 ? null : fraction * (0.2 + random.next()));
      const limits: RiskLimits = {
        ...NAMED_LIMITS.unbounded,
        positionFraction: 0.02 + 0.1 * random.next(),
        grossExposureFraction: some(0.8),
        sectorExposureFraction: some(0.4),
        orderNotionalFraction: some(0.1),
      };
      const own = universe(40, limits);
      const { portfolio, risk } = own;
      const reserved = new Float64Array(40);
      for (let step = 0; step < 120; step++) {
        const symbol = random.integer(40);
        portfolio.price.forEach((_, s) => (portfolio.price[s] = 50 + 100 * random.next()));
        portfolio.mark({ timeMs: step });
        if (portfolio.quantity[symbol] !== 0 && random.next() < 0.5) {
          fill(portfolio, symbol, -portfolio.quantity[symbol]!, portfolio.price[symbol]!);
          continue;
        }
        if (portfolio.quantity[symbol] !== 0 || reserved[symbol] !== 0) continue;
        // Sometimes a fill since the mark, as between a close and the fills of the next open.
        if (random.next() < 0.3) fill(portfolio, (symbol + 1) % 40, 10, portfolio.price[(symbol + 1) % 40]!);
        const price = portfolio.price[symbol]!;
        const targetUnits = (random.next() < 0.5 ? -1 : 1) * 1e5 * random.next();
        const { room, code } = roomByAll(own, limits, { symbol, reserved });
        const size = lots.floor(Math.min(Math.abs(targetUnits), room / price));
        const decided = risk.assess({ timeMs: step, symbol, targetUnits, atFill: false, price });
        codes.set(code, (codes.get(code) ?? 0) + 1);
        if (!(size > 0)) {
          expect(decided).toMatchObject({ kind: 'refused', code });
          continue;
        }
        const clippedBy = Math.abs(targetUnits) > room / price ? code : null;
        expect(decided).toMatchObject({ kind: 'order', quantity: Math.sign(targetUnits) * size, clippedBy });
        reserved[symbol] = size * price;
        if (random.next() < 0.3) continue;
        fill(portfolio, symbol, Math.sign(targetUnits) * size, price);
        risk.release(symbol);
        reserved[symbol] = 0;
      }
    }
    expect([...codes.keys()].sort()).toEqual(
      ['cash', 'gross-exposure', 'order-notional', 'position-limit', 'sector-exposure'].filter((code) =>
        codes.has(code),
      ),
    );
    expect(codes.size).toBeGreaterThan(3);
  });

  it('look at no other symbol where limits are far, and only at open ones where they are near', () => {
    const looks = (size: number, fraction: number): number => {
      const limits = { ...NAMED_LIMITS.unbounded, positionFraction: fraction };
      const { portfolio, risk } = universe(size, limits);
      for (let symbol = 0; symbol < 10; symbol++) {
        portfolio.price[symbol] = 100;
        fill(portfolio, symbol, 100, 100);
      }
      portfolio.mark({ timeMs: 0 });
      let seen = 0;
      const watched = new Proxy(portfolio.quantity, {
        get: (target, key) => {
          seen++;
          return Reflect.get(target, key) as unknown;
        },
      });
      Object.defineProperty(portfolio, 'quantity', { value: watched });
      risk.assess({ timeMs: 0, symbol: size - 1, targetUnits: 1e6, atFill: false, price: 100 });
      return seen;
    };
    expect(looks(20, 0.1)).toBeLessThan(5);
    expect(looks(2_000, 0.1)).toBe(looks(20, 0.1));
    expect(looks(2_000, 1)).toBe(looks(20, 1));
    expect(looks(20, 1)).toBeGreaterThan(10);
  });

  const limitAt = (price: number) =>
    ({ type: 'limit', role: 'order', price, trail: 0, trailShare: 0, group: 0, conditions: null }) as const;

  it.each([1, -1] as const)('count of orders that turn positions (side %d) what is left after them', (side) => {
    const { risk, portfolio } = universe(3, NAMED_LIMITS.unbounded);
    const ask = (symbol: number, units: number, direction: 1 | -1) =>
      risk.assessOrder({ timeMs: 0, symbol, direction, units, price: 100, terms: limitAt(100) });
    portfolio.price.fill(100);
    for (const symbol of [0, 1]) fill(portfolio, symbol, side * 5_000, 100);
    portfolio.mark({ timeMs: 0 });
    const other = -side as 1 | -1;
    // Half of the equity each, before and after.
    for (const symbol of [0, 1]) {
      expect(ask(symbol, 10_000, other)).toMatchObject({ quantity: other * 10_000, clippedBy: null });
    }
    expect(ask(2, 1, side)).toMatchObject({ kind: 'refused', code: 'cash' });
    // Of two sides of one symbol only one comes about.
    expect(ask(0, 1, side)).toMatchObject({ kind: 'refused', code: 'cash' });
  });

  it('count of orders on both sides of a symbol the larger', () => {
    const { risk, portfolio } = universe(2, NAMED_LIMITS.unbounded);
    portfolio.price.fill(100);
    portfolio.mark({ timeMs: 0 });
    const ask = (symbol: number, units: number, direction: 1 | -1) =>
      risk.assessOrder({ timeMs: 0, symbol, direction, units, price: 100, terms: limitAt(100) });
    expect(ask(0, 6_000, 1)).toMatchObject({ quantity: 6_000 });
    expect(ask(0, 4_000, -1)).toMatchObject({ quantity: -4_000, clippedBy: null });
    expect(ask(1, 9_000, 1)).toMatchObject({ quantity: 4_000, clippedBy: 'cash' });
  });

  it('count what a strategy has asked for, also after another order of the symbol has ended', () => {
    const { risk, portfolio } = universe(2, NAMED_LIMITS.unbounded);
    portfolio.price.fill(100);
    portfolio.mark({ timeMs: 0 });
    const ask = (symbol: number, units: number) =>
      risk.assessOrder({ timeMs: 0, symbol, direction: 1, units, price: 100, terms: limitAt(100) });
    expect(ask(0, 9_000)).toMatchObject({ quantity: 9_000 });
    risk.release(0);
    expect(ask(1, 9_000)).toMatchObject({ quantity: 1_000, clippedBy: 'cash' });
  });
});

describe('OpenSymbols', () => {
  it('are in ascending order, each once', () => {
    const random = createRandom(3);
    const open = new OpenSymbols(30);
    const expected = new Set<number>();
    for (let step = 0; step < 2_000; step++) {
      const symbol = random.integer(30);
      const isOpen = random.next() < 0.5;
      open.set(symbol, isOpen);
      if (isOpen) expected.add(symbol);
      else expected.delete(symbol);
      expect([...open.symbols.subarray(0, open.count)]).toEqual([...expected].sort((a, b) => a - b));
    }
  });
});
