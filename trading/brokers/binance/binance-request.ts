import type { OrderTerms } from '../../orders/order-terms.ts';
import type { OrderShape, VenueCapabilities } from '../venue/capabilities.ts';
import type { OutgoingOrder } from '../venue/venue-broker.ts';
import { amountText } from './asset-amount.ts';
import { checkedOrder, type MarketNow } from './checked-order.ts';

export type Parameters = Readonly<Record<string, string>>;

/** An order as Binance takes it, or why it is not sent. */
export type BinanceRequest = { readonly body: Parameters } | { readonly why: string };

/**
 * An order as Binance's spot market takes it: amounts as strings, on the steps of the exchange. What it would refuse is
 * refused here in words.
 */
export function binanceRequest(
  order: OutgoingOrder,
  capabilities: VenueCapabilities,
  market: MarketNow,
): BinanceRequest {
  const { clientOrderId, side, terms } = order;
  const checked = checkedOrder(order, capabilities, market, { typeOf: (shape) => typeOf(shape, terms) });
  if ('why' in checked) return checked;
  const { shape, units, prices } = checked;
  const type = typeOf(shape, terms);
  return {
    body: {
      symbol: market.rules.symbol,
      side: side > 0 ? 'BUY' : 'SELL',
      type,
      ...(type === 'LIMIT' || type.endsWith('_LIMIT') ? { timeInForce: timeInForce(shape) } : {}),
      quantity: amountText(units),
      ...prices,
      newClientOrderId: clientOrderId,
      newOrderRespType: 'RESULT',
    },
  };
}

/** As Binance writes it; an order that ends by our hand is sent until then. */
export const timeInForce = ({ tif }: OrderShape): 'IOC' | 'FOK' | 'GTC' =>
  tif === 'ioc' ? 'IOC' : tif === 'fok' ? 'FOK' : 'GTC';

function typeOf({ type, postOnly }: OrderShape, terms: OrderTerms | null): string {
  if (type === 'market') return 'MARKET';
  if (type === 'limit') return postOnly ? 'LIMIT_MAKER' : 'LIMIT';
  // It waits for a better price, where a stop waits for a worse one.
  const waits = terms?.role === 'take-profit' ? 'TAKE_PROFIT' : 'STOP_LOSS';
  return type === 'stop-limit' ? `${waits}_LIMIT` : waits;
}
