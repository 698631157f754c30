import { pairOf } from '../symbols.ts';

/**
 * A stock as Polygon writes it: as it is, but for preferred shares, whose mark is a small p (`BAC.PRL` is `BACpL`). See
 * Polygon's notes on tickers of the consolidated tape.
 */
export const polygonStock = (symbol: string): string => symbol.replace(/\.PR(?=[A-Z]?$)/, 'p');

/** `AAPL` as it is, `BTC/USD` as `X:BTCUSD`. */
export function polygonTicker(symbol: string): string {
  const pair = pairOf(symbol);
  return pair === undefined ? polygonStock(symbol) : `X:${pair.base}${pair.quote}`;
}
