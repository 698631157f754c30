import { LEAST_VALUE, LOT, TICK, type SpotSymbol } from './spot-books.ts';
import { amountFixed } from './spot-order.ts';

const TYPES = ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'];

/** A symbol with its filters, as the exchange tells them. */
export function exchangeJson({ symbol, base, quote }: SpotSymbol, status: string): unknown {
  const lot = { minQty: amountFixed(LOT), maxQty: '9000.00000000', stepSize: amountFixed(LOT) };
  return {
    symbol,
    status,
    baseAsset: base,
    quoteAsset: quote,
    orderTypes: TYPES,
    allowTrailingStop: true,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: amountFixed(TICK) },
      { filterType: 'LOT_SIZE', ...lot },
      { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: '500.00000000', stepSize: '0.00000000' },
      {
        filterType: 'NOTIONAL',
        minNotional: amountFixed(LEAST_VALUE),
        applyMinToMarket: true,
        maxNotional: '9000000.00000000',
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
      {
        filterType: 'PERCENT_PRICE_BY_SIDE',
        bidMultiplierUp: '5',
        bidMultiplierDown: '0.2',
        askMultiplierUp: '5',
        askMultiplierDown: '0.2',
        avgPriceMins: 5,
      },
      { filterType: 'TRAILING_DELTA', minTrailingBelowDelta: 10, maxTrailingBelowDelta: 2000 },
      { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 5 },
      { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: 2 },
    ],
  };
}
