import { expect } from 'vitest';
import type { PlaceOrder } from '../../orders/order-request.ts';
import { HOLD, type Strategy, type StrategyAction } from '../../strategies/strategy.ts';
import type { SessionInHand } from './session-in-hand.ts';

export const buy: PlaceOrder = { do: 'place', label: 'in', side: 'buy', size: { units: 10 }, type: 'market' };

/** A strategy that does so with its orders at each bar, by its number. */
export function placing(script: readonly (readonly StrategyAction[])[]): Strategy {
  const orders = (view: { readonly length: number }): readonly StrategyAction[] => script[view.length - 1] ?? [];
  return { name: 'placing', parameters: {}, forSymbol: () => ({ decide: () => HOLD, orders }) };
}

export const heldAt = ({ venue }: Pick<SessionInHand, 'venue'>): number =>
  Number(venue.books.held('AAPL') / 1_000_000_000n);

/** Settled, the session has booked every execution of the venue once, and both hold `units`. */
export async function sameBooks(session: SessionInHand, units: number): Promise<void> {
  await session.settled();
  const ours = session.record.fills.map(({ executionId }) => executionId).sort();
  expect(ours).toEqual(session.venue.books.executions.map(({ id }) => id).sort());
  expect(session.record.fills.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(units);
  expect(heldAt(session)).toBe(units);
}
