import { describe, expect, it } from 'vitest';
import type { Charge, Effect } from '../../effect.ts';
import { Portfolio } from '../../portfolio/portfolio.ts';
import { testInstrument } from '../../testing/random-walk-bars.ts';
import type { Payment } from '../../venue-event.ts';
import { ToldPayments } from './told-payments.ts';

function told() {
  const portfolio = new Portfolio([testInstrument('A')], 1_000);
  const effects: Effect[] = [];
  const make = (): ToldPayments => new ToldPayments({ portfolio, emit: (effect) => effects.push(effect) });
  return { portfolio, effects, make };
}
const payment = (paymentId: string, cash: number, more: Partial<Payment> = {}): Payment => {
  return { kind: 'payment', timeMs: 5, symbol: 0, paymentId, of: 'funding', cash, ...more };
};

describe('payments of a venue', () => {
  it('are booked once by their name, also by one that goes on from what another has saved', () => {
    const { portfolio, effects, make } = told();
    const first = make();
    expect(first.take(payment('a', -2))).toBe(true);
    expect(first.take(payment('a', -2))).toBe(true);
    const second = make();
    second.restore(first.save());
    expect(second.take(payment('a', -2))).toBe(true);
    second.take(payment('b', 0.5, { of: 'clearance' }));
    expect(portfolio.cash).toBe(998.5);
    const charges = effects as Charge[];
    expect(charges.map(({ charge, cash, paymentId }) => [charge, cash, paymentId])).toEqual([
      ['funding', -2, 'a'],
      ['clearance', 0.5, 'b'],
    ]);
  });

  it.each([payment('a', NaN), payment('a', -Infinity), payment('a', 1, { timeMs: NaN })])(
    'of numbers that cannot be are not',
    (one) => {
      const { portfolio, effects, make } = told();
      expect(make().take(one)).toBe(false);
      expect(portfolio.cash).toBe(1_000);
      expect(effects).toEqual([]);
    },
  );
});
