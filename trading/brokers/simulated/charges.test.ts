import { describe, expect, it } from 'vitest';
import { costsSchema } from '../../../models/experiment/costs-schema.ts';
import { place, run, type Row } from '../../testing/scripted-orders.ts';

const FLAT: Row = [100, 100, 100, 100];

/** Without the rounding of binary fractions. */
const cents = (money: number): number => Math.round(money * 1e9) / 1e9;

describe('charges, volume and time', () => {
  it('an order pays its minimum once, however many parts it comes in', () => {
    const rows: Row[] = [FLAT, [100, 100, 100, 100, 40], [100, 100, 100, 100, 40], [100, 100, 100, 100, 400]];
    const costs = { participation: 0.1, commission: { perShare: 0.1, perOrderMin: 0.6 } };
    const { fills } = run(rows, { 0: [place({ type: 'market', side: 'buy' })] }, { costs });
    // Parts of 4, 4 and 2: 0.4 owed and 0.6 due, then 0.8, then 1.
    expect(fills.map(({ quantity, fee }) => [quantity, cents(fee)])).toEqual([
      [4, 0.6],
      [4, 0.2],
      [2, 0.2],
    ]);
  });

  it('makers and takers pay their own rates, and a purchase may be charged in what is bought', () => {
    const rows: Row[] = [FLAT, [100, 100, 98, 100], FLAT];
    const rates = { makerBps: 10, takerBps: 20 };
    const maker = run(
      rows,
      { 0: [place({ type: 'limit', side: 'buy', limit: 99 })] },
      { costs: { commission: rates } },
    );
    expect(maker.fills[0]!.fee).toBeCloseTo(0.99, 12);
    const taker = run(
      rows,
      { 0: [place({ type: 'limit', side: 'buy', limit: 101 })] },
      { costs: { commission: rates } },
    );
    expect(taker.fills[0]!.fee).toBeCloseTo(2, 12);
    const base = { takerBps: 1_000, asset: 'base' } as const;
    const inBase = run(rows, { 0: [place({ type: 'market', side: 'buy' })] }, { costs: { commission: base } });
    expect(inBase.fills[0]).toMatchObject({ quantity: 9, fee: 100 });
    expect(inBase.result.equity.at(-1)).toBe(9_900);
  });

  it('a maker is paid its rebate per value, the published rates of a derivatives exchange', () => {
    // BitMEX: 0.05 % of what takes, -0.01 % of what rests; $100 traded by a maker bring $0.01.
    const costs = { commission: { makerBps: -1, takerBps: 5 } };
    const rows: Row[] = [FLAT, [100, 100, 98, 100], FLAT, FLAT];
    const orders = {
      0: [place({ type: 'limit', side: 'buy', limit: 99 })],
      1: [place({ type: 'market', side: 'sell' })],
    };
    const { fills, result } = run(rows, orders, { costs });
    expect(fills.map(({ fee }) => cents(fee))).toEqual([-0.099, 0.5]);
    expect(cents(result.equity.at(-1)!)).toBe(10_000 + 10 + 0.099 - 0.5);
    expect(cents(result.fees)).toBe(0.401);
    expect(cents(result.ledger[0]!.pnl)).toBe(9.599);
  });

  it('a maker is paid its rebate per share beside the commission of its broker, by the published example', () => {
    // Interactive Brokers, tiered: 0.0035 a share (0.35 an order at least), 0.0002 to clear; Nasdaq takes 0.0030 of
    // what removes and pays 0.0021 for what adds. Their 200,000 shares that remove cost 700 + 600 + 40.
    const commission = { perShare: 0.0035, perOrderMin: 0.35, makerPerShare: 0.0002 - 0.0021, takerPerShare: 0.0032 };
    const five: Row = [5, 5, 5, 5, 1e6];
    const rows: Row[] = [five, five, [5, 5, 4.9, 5, 1e6], five];
    const charged = (order: Parameters<typeof place>[0]): number[] =>
      run(rows, { 0: [place(order)] }, { costs: { commission } }).fills.map(({ fee }) => cents(fee));
    expect(charged({ type: 'market', side: 'buy', size: { units: 1_000 } })).toEqual([(700 + 600 + 40) / 200]);
    const adds = { type: 'limit', side: 'buy', limit: 4.95 } as const;
    expect(charged({ ...adds, size: { units: 1_000 } })).toEqual([3.5 + 0.2 - 2.1]);
    // The least an order costs is the broker's: the rebate comes beside it, 10 shares pay 0.35 less 0.019.
    expect(charged({ ...adds, size: { units: 10 } })).toEqual([cents(0.35 - 0.019)]);
  });

  it('an inverted venue pays who takes; and no rebate is spent before it is earned', () => {
    const commission = { takerPerShare: -0.5, makerPerShare: 1 };
    const all = place({ type: 'market', side: 'buy', size: { units: 100 } });
    // 101 a unit at the dearer side, and one unit less for the rounding.
    const { fills } = run([FLAT, FLAT], { 0: [all] }, { costs: { commission } });
    expect(fills.map(({ quantity, fee }) => [quantity, fee])).toEqual([[98, -49]]);
    const less = run([FLAT, FLAT], { 0: [all] }, { costs: { commission: { takerBps: -500, makerBps: -500 } } });
    expect(less.fills.map(({ quantity, fee }) => [quantity, cents(fee)])).toEqual([[100, -500]]);
  });

  it('no rebate is more than what was traded is worth', () => {
    const rows: Row[] = [FLAT, [100, 100, 98, 100], FLAT];
    const rests = { 0: [place({ type: 'limit' as const, side: 'buy' as const, limit: 99 })] };
    const whole = run(rows, rests, { costs: { commission: { makerPerShare: -99 } } });
    expect(whole.fills[0]!.fee).toBe(-990);
    for (const commission of [{ makerPerShare: -100 }, { makerBps: -9_000, makerPerShare: -20 }]) {
      expect(() => run(rows, rests, { costs: { commission } })).toThrow(
        /^costs: a charge of -\d+ for \{"units":10,"price":99,"maker":true\} is a rebate of more than its value/,
      );
    }
  });

  it('below 0 are rebates of makers and takers alone: spreads, slippage and a broker’s own charges are not', () => {
    const below = (costs: object): string => {
      const { error } = costsSchema.safeParse(costs);
      return error === undefined ? '' : error.issues[0]!.path.join('.');
    };
    for (const [costs, key] of [
      [{ feeBps: -1 }, 'feeBps'],
      [{ halfSpreadBps: -1 }, 'halfSpreadBps'],
      [{ spread: -0.01 }, 'spread'],
      [{ slippage: { bps: -1 } }, 'slippage.bps'],
      [{ commission: { perShare: -1 } }, 'commission.perShare'],
      [{ commission: { perOrder: -1 } }, 'commission.perOrder'],
      [{ commission: { makerBps: -10_001 } }, 'commission.makerBps'],
      [{ commission: { makerPerShare: -Infinity } }, 'commission.makerPerShare'],
      [{ commission: { takerPerShare: NaN } }, 'commission.takerPerShare'],
    ] as const)
      expect(below(costs)).toBe(key);
    expect(below({ commission: { makerBps: -1, takerBps: -1, makerPerShare: -1, takerPerShare: -1 } })).toBe('');
  });

  it('a rebate is paid in money where a charge is taken in what is bought', () => {
    const costs = { commission: { makerBps: -100, takerBps: 1_000, asset: 'base' as const } };
    const rows: Row[] = [FLAT, [100, 100, 98, 100], FLAT];
    const { fills } = run(rows, { 0: [place({ type: 'limit', side: 'buy', limit: 99 })] }, { costs });
    expect(fills.map(({ quantity, fee }) => [quantity, cents(fee)])).toEqual([[10, -9.9]]);
  });

  it('a tier may pay makers', () => {
    const commission = { makerBps: 2, takerBps: 4, tiers: [{ from: 500, makerBps: -0.5, takerBps: 3 }] };
    const rows: Row[] = [FLAT, [100, 100, 98, 100], [100, 102, 100, 100], FLAT];
    const orders = {
      0: [place({ type: 'limit', side: 'buy', limit: 99 })],
      1: [place({ type: 'limit', side: 'sell', limit: 102 })],
    };
    const { fills } = run(rows, orders, { costs: { commission } });
    expect(fills.map(({ fee }) => cents(fee))).toEqual([0.198, -0.051]);
  });

  it('a purchase of which the charge would leave nothing ends, and tells why', () => {
    const costs = { commission: { perOrder: 100, asset: 'base' as const } };
    const one = place({ type: 'market', side: 'buy', size: { units: 1 } });
    const { fills, codes } = run([FLAT, FLAT], { 0: [one] }, { costs });
    expect([fills, codes]).toEqual([[], ['below-lot']]);
  });

  it('an order takes part from the first bar that opens after it has arrived', () => {
    const rows: Row[] = [FLAT, [101, 101, 101, 101], [102, 102, 102, 102]];
    const late = run(rows, { 0: [place({ type: 'market', side: 'buy' })] }, { costs: { latencyMs: 1 } });
    expect(late.fills).toEqual([{ quantity: 10, price: 102, hour: 2, fee: 0 }]);
    const limit = place({ type: 'limit', side: 'buy', limit: 105 });
    const resting = run(rows, { 0: [limit] }, { costs: { latencyMs: 1 } });
    expect(resting.fills).toEqual([{ quantity: 10, price: 102, hour: 3, fee: 0 }]);
  });

  it('a stop that is larger than the bar trades sells the rest at the next opens', () => {
    const rows: Row[] = [
      FLAT,
      [100, 100, 100, 100, 500],
      [100, 100, 94, 95, 60],
      [93, 93, 93, 93, 20],
      [92, 92, 92, 92],
    ];
    const { fills } = run(
      rows,
      {
        0: [place({ type: 'market', side: 'buy' })],
        1: [place({ type: 'stop', side: 'sell', stop: 95, size: 'position', reduceOnly: true, label: 'stop' })],
      },
      { costs: { participation: 0.1 } },
    );
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([
      [10, 100],
      [-6, 95],
      [-2, 93],
      [-2, 92],
    ]);
  });
});
