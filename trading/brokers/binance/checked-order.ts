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
  /** What prices are judged by; 0 where it is not known: what needs it is left to the venue. */
  readonly average: number;
  /** Orders that work in the symbol, and stops among them. */
  readonly working: number;
  readonly stops: number;
}

/** Of the characters that Binance takes, those that stand in no need of being escaped. */
const IDS = /^[A-Za-z0-9._-]+$/;
/** A trailing distance is told in hundredths of a percent. */
const PER_SHARE = 10_000;

/** An order on the steps of the exchange. */
export interface CheckedOrder {
  readonly shape: OrderShape;
  /** In units of 1e-8. */
  readonly units: bigint;
  readonly prices: Partial<Prices>;
}

/**
 * An order on the steps of the exchange, or why it would be refused there. A quantity is cut to the step: what is left
 * of it is less than can be ordered.
 * @param typeOf what the exchange calls an order of that shape; one that reduces may be of any value where `freely`
 */
export function checkedOrder(
  order: OutgoingOrder,
  capabilities: VenueCapabilities,
  market: MarketNow,
  { typeOf, freely = false }: { readonly typeOf: (shape: OrderShape) => string; readonly freely?: boolean },
): CheckedOrder | { readonly why: string } {
  const { clientOrderId, instrument, side, quantity, terms } = order;
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
  const type = typeOf(shape);
  if (!rules.types.includes(type)) return { why: `Binance takes no ${type} orders of ${rules.symbol}` };
  const units = onStep(quantity, rules.lot);
  const prices = pricesOf({ side, terms, shape }, rules);
  if ('why' in prices) return prices;
  const of = { side, units, freely };
  const isMarket = shape.type === 'market';
  const why = amountWhy(units, isMarket, market) ?? bandWhy(prices, of, market) ?? fullWhy(shape, market);
  return why === null ? { shape, units, prices } : { why };
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
  { side, units, freely }: { side: 1 | -1; units: bigint; freely: boolean },
  { rules: { notional, band, names }, average }: MarketNow,
): string | null {
  const isMarket = limit === undefined && stopPrice === undefined;
  const price = Number(limit ?? stopPrice ?? average);
  const value = amountNumber(units) * price;
  const [least, most] = [amountNumber(notional.least), amountNumber(notional.most)];
  if (!freely && price > 0 && (!isMarket || notional.ofMarket) && value < least) {
    return `a value of ${decimalText(value)} is below ${least} (${names.notional})`;
  }
  if (price > 0 && most > 0 && value > most)
    return `a value of ${decimalText(value)} is above ${most} (${names.notional})`;
  const [low, high] = side > 0 ? band.buy : band.sell;
  if (limit === undefined || average <= 0) return null;
  const isOut = (low > 0 && price < average * low) || (high > 0 && price > average * high);
  return isOut ? `a limit of ${price} is not from ${low} to ${high} times ${average} (${names.band})` : null;
}

function fullWhy({ type }: OrderShape, { rules, working, stops }: MarketNow): string | null {
  if (type === 'market') return null;
  if (working >= rules.ordersMax) return `${working} orders of ${rules.symbol} work already (MAX_NUM_ORDERS)`;
  if (type === 'limit' || stops < rules.stopsMax) return null;
  return `${stops} stops of ${rules.symbol} work already (MAX_NUM_ALGO_ORDERS)`;
}
