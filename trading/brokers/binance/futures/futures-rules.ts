import type { Instrument } from '../../../../features/instrument.ts';
import { InputError } from '../../../../infra/errors.ts';
import { amountNumber } from '../asset-amount.ts';
import type { BinanceClient } from '../binance-client.ts';
import type { MarketsAt } from '../binance-markets.ts';
import { count, filterOf, stepsOf, times, units, type SymbolRules } from '../binance-rules.ts';
import { FUTURES_ANSWERS, type FuturesSymbol } from './futures-answer.ts';

const ALGO_TYPES = ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'];

/** A trailing stop follows by 0.1 to 10 %, told in percent with one decimal; hundredths of a percent here. */
const TRAIL: readonly [number, number] = [10, 1000];

/** What the exchange takes of orders in one contract; a filter that it has not bounds nothing. */
function futuresRulesOf({ symbol, status, marginAsset, orderTypes, OrderType, filters }: FuturesSymbol): SymbolRules {
  const filter = filterOf(filters);
  const value = filter('MIN_NOTIONAL');
  const band = filter('PERCENT_PRICE');
  const around = [times(band.multiplierDown), times(band.multiplierUp)] as const;
  return {
    symbol,
    // A position is of contracts: no commission is taken out of it, whatever the pair is of.
    base: symbol,
    quote: marginAsset,
    status,
    // Those of the algo service stand in no list of the exchange since they moved there.
    types: [...(orderTypes ?? OrderType ?? []), ...ALGO_TYPES],
    ...stepsOf(filter),
    notional: { least: units(value.notional), most: 0n, ofMarket: true },
    // A purchase is bounded from above, a sale from below.
    band: { buy: [0, around[1]], sell: [around[0], 0] },
    ordersMax: count(filter('MAX_NUM_ORDERS').limit, Infinity),
    stopsMax: count(filter('MAX_NUM_ALGO_ORDERS').limit, Infinity),
    names: { notional: 'MIN_NOTIONAL', band: 'PERCENT_PRICE' },
    trail: TRAIL,
  };
}

/** The instrument with the tick, lot and least order of the contract. */
function ruledContract(instrument: Instrument, { price, lot, notional }: SymbolRules): Instrument {
  const { rules } = instrument;
  return {
    ...instrument,
    tick: price.step > 0n ? amountNumber(price.step) : instrument.tick,
    lot: lot.step > 0n ? amountNumber(lot.step) : instrument.lot,
    rules: {
      ...rules,
      minimumQuantity: Math.max(amountNumber(lot.least), rules?.minimumQuantity ?? 0),
      minimumNotional: Math.max(amountNumber(notional.least), rules?.minimumNotional ?? 0),
    },
  };
}

/** Perpetual contracts; prices are judged by their mark. */
export const FUTURES_MARKETS: MarketsAt = {
  rules: async (client: BinanceClient, names) => {
    const ask = { path: 'fapi/v1/exchangeInfo', weight: 1 };
    const { symbols } = await client.read('the rules of its contracts', FUTURES_ANSWERS.exchange, ask);
    const found = symbols.filter(({ symbol }) => names.includes(symbol));
    const missing = names.find((name) => !found.some(({ symbol }) => symbol === name));
    if (missing !== undefined) {
      throw new InputError(`Binance has no contract ${missing} in USD-M futures.`, 'Name another, such as BTC/USDT.');
    }
    const dated = found.find(({ contractType }) => contractType !== 'PERPETUAL');
    if (dated !== undefined) {
      throw new InputError(`${dated.symbol} is no perpetual contract: it ends.`, 'Name a perpetual one.');
    }
    return new Map(found.map((one) => [one.symbol, futuresRulesOf(one)]));
  },
  price: async (client, symbol) => {
    const ask = { path: 'fapi/v1/premiumIndex', weight: 1, params: { symbol } };
    const { markPrice } = await client.read(`the mark of ${symbol}`, FUTURES_ANSWERS.mark, ask);
    return amountNumber(markPrice);
  },
  candlesPath: 'fapi/v1/klines',
  ruled: ruledContract,
  paysInKind: false,
};
