import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../infra/random.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import { OrderRegister } from '../orders/order-register.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import { RiskManager } from './risk-manager.ts';

const SYMBOLS = ['A', 'B', 'C', 'D', 'E', 'F'];
const GROUP = ['A', 'C', 'E'];

function someLimits(random: Random): RiskLimits {
  const maybe = <Value>(value: Value): Value | null => (random.next() < 0.4 ? value : null);
  const share = (most: number): number => most * (0.2 + 0.8 * random.next());
  return {
    ...NAMED_LIMITS.unbounded,
    positionFraction: share(1.2),
    margin: { initial: 0.5, maintenance: 0.25 },
    positionNotional: maybe(share(60_000)),
    grossExposureNotional: maybe(share(180_000)),
    netExposureFraction: maybe(share(1)),
    netExposureNotional: maybe(share(80_000)),
    leverage: maybe(share(1.8)),
    concentration: maybe({ positions: 2, fraction: share(1.2) }),
    groups: maybe({ own: { symbols: GROUP as [string, ...string[]], exposureFraction: share(0.8) } }),
    symbols: maybe({ B: { positionFraction: share(0.3) } }),
  };
}

/** Every limit by its definition, over what is held and works: each other position at its worst. */
function broken(limits: RiskLimits, equity: number, may: readonly (readonly [high: number, low: number])[]): string[] {
  const sizes = may.map(([high, low]) => Math.max(high, -low));
  const gross = sizes.reduce((sum, size) => sum + size, 0);
  const largest = [...sizes].sort((a, b) => b - a).slice(0, 2);
  const grouped = sizes.filter((_, symbol) => GROUP.includes(SYMBOLS[symbol]!));
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const checks: [string, number, number | null | undefined][] = [
    ['position', Math.max(...sizes) / equity, limits.positionFraction],
    ['positionNotional', Math.max(...sizes), limits.positionNotional],
    ['margin', gross / equity, 2],
    ['leverage', gross / equity, limits.leverage],
    ['grossNotional', gross, limits.grossExposureNotional],
    ['long', sum(may.map(([high]) => high)) / equity, limits.netExposureFraction],
    ['short', -sum(may.map(([, low]) => low)) / equity, limits.netExposureFraction],
    ['longNotional', sum(may.map(([high]) => high)), limits.netExposureNotional],
    ['shortNotional', -sum(may.map(([, low]) => low)), limits.netExposureNotional],
    ['concentration', sum(largest) / equity, limits.concentration?.fraction],
    ['group', sum(grouped) / equity, limits.groups?.['own']!.exposureFraction],
    ['symbol', sizes[1]! / equity, limits.symbols?.['B']!.positionFraction],
  ];
  return checks
    .filter(([, value, limit]) => limit !== null && limit !== undefined && value > limit + 1e-9 * Math.abs(limit))
    .map(([name]) => name);
}

describe('limits', () => {
  it('are never broken by what is approved, by their definitions, whatever is asked, filled and left to work', () => {
    const cuts = new Map<string, number>();
    for (let trial = 0; trial < 60; trial++) {
      const random = createRandom(`limits ${trial}`);
      const limits = someLimits(random);
      const instruments = SYMBOLS.map((symbol) => testInstrument(symbol));
      const portfolio = new Portfolio(instruments, 100_000);
      const risk = new RiskManager({ limits, portfolio, instruments, orders: new OrderRegister(), dayOf: () => 0 });
      SYMBOLS.forEach((_, symbol) => (portfolio.price[symbol] = 100));
      portfolio.mark({ timeMs: 0 });
      /** Signed units that the position comes to when its order is filled. */
      const working = new Map<number, number>();
      const reducing = new Set<number>();
      for (let step = 0; step < 80; step++) {
        const symbol = random.integer(SYMBOLS.length);
        if (working.has(symbol)) {
          const target = working.get(symbol)!;
          working.delete(symbol);
          reducing.delete(symbol);
          const quantity = target - portfolio.quantity[symbol]!;
          const fill = { sequence: 1, timeMs: step, symbol, quantity, price: 100, fee: 0, slippage: 0, final: true };
          if (random.next() < 0.7) portfolio.book({ kind: 'fill', ...fill });
          risk.release(symbol);
          portfolio.mark({ timeMs: step });
          continue;
        }
        const held = portfolio.quantity[symbol]!;
        const targetUnits = random.integer(3_000) - 1_500;
        const decided = risk.assess({ timeMs: step, symbol, targetUnits, atFill: false, price: 100 });
        if (decided.kind === 'refused') {
          cuts.set(decided.code, (cuts.get(decided.code) ?? 0) + 1);
          continue;
        }
        working.set(symbol, held + decided.quantity);
        if (decided.reduces) {
          // What reduces passes, and holds nothing back until it is filled.
          reducing.add(symbol);
          continue;
        }
        if (decided.clippedBy !== null) cuts.set(decided.clippedBy, (cuts.get(decided.clippedBy) ?? 0) + 1);
        const may = SYMBOLS.map((_, other): [number, number] => {
          if (reducing.has(other)) return [portfolio.quantity[other]! * 100, portfolio.quantity[other]! * 100];
          const [now, then] = [
            portfolio.quantity[other]! * 100,
            (working.get(other) ?? portfolio.quantity[other]!) * 100,
          ];
          return other === symbol ? [then, then] : [Math.max(now, then), Math.min(now, then)];
        });
        const own = (held + decided.quantity) * 100;
        // Of the side that was asked for only: the other one may be at its worst without having been approved so.
        const names = broken(limits, portfolio.equity, may).filter((name) =>
          own > 0 ? !name.startsWith('short') : !name.startsWith('long'),
        );
        expect(names).toEqual([]);
      }
    }
    expect(cuts.size).toBeGreaterThan(9);
  });
});
