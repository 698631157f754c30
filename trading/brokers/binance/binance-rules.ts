import type { Instrument } from '../../../features/instrument.ts';
import { amountNumber, amountUnits } from './asset-amount.ts';
import type { BinanceSymbol } from './binance-answer.ts';

type Filter = Readonly<Record<string, unknown>>;

/** The range and step of a price or a quantity, in units of 1e-8; 0: no such bound. */
export interface Steps {
  readonly least: bigint;
  readonly most: bigint;
  readonly step: bigint;
}

/** What Binance takes of orders in one symbol. Amounts in units of 1e-8. */
export interface SymbolRules {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** `TRADING`, or why nothing is traded: `BREAK`, `CANCEL_ONLY`, `HALT` ... */
  readonly status: string;
  readonly price: Steps;
  readonly lot: Steps;
  readonly marketLot: Steps;
  /** Least value of an order in the quote asset, and whether that holds for market orders. */
  readonly notional: { readonly least: bigint; readonly most: bigint; readonly ofMarket: boolean };
  /** How far a price may be from the average: multipliers, by side; 0: no bound. */
  readonly band: { readonly buy: readonly [number, number]; readonly sell: readonly [number, number] };
  readonly ordersMax: number;
  readonly stopsMax: number;
  /** Distances of a trailing stop in hundredths of a percent. */
  readonly trail: readonly [number, number];
  readonly types: readonly string[];
  /** What the exchange calls its bounds of value and price. */
  readonly names: { readonly notional: string; readonly band: string };
}

export const units = (value: unknown): bigint => (typeof value === 'string' ? (amountUnits(value) ?? 0n) : 0n);
export const times = (value: unknown): number => (typeof value === 'string' ? Number(value) : 0);
export const count = (value: unknown, none: number): number => (typeof value === 'number' ? value : none);

/** The filters of a symbol by name; one that it has not bounds nothing. */
export const filterOf =
  (filters: readonly Filter[]) =>
  (name: string): Filter =>
    filters.find(({ filterType }) => filterType === name) ?? {};

/** Ranges and steps of prices and quantities, by the filters of a symbol. */
export function stepsOf(filter: ReturnType<typeof filterOf>): Pick<SymbolRules, 'price' | 'lot' | 'marketLot'> {
  const steps = (name: string, [least, most, step]: readonly [string, string, string]): Steps => {
    const found = filter(name);
    return { least: units(found[least]), most: units(found[most]), step: units(found[step]) };
  };
  const quantities = ['minQty', 'maxQty', 'stepSize'] as const;
  return {
    price: steps('PRICE_FILTER', ['minPrice', 'maxPrice', 'tickSize']),
    lot: steps('LOT_SIZE', quantities),
    marketLot: steps('MARKET_LOT_SIZE', quantities),
  };
}

/** What the exchange takes of orders in one pair, by its filters. */
export function rulesOf({
  symbol,
  status,
  baseAsset,
  quoteAsset,
  orderTypes,
  filters,
  ...more
}: BinanceSymbol): SymbolRules {
  const filter = filterOf(filters);
  const old = filter('MIN_NOTIONAL');
  const value = filter('NOTIONAL');
  const band = filter('PERCENT_PRICE_BY_SIDE');
  const delta = filter('TRAILING_DELTA');
  const trails = more.allowTrailingStop === true;
  return {
    symbol,
    base: baseAsset,
    quote: quoteAsset,
    status,
    types: orderTypes,
    ...stepsOf(filter),
    notional: {
      least: units(value.minNotional ?? old.minNotional),
      most: units(value.maxNotional),
      ofMarket: value.applyMinToMarket === true || old.applyToMarket === true,
    },
    band: {
      buy: [times(band.bidMultiplierDown), times(band.bidMultiplierUp)],
      sell: [times(band.askMultiplierDown), times(band.askMultiplierUp)],
    },
    ordersMax: count(filter('MAX_NUM_ORDERS').maxNumOrders, Infinity),
    stopsMax: count(filter('MAX_NUM_ALGO_ORDERS').maxNumAlgoOrders, Infinity),
    names: { notional: 'NOTIONAL', band: 'PERCENT_PRICE_BY_SIDE' },
    trail: trails ? [count(delta.minTrailingBelowDelta, 1), count(delta.maxTrailingBelowDelta, Infinity)] : [0, 0],
  };
}

/**
 * The instrument with Binance's tick and least order. Its lot stays that of the asset, 1e-8: fees in the asset leave
 * positions off the steps of orders, and less than the least order is no position.
 */
export function ruledInstrument(instrument: Instrument, { price, lot, notional }: SymbolRules): Instrument {
  const least = amountNumber(lot.least > lot.step ? lot.least : lot.step);
  return {
    ...instrument,
    tick: price.step > 0n ? amountNumber(price.step) : instrument.tick,
    lot: 1e-8,
    rules: {
      ...instrument.rules,
      minimumQuantity: Math.max(least, instrument.rules?.minimumQuantity ?? 0),
      minimumNotional: Math.max(amountNumber(notional.least), instrument.rules?.minimumNotional ?? 0),
      dustBelow: least,
    },
  };
}
