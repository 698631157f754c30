import type { OrderTerms } from '../../../orders/order-terms.ts';
import type { OrderShape, VenueCapabilities } from '../../venue/capabilities.ts';
import type { OutgoingOrder } from '../../venue/venue-broker.ts';
import { amountText } from '../asset-amount.ts';
import { timeInForce, type Parameters } from '../binance-request.ts';
import { checkedOrder, type CheckedOrder, type MarketNow } from '../checked-order.ts';

/** An order as the futures exchange takes it, and where; or why it is not sent. */
export type FuturesRequest = { readonly isAlgo: boolean; readonly body: Parameters } | { readonly why: string };

/** Trailing distances have one decimal of a percent. */
const CALLBACK_STEP = 10;

/**
 * An order as Binance's USD-M futures take it: what waits for a price goes to the algo service, which alone takes it;
 * amounts as strings, on the steps of the exchange. What it would refuse is refused here in words.
 */
export function futuresRequest(
  order: OutgoingOrder,
  capabilities: VenueCapabilities,
  market: MarketNow,
): FuturesRequest {
  const { side, terms } = order;
  // What only closes the part of one of several strategies may turn the account, which is all that the exchange knows.
  const isWhole = terms?.owner === undefined;
  const reduces = order.reduces === true || (isWhole && terms?.conditions?.reduceOnly === true);
  const checked = checkedOrder(order, capabilities, market, {
    typeOf: (shape) => typeOf(shape, terms),
    freely: reduces,
  });
  if ('why' in checked) return checked;
  const delta = Number(checked.prices.trailingDelta ?? 0);
  if (delta % CALLBACK_STEP !== 0) return { why: `a trailing distance of ${delta / 100} % is not a multiple of 0.1 %` };
  const base = {
    symbol: market.rules.symbol,
    side: side > 0 ? 'BUY' : 'SELL',
    type: typeOf(checked.shape, terms),
    quantity: amountText(checked.units),
    ...(reduces ? { reduceOnly: 'true' } : {}),
  };
  const { clientOrderId } = order;
  const isAlgo = !['market', 'limit'].includes(checked.shape.type);
  return { isAlgo, body: isAlgo ? algoBody(base, clientOrderId, checked) : plainBody(base, clientOrderId, checked) };
}

function plainBody(base: Parameters, newClientOrderId: string, { shape, prices }: CheckedOrder): Parameters {
  const { price } = prices;
  const tif = shape.postOnly ? 'GTX' : timeInForce(shape);
  const limit: Parameters = price === undefined ? {} : { price, timeInForce: tif };
  return { ...base, ...limit, newClientOrderId, newOrderRespType: 'RESULT' };
}

function algoBody(base: Parameters, clientAlgoId: string, { shape, prices }: CheckedOrder): Parameters {
  const { price, stopPrice, trailingDelta } = prices;
  const trails = trailingDelta !== undefined;
  return {
    algoType: 'CONDITIONAL',
    ...base,
    ...(stopPrice === undefined ? {} : { [trails ? 'activatePrice' : 'triggerPrice']: stopPrice }),
    ...(trails ? { callbackRate: String(Number(trailingDelta) / 100) } : {}),
    ...(price === undefined ? {} : { price, timeInForce: timeInForce(shape) }),
    workingType: 'CONTRACT_PRICE',
    clientAlgoId,
  };
}

function typeOf({ type }: OrderShape, terms: OrderTerms | null): string {
  if (type === 'market') return 'MARKET';
  if (type === 'limit') return 'LIMIT';
  if (type === 'trailing') return 'TRAILING_STOP_MARKET';
  // It waits for a better price, where a stop waits for a worse one.
  const waits = terms?.role === 'take-profit' ? 'TAKE_PROFIT' : 'STOP';
  return type === 'stop-limit' ? waits : `${waits}_MARKET`;
}
