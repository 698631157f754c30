import { describe, expect, it } from 'vitest';
import { costsOf } from '../../brokers/simulated/cost-model.ts';
import type { JournalEntry } from '../../journal/journal-record.ts';
import { compareBooks, type ParityDifference } from './compare-books.ts';
import { estimateCosts } from './cost-estimate.ts';
import { parityBooks, type ParityMarket } from './parity-books.ts';

/** Ten bars of ten milliseconds; the last one closes at 110. */
const opens = Float64Array.from({ length: 10 }, (_, row) => 100 + row);
const market: ParityMarket = {
  openMs: [Float64Array.from({ length: 10 }, (_, row) => 10 * row)],
  closeMs: [Float64Array.from({ length: 10 }, (_, row) => 10 * row + 10)],
  open: [opens],
  close: [opens.map((price) => price + 1)],
};
const order = (sequence: number, timeMs: number, direction: 1 | -1 = 1): JournalEntry => ({
  ...{ kind: 'order', quantity: 10 * direction, fraction: 0, price: 100, clippedBy: null, reduces: direction < 0 },
  ...{ sequence, timeMs, direction, symbol: 0 },
});
const fill = (
  ...given: [sequence: number, timeMs: number, quantity: number, price: number, fee?: number]
): JournalEntry => {
  const [sequence, timeMs, quantity, price, fee = 0] = given;
  const said = { sequence, timeMs, quantity, price, fee };
  return { ...{ kind: 'fill', symbol: 0, slippage: 0, final: true }, ...said };
};
const CAPITAL = 10_000;
const books = (entries: JournalEntry[]) => parityBooks(entries, market, CAPITAL);

/** Differences of the session from a backtest that buys 10 at 101 for 1 in bar 1, and the equity that it has less. */
function compared(session: JournalEntry[], backtest = [order(1, 10), fill(1, 10, 10, 101, 1)]) {
  const [ours, theirs] = [books(session), books(backtest)];
  const { differences, pairs } = compareBooks(ours, theirs, { market, symbols: ['AAA'] });
  const cost = differences.reduce((sum, one) => sum + one.cost, 0);
  expect(cost).toBeCloseTo(theirs.equity - ours.equity, 9);
  const told = differences.map((one): [string, number, number] => [one.class, one.quantity, one.cost]);
  return { told, differences, pairs };
}

describe('a session beside its backtest', () => {
  it('has no difference where every order is the same, whatever numbers orders have', () => {
    expect(compared([order(7, 10), fill(7, 10, 10, 101, 1)]).told).toEqual([]);
  });

  it('pays a worse price, in parts, and other charges, to the cent', () => {
    const parts = [order(1, 10), fill(1, 11, 4, 101.25, 0.5), fill(1, 12, 6, 101.5, 1.75)];
    expect(compared(parts).told).toEqual([
      ['price', 10, expect.closeTo(4, 9) as number],
      ['fee', 10, expect.closeTo(1.25, 9) as number],
    ]);
    expect(compared([order(1, 10), fill(1, 11, 10, 100.5, 1)]).told).toEqual([['price', 10, -5]]);
  });

  it('is filled in a later bar: timing, also where the price is the same', () => {
    expect(compared([order(1, 10), fill(1, 31, 10, 103, 1)]).told).toEqual([['timing', 10, 20]]);
    expect(compared([order(1, 10), fill(1, 31, 10, 101, 1)]).told).toEqual([['timing', 10, 0]]);
  });

  it('is filled in part: what the rest would have brought by the last close, less what it would have been charged', () => {
    // Four of ten at 101, charged 0.4; six more would be worth 110 each and have cost 0.6.
    const { differences } = compared([
      order(1, 10),
      fill(1, 11, 4, 101, 0.4),
      { ...{ kind: 'order-update', sequence: 1, timeMs: 12, state: 'CANCELED' }, code: 'time-in-force' },
    ]);
    expect(differences).toMatchObject([
      { class: 'partial', quantity: 6, reason: 'time-in-force', price: 101, backtestPrice: 101 },
    ]);
    expect(differences[0]!.cost).toBeCloseTo(6 * 9 - 0.6, 9);
  });

  it('misses an order, and says why where that is on record', () => {
    const stale: JournalEntry = {
      ...{ kind: 'refusal', timeMs: 10, symbol: 0, stage: 'signal', code: 'stale', value: 2, limit: 1 },
    };
    const missed = { class: 'missed', quantity: 10, cost: 89, reason: 'stale', price: null, sequence: null };
    expect(compared([stale]).differences).toMatchObject([missed]);
    const refused: JournalEntry = {
      ...{ kind: 'order-update', sequence: 1, timeMs: 12, state: 'REJECTED', code: 'cash' },
    };
    expect(compared([order(1, 10), refused]).differences).toMatchObject([
      { ...missed, reason: 'cash', sequence: 1, backtestSequence: 1 },
    ]);
  });

  it('has orders and executions that the backtest has not', () => {
    const same = [order(1, 10), fill(1, 10, 10, 101, 1)];
    const foreign = fill(0, 55, -5, 106, 0.5);
    expect(compared([...same, order(2, 30), fill(2, 30, 10, 103, 1), foreign]).differences).toMatchObject([
      { class: 'extra', sequence: 2, quantity: 10, cost: -69, backtestSequence: null },
      { class: 'extra', sequence: 0, side: 'sell', quantity: 5, cost: 5 * 4 + 0.5 },
    ]);
    expect(compared([...same, order(2, 30)]).told).toEqual([['extra', 0, 0]]);
  });

  it('is charged by the venue apart from its executions: of the order, or, where that is not known, by itself', () => {
    const charge = (cash: number, of: { sequence?: number } = {}): JournalEntry => ({
      ...{ kind: 'charge', timeMs: 60, symbol: 0, charge: 'fee', base: 0, days: 0, rate: 0, cash, ...of },
    });
    const same = [order(1, 10), fill(1, 10, 10, 101, 1)];
    expect(compared([...same, charge(-2.5, { sequence: 1 })]).told).toEqual([['fee', 10, 2.5]]);
    const foreign = fill(0, 55, -5, 106, 0.5);
    expect(compared([...same, charge(-0.75), foreign, charge(-0.25)]).told).toEqual([
      ['extra', 5, 5 * 4 + 0.5],
      ['fee', 0, 1],
    ]);
    // Nothing of it was executed, and it costs all the same.
    expect(compared([order(1, 10), charge(-2.5, { sequence: 1 })]).told).toEqual([
      ['missed', 10, 89],
      ['fee', 0, 2.5],
    ]);
    const { pairs } = compared([...same, charge(-2.5, { sequence: 1 })]);
    expect(estimateCosts(pairs, market, undefined).feeBps!.session).toBeCloseTo((1e4 * 3.5) / 1_010, 9);
  });

  it('compares what was executed before a split in new units', () => {
    const split = (quantity: number): JournalEntry => ({
      ...{ kind: 'action', action: 'split', timeMs: 50, symbol: 0, value: 2, quantity, cash: 0 },
    });
    const backtest = [order(1, 10), fill(1, 10, 10, 101, 1), split(20)];
    const session = [order(1, 10), fill(1, 11, 10, 102, 1), split(20)];
    expect(compared(session, backtest).told).toEqual([['price', 20, 10]]);
  });
});

describe('costs that a session paid', () => {
  const sold = (price: number, at: number): JournalEntry[] => [order(at, at, -1), fill(at, at, -10, price, 0.5)];
  const many = (slip: number, fee: number, count = 20): JournalEntry[] =>
    Array.from({ length: count }, (_, k): JournalEntry[] => {
      const bar = k % 9;
      const price = opens[bar + 1]!;
      const timeMs = 10 * bar + 10;
      return [order(k + 1, timeMs), fill(k + 1, timeMs, 10, price * (1 + slip), 10 * price * (1 + slip) * fee)];
    }).flat();
  const costs = costsOf({ feeBps: 1, halfSpreadBps: 1, slippage: { kind: 'fixed', bps: 1 } });
  const estimate = (session: JournalEntry[], backtest: JournalEntry[], of = costs) =>
    estimateCosts(compared(session, backtest).pairs, market, of);

  it('are proposed in place of those of the experiment, from twenty orders on', () => {
    const found = estimate(many(5e-4, 0), many(2e-4, 1e-4));
    expect(found.orders).toBe(20);
    expect(found.slippageBps!.session).toBeCloseTo(5, 6);
    expect(found.slippageBps!.backtest).toBeCloseTo(2, 6);
    expect(found.proposal).toEqual({ feeBps: 0, slippage: { bps: 4 } });
    expect(estimate(many(5e-4, 0, 19), many(2e-4, 1e-4, 19))).toMatchObject({
      proposal: null,
      reason: '19 orders say too little: 20 are wanted',
    });
  });

  it('are not proposed where they are what the experiment says, or of a kind that one number does not tell', () => {
    expect(estimate(many(2e-4, 1e-4), many(2e-4, 1e-4))).toMatchObject({
      proposal: null,
      reason: '20 orders cost what the experiment says',
    });
    const rooted = costsOf({ feeBps: 1, slippage: { kind: 'square-root', bps: 1 } });
    expect(estimate(many(5e-4, 1e-4), many(2e-4, 1e-4), rooted).reason).toMatch(/of a kind/);
    expect(estimate([], sold(101, 10)).reason).toMatch(/no order at the market/);
  });
});

it('a difference can be read by machines', () => {
  const keys: (keyof ParityDifference)[] = ['class', 'symbol', 'time', 'side', 'order', 'sequence', 'backtestSequence'];
  const [first] = compared([]).differences;
  expect(Object.keys(first!)).toEqual([...keys, 'quantity', 'price', 'backtestPrice', 'reason', 'cost']);
});
