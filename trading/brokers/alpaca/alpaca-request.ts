import type { trading } from '@alpacahq/alpaca-trade-api/rest';
import { decimalText } from '../../decimal-text.ts';
import { Grid } from '../../grid.ts';
import type { OrderTerms, OrderType, TimeInForce } from '../../orders/order-terms.ts';
import { priceGridOf } from '../../price-grid.ts';
import { shapeOf } from '../venue/capabilities.ts';
import type { EntryExits, OutgoingOrder } from '../venue/venue-broker.ts';
import { alpacaCapabilities } from './alpaca-capabilities.ts';

type Body = trading.PostOrderRequest;

const TYPES: Readonly<Record<OrderType, Body['type']>> = {
  market: 'market',
  limit: 'limit',
  stop: 'stop',
  'stop-limit': 'stop_limit',
  trailing: 'trailing_stop',
};

/** `gtd` is cancelled by the session when its time is over. Parts of a share are sent for the day. */
const TIMES: Readonly<Record<TimeInForce, Body['timeInForce']>> = {
  gtc: 'gtc',
  day: 'day',
  gtd: 'gtc',
  ioc: 'ioc',
  fok: 'fok',
  'on-open': 'opg',
  'on-close': 'cls',
};

const IDS = /^[A-Za-z0-9._-]+$/;

/** An order as Alpaca takes it, or why it is not sent. */
export type AlpacaRequest = { readonly body: Body } | { readonly why: string };

/**
 * An order as Alpaca takes it: amounts as strings, on the instrument's own grid. What Alpaca would refuse, or would
 * take for something else, is refused here in words.
 */
export function alpacaRequest(order: OutgoingOrder): AlpacaRequest {
  const { clientOrderId, instrument, side, quantity, terms } = order;
  if (!IDS.test(clientOrderId) || clientOrderId.length > alpacaCapabilities.clientOrderIdMax) {
    return { why: 'the client order id has other characters than letters, digits, dot, hyphen and underscore' };
  }
  const shape = shapeOf(instrument, quantity, terms);
  const capability = alpacaCapabilities.capability(shape);
  if (capability.how === 'refused') return { why: capability.why };
  const isDaily = alpacaCapabilities.dayOnly!(shape);
  if (isDaily && shape.type === 'trailing')
    return { why: 'Alpaca has no trailing stops for parts of a share; a stop is moved in its place' };
  const units = new Grid(instrument.lot).nearest(quantity);
  if (!(units > 0) || Math.abs(units - quantity) > quantity * 1e-9) {
    return { why: `a quantity of ${quantity} is not on the lot of ${instrument.lot}` };
  }
  const prices = pricesOf({ instrument, side }, terms);
  if ('why' in prices) return prices;
  const body: Body = {
    symbol: instrument.symbol,
    side: side > 0 ? 'buy' : 'sell',
    type: TYPES[shape.type],
    timeInForce: isDaily ? 'day' : TIMES[shape.tif],
    qty: decimalText(units),
    clientOrderId,
    ...(shape.extended === true ? { extendedHours: true } : {}),
    ...prices,
  };
  if (order.exits !== undefined) return withExits(body, order, order.exits);
  return order.stop === undefined ? { body } : withStop(body, order, order.stop);
}

/** An entry with its exits: order class `bracket` for both, `oto` for one. */
function withExits(body: Body, order: OutgoingOrder, { target, stop }: EntryExits): AlpacaRequest {
  const { instrument, side, quantity, terms } = order;
  const given = [target, stop].filter((one) => one !== null);
  const shapes = given.map((one) => shapeOf(instrument, quantity, one));
  const capability = alpacaCapabilities.attach(shapeOf(instrument, quantity, terms), shapes);
  if (capability.how !== 'native') return { why: 'Alpaca does not take these exits with their entry' };
  const opposite = side > 0 ? -1 : 1;
  const [limits, stops] = [target, stop].map((one) => pricesOf({ instrument, side: opposite }, one)) as [
    Prices,
    Prices,
  ];
  for (const prices of [limits, stops]) if ('why' in prices) return prices as { why: string };
  const base = body.limitPrice ?? limits.limitPrice;
  if (stop !== null && base !== undefined && !(side * (Number(base) - Number(stops.stopPrice)) >= AWAY))
    return { why: `a stop at ${stops.stopPrice} for an entry at ${base}` };
  if (target !== null && body.limitPrice !== undefined && !(side * (Number(limits.limitPrice) - Number(base)) > 0))
    return { why: `a target at ${limits.limitPrice} for an entry at ${base}` };
  return {
    body: {
      ...body,
      timeInForce: TIMES[shapes[0]!.tif],
      orderClass: given.length === 2 ? 'bracket' : 'oto',
      ...(target === null ? {} : { takeProfit: { limitPrice: limits.limitPrice } }),
      ...(stop === null ? {} : { stopLoss: stops }),
    } as Body,
  };
}

/** A limit with a stop beside it: order class `oco`. Alpaca wants the stop at least a cent away. */
function withStop(body: Body, { instrument, side, quantity, terms }: OutgoingOrder, stop: OrderTerms): AlpacaRequest {
  const shapes = [shapeOf(instrument, quantity, terms), shapeOf(instrument, quantity, stop)] as const;
  const capability = alpacaCapabilities.pair(...shapes);
  if (capability.how !== 'native')
    return {
      why: capability.how === 'refused' ? capability.why : 'Alpaca takes only one of these two exits at a time',
    };
  const prices = pricesOf({ instrument, side }, stop);
  if ('why' in prices) return prices;
  const { limitPrice, ...rest } = body;
  const away = side * (Number(prices.stopPrice) - Number(limitPrice));
  if (!(away >= AWAY)) return { why: `a stop at ${prices.stopPrice} beside a limit at ${limitPrice}` };
  const stopLoss = {
    stopPrice: prices.stopPrice,
    ...(prices.limitPrice === undefined ? {} : { limitPrice: prices.limitPrice }),
  };
  return { body: { ...rest, orderClass: 'oco', takeProfit: { limitPrice }, stopLoss } as Body };
}

/** Least distance of a stop from what it is measured by, less what floats leave over. */
const AWAY = 0.01 * (1 - 1e-9);

type Prices = Pick<Body, 'limitPrice' | 'stopPrice' | 'trailPrice' | 'trailPercent'>;

/** The prices of an order on the tick of their level; never better for us than they were. */
function pricesOf(
  { instrument, side }: Pick<OutgoingOrder, 'instrument' | 'side'>,
  terms: OrderTerms | null,
): Prices | { readonly why: string } {
  if (terms === null || terms.type === 'market') return {};
  const grid = priceGridOf(instrument);
  if (grid === null) return { why: `the tick of ${instrument.symbol} is not known: a price cannot be sent` };
  const text = (price: number, isLimit: boolean): string => decimalText(grid.beside(price, side < 0 === isLimit));
  const limit = terms.conditions?.limit ?? 0;
  const { type, price, trail, trailShare } = terms;
  if (type === 'trailing') {
    // Alpaca trails by currency or by percent, each with at most two decimals.
    if (trailShare > 0) return { trailPercent: decimalText(new Grid(0.01).nearest(100 * trailShare)) };
    return trail > 0 ? { trailPrice: text(trail, false) } : { why: 'a trailing stop without a distance' };
  }
  if (!(price > 0 && price < Infinity)) return { why: `a price of ${price} is none` };
  if (type === 'limit') return { limitPrice: text(price, true) };
  if (type === 'stop') return { stopPrice: text(price, false) };
  if (!(limit > 0 && limit < Infinity)) return { why: `a limit of ${limit} is none` };
  return { stopPrice: text(price, false), limitPrice: text(limit, true) };
}

/** What of a working order Alpaca can replace, as it takes it. */
export function alpacaReplacement(by: OutgoingOrder): { readonly body: trading.PatchOrderRequest } | { why: string } {
  const request = alpacaRequest(by);
  if ('why' in request) return request;
  if (by.instrument.assetClass !== 'crypto' && !Number.isInteger(by.quantity)) {
    return { why: 'Alpaca changes no order for parts of a share; cancel it and place it anew' };
  }
  const { qty, limitPrice, stopPrice, trailPrice, trailPercent, clientOrderId } = request.body;
  const trail = trailPrice ?? trailPercent;
  return {
    body: {
      ...(qty === undefined || by.keepsQuantity === true ? {} : { qty }),
      ...(limitPrice === undefined ? {} : { limitPrice }),
      ...(stopPrice === undefined ? {} : { stopPrice }),
      ...(trail === undefined ? {} : { trail }),
      ...(clientOrderId === undefined ? {} : { clientOrderId }),
    },
  };
}
