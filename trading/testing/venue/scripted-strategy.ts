import type { PlaceOrder } from '../../orders/order-request.ts';
import { HOLD, type Strategy, type StrategyAction } from '../../strategies/strategy.ts';

export const buy: PlaceOrder = { do: 'place', label: 'in', side: 'buy', size: { units: 10 }, type: 'market' };
/** All that is held. */
export const sell: PlaceOrder = { ...buy, label: 'out', side: 'sell', size: 'position', reduceOnly: true };

/** A strategy that does so with its orders at each bar, by its number. */
export function placing(script: readonly (readonly StrategyAction[])[]): Strategy {
  const orders = (view: { readonly length: number }): readonly StrategyAction[] => script[view.length - 1] ?? [];
  return { name: 'placing', parameters: {}, forSymbol: () => ({ decide: () => HOLD, orders }) };
}
