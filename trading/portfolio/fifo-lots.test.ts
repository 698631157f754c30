import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FifoLots } from './fifo-lots.ts';

type Step =
  | { readonly kind: 'fill'; readonly lots: number; readonly cents: number }
  | { readonly kind: 'dividend'; readonly cents: number }
  | { readonly kind: 'split'; readonly ratio: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      lots: fc.integer({ min: -300, max: 300 }).filter((lots) => lots !== 0),
      cents: fc.integer({ min: 100, max: 50_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('dividend' as const), cents: fc.integer({ min: 1, max: 50 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('split' as const), ratio: fc.constantFrom(2, 4, 0.5, 0.1) }) },
);

interface Unit {
  timeMs: number;
  price: Big;
  /** What it has cost in fees, less its dividends. */
  cost: Big;
  /** Size of it: splits change it. */
  size: Big;
}

/**
 * The slow way: each share is an entry of a list of its own, exact, and the oldest is taken first.
 */
function slowly(
  steps: readonly Step[],
  rest: (held: number) => number,
): { profits: Map<string, Big>; open: Unit[]; side: number } {
  const profits = new Map<string, Big>();
  let [open, side]: [Unit[], number] = [[], 1];
  const close = (unit: Unit, at: { price: Big; fee: Big; timeMs: number }): void => {
    const gain = at.price.minus(unit.price).times(unit.size).times(side).minus(unit.cost).minus(at.fee);
    const name = `${unit.timeMs} ${at.timeMs}`;
    profits.set(name, (profits.get(name) ?? new Big(0)).plus(gain));
  };
  steps.forEach((one, timeMs) => {
    if (one.kind === 'dividend') {
      for (const unit of open) unit.cost = unit.cost.minus(new Big(one.cents).div(100).times(unit.size).times(side));
    } else if (one.kind === 'split') {
      for (const unit of open) [unit.size, unit.price] = [unit.size.times(one.ratio), unit.price.div(one.ratio)];
      const held = open.reduce((sum, { size }) => sum.plus(size), new Big(0));
      let out = held.minus(rest(held.toNumber()));
      while (out.gt('1e-9')) {
        const [oldest] = open as [Unit];
        const part = oldest.size.lte(out) ? oldest.size : out;
        const of = part.div(oldest.size);
        close({ ...oldest, size: part, cost: oldest.cost.times(of) }, { price: new Big(7), fee: new Big(0), timeMs });
        out = out.minus(part);
        if (of.eq(1)) open.shift();
        else [oldest.size, oldest.cost] = [oldest.size.minus(part), oldest.cost.times(new Big(1).minus(of))];
      }
    } else {
      const price = new Big(one.cents).div(100);
      const fee = price.times('0.001');
      for (let left = new Big(Math.abs(one.lots)); left.gt(0);) {
        const [oldest] = open;
        if (oldest === undefined || side === Math.sign(one.lots)) {
          side = Math.sign(one.lots);
          open.push({ timeMs, price, cost: fee.times(left), size: left });
          break;
        }
        const part = oldest.size.lte(left) ? oldest.size : left;
        const of = part.div(oldest.size);
        close({ ...oldest, size: part, cost: oldest.cost.times(of) }, { price, fee: fee.times(part), timeMs });
        left = left.minus(part);
        if (of.eq(1)) open = open.slice(1);
        else [oldest.size, oldest.cost] = [oldest.size.minus(part), oldest.cost.times(new Big(1).minus(of))];
      }
    }
  });
  return { profits, open, side };
}

describe('lots, first in, first out', () => {
  it('have the profits and holding periods that a slow, exact list of shares has', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const lots = new FifoLots(1);
        steps.forEach((one, timeMs) => {
          if (one.kind === 'dividend') lots.dividend(0, one.cents / 100);
          else if (one.kind === 'split') {
            const units = Math.floor(Math.abs(lots.units(0)) * one.ratio + 1e-9);
            lots.split(0, one.ratio, { units, price: 7, timeMs });
          } else {
            const price = one.cents / 100;
            const fee = Math.abs(one.lots) * price * 0.001;
            lots.book({ symbol: 0, timeMs, quantity: one.lots, price, fee });
          }
        });
        const { profits, open, side } = slowly(steps, (held) => Math.floor(held + 1e-9));
        const found = new Map<string, number>();
        for (const { openTimeMs, closeTimeMs, profit } of lots.closed) {
          const name = `${openTimeMs} ${closeTimeMs}`;
          found.set(name, (found.get(name) ?? 0) + profit);
        }
        expect([...found.keys()]).toEqual([...profits.keys()]);
        for (const [name, profit] of profits) expect(found.get(name)).toBeCloseTo(profit.toNumber(), 6);
        const held = open.reduce((sum, { size }) => sum + size.toNumber(), 0);
        expect(lots.units(0)).toBeCloseTo(side * held, 6);
        expect(lots.open(0).map(({ timeMs }) => timeMs)).toEqual(open.map(({ timeMs }) => timeMs));
        const worth = open.reduce(
          (sum, { price, size, cost }) => sum.plus(new Big(9).minus(price).times(size).times(side)).minus(cost),
          new Big(0),
        );
        expect(lots.unrealised(0, 9)).toBeCloseTo(worth.toNumber(), 6);
        const realised = [...profits.values()].reduce((sum, one) => sum.plus(one), new Big(0));
        expect(lots.realised).toBeCloseTo(realised.toNumber(), 5);
      }),
      { numRuns: 150, seed: 12 },
    );
  });

  it('close the oldest first, and open the other side with the rest', () => {
    const lots = new FifoLots(2);
    lots.book({ symbol: 1, timeMs: 1, quantity: 10, price: 100, fee: 1 });
    lots.book({ symbol: 1, timeMs: 2, quantity: 10, price: 110, fee: 1 });
    lots.book({ symbol: 1, timeMs: 5, quantity: -25, price: 120, fee: 2.5 });
    expect(lots.closed.map(({ openTimeMs, quantity, profit, fees }) => [openTimeMs, quantity, profit, fees])).toEqual([
      [1, 10, 198, 2],
      [2, 10, 98, 2],
    ]);
    expect(lots.units(1)).toBe(-5);
    expect(lots.open(1)).toEqual([{ timeMs: 5, quantity: 5, price: 120, fees: 0.5, income: 0 }]);
    expect(lots.isFlat(0)).toBe(true);
  });
});
