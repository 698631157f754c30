import { decimalText } from '../../decimal-text.ts';
import { Grid } from '../../grid.ts';
import type { OrderConditions, OrderTerms } from '../../orders/order-terms.ts';
import { shapeOf, type OrderShape, type VenueCapabilities } from '../venue/capabilities.ts';
import type { OutgoingOrder } from '../venue/venue-broker.ts';
import { amountNumber, amountText, amountUnits } from './asset-amount.ts';
import type { Steps, SymbolRules } from './binance-rules.ts';

/** What is known of a market when an order is about to leave. */
export interface MarketNow {
  readonly rules: SymbolRules;
  /** Average price of the last minutes; 0 where it is not known: what needs it is left to the venue. */
  readonly average: number;
  /** Orders that work in the symbol, and stops among them. */
  readonly working: number;
  readonly stops: number;
}

export type Parameters = Readonly<Record<string, string>>;

/** An order as Binance takes it, or why it is not sent. */
export type BinanceRequest = { readonly body: Parameters } | { readonly why: string };

/** Of the characters that Binance takes, those that stand in no need of being escaped. */
const IDS = /^[A-Za-z0-9._-]+$/;
/** A trailing distance is told in hundredths of a percent. */
const PER_SHARE = 10_000;

/**
 * An order as Binance's spot market takes it: amounts as strings, on the steps of the exchange. What it would refuse is
 * refused here in words. A quantity is cut to the step: what is left of it is less than can be ordered.
 */
export function binanceRequest(
  { clientOrderId, instrument, side, quantity, terms }: OutgoingOrder,
  capabilities: VenueCapabilities,
  market: MarketNow,
): BinanceRequest {
  const { rules } = market;
  if (!IDS.test(clientOrderId) || clientOrderId.length > capabilities.clientOrderIdMax) {
    return {
      why: `the client order id is not of 1 to ${capabilities.clientOrderIdMax} letters, digits, dots, hyphens`,
    };
  }
  const onLot = new Grid(instrument.lot).nearest(quantity);
  if (!(onLot > 0 && onLot < Infinity) || Math.abs(onLot - quantity) > quantity * 1e-9) {
    return { why: `a quantity of ${quantity} is not on the lot of ${instrument.lot}` };
  }
  const shape = shapeOf(instrument, quantity, terms);
  const capability = capabilities.capability(shape);
  if (capability.how === 'refused') return { why: capability.why };
  const type = typeOf(shape, terms);
  if (!rules.types.includes(type)) return { why: `Binance takes no ${type} orders of ${rules.symbol}` };
  const units = onStep(quantity, rules.lot);
  const prices = pricesOf({ side, terms, shape }, rules);
  if ('why' in prices) return prices;
  const why =
    amountWhy(units, type === 'MARKET', market) ?? bandWhy(prices, { side, units }, market) ?? fullWhy(shape, market);
  if (why !== null) return { why };
  const tif = shape.tif === 'ioc' ? 'IOC' : shape.tif === 'fok' ? 'FOK' : 'GTC';
  return {
    body: {
      symbol: rules.symbol,
      side: side > 0 ? 'BUY' : 'SELL',
      type,
      ...(type === 'LIMIT' || type.endsWith('_LIMIT') ? { timeInForce: tif } : {}),
      quantity: amountText(units),
      ...prices,
      newClientOrderId: clientOrderId,
      newOrderRespType: 'RESULT',
    },
  };
}

function typeOf({ type, postOnly }: OrderShape, terms: OrderTerms | null): string {
  if (type === 'market') return 'MARKET';
  if (type === 'limit') return postOnly ? 'LIMIT_MAKER' : 'LIMIT';
  // It waits for a better price, where a stop waits for a worse one.
  const waits = terms?.role === 'take-profit' ? 'TAKE_PROFIT' : 'STOP_LOSS';
  return type === 'stop-limit' ? `${waits}_LIMIT` : waits;
}

/** Units of 1e-8 on the step, never more than asked. */
function onStep(quantity: number, { step }: Steps): bigint {
  const units = amountUnits(decimalText(new Grid(1e-8).nearest(quantity))) ?? 0n;
  return step > 0n ? units - (units % step) : units;
}

type Prices = Readonly<Record<'price' | 'stopPrice' | 'trailingDelta', string>>;

/** Prices on the tick, never better for us than they were. */
function pricesOf(
  { side, terms, shape }: { side: 1 | -1; terms: OrderTerms | null; shape: OrderShape },
  { price: steps, trail: [least, most], symbol }: SymbolRules,
): Partial<Prices> | { readonly why: string } {
  if (terms === null || terms.type === 'market') return {};
  const grid = new Grid(steps.step > 0n ? amountNumber(steps.step) : 1e-8);
  const text = (price: number, isLimit: boolean): string =>
    decimalText(side < 0 === isLimit ? up(grid, price) : down(grid, price));
  const limit = (terms.conditions as OrderConditions | null)?.limit ?? 0;
  if (terms.type === 'trailing') {
    if (terms.trail > 0) return { why: 'Binance trails by a share of the price; give the distance in percent' };
    const delta = Math.round(terms.trailShare * PER_SHARE);
    if (most === 0) return { why: `Binance takes no trailing stops of ${symbol}` };
    if (!(delta >= least && delta <= most)) {
      return { why: `a trailing distance of ${delta / 100} % is not from ${least / 100} to ${most / 100} %` };
    }
    return { trailingDelta: String(delta), ...(shape.activated ? { stopPrice: text(limit, false) } : {}) };
  }
  for (const price of terms.type === 'stop-limit' ? [terms.price, limit] : [terms.price]) {
    if (!(price > 0 && price < Infinity)) return { why: `a price of ${price} is none` };
    const low = amountNumber(steps.least);
    const high = steps.most > 0n ? amountNumber(steps.most) : Infinity;
    if (price < low || price > high) return { why: `a price of ${price} is not from ${low} to ${high} (PRICE_FILTER)` };
  }
  if (terms.type === 'limit') return { price: text(terms.price, true) };
  if (terms.type === 'stop') return { stopPrice: text(terms.price, false) };
  return { stopPrice: text(terms.price, false), price: text(limit, true) };
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-11 * b;
const up = (grid: Grid, price: number): number =>
  near(grid.nearest(price), price) ? grid.nearest(price) : grid.ceil(price);
const down = (grid: Grid, price: number): number => {
  return near(grid.nearest(price), price) ? grid.nearest(price) : Math.max(grid.floor(price), grid.step);
};

function amountWhy(units: bigint, isMarket: boolean, { rules: { lot, marketLot } }: MarketNow): string | null {
  const bounds = isMarket
    ? [['LOT_SIZE', lot] as const, ['MARKET_LOT_SIZE', marketLot] as const]
    : [['LOT_SIZE', lot] as const];
  for (const [name, { least, most }] of bounds) {
    const high = most > 0n ? most : null;
    if (units > 0n && units >= least && (high === null || units <= high)) continue;
    const to = high === null ? '' : ` to ${amountText(high)}`;
    return `a quantity of ${amountText(units)} is not from ${amountText(least)}${to} (${name})`;
  }
  return null;
}

/** By the price of the order, or the average where it has none. */
function bandWhy(
  { price: limit, stopPrice }: Partial<Prices>,
  { side, units }: { side: 1 | -1; units: bigint },
  { rules: { notional, band }, average }: MarketNow,
): string | null {
  const isMarket = limit === undefined && stopPrice === undefined;
  const price = Number(limit ?? stopPrice ?? average);
  const value = amountNumber(units) * price;
  const [least, most] = [amountNumber(notional.least), amountNumber(notional.most)];
  if (price > 0 && (!isMarket || notional.ofMarket) && value < least) {
    return `a value of ${decimalText(value)} is below ${least} (NOTIONAL)`;
  }
  if (price > 0 && most > 0 && value > most) return `a value of ${decimalText(value)} is above ${most} (NOTIONAL)`;
  const [low, high] = side > 0 ? band.buy : band.sell;
  if (limit === undefined || average <= 0) return null;
  const isOut = (low > 0 && price < average * low) || (high > 0 && price > average * high);
  return isOut ? `a limit of ${price} is not from ${low} to ${high} times ${average} (PERCENT_PRICE_BY_SIDE)` : null;
}

function fullWhy({ type }: OrderShape, { rules, working, stops }: MarketNow): string | null {
  if (type === 'market') return null;
  if (working >= rules.ordersMax) return `${working} orders of ${rules.symbol} work already (MAX_NUM_ORDERS)`;
  if (type === 'limit' || stops < rules.stopsMax) return null;
  return `${stops} stops of ${rules.symbol} work already (MAX_NUM_ALGO_ORDERS)`;
}
