import { pairOf } from './vendors/symbols.ts';

/** Pairs as venues and charts write them without a slash: `BTCUSDT`, `BTC-USD`, `btc_usdt`. */
const JOINED_PAIR = /^([A-Z0-9]{1,20}?)(?:[-_]?(USDT|USDC|FDUSD|BUSD|TUSD)|[-_](USD|EUR|GBP|BTC|ETH))$/;
/** `BTCUSD` might be a share's name or a currency's; of these coins it is none. */
const KNOWN_COIN =
  /^(BTC|XBT|ETH|XRP|LTC|BCH|ADA|SOL|DOGE|BNB|DOT|AVAX|LINK|TRX|XLM|XMR|ETC)(USD|EUR|GBP|JPY|BTC|ETH)$/;
/** Money and metals, which rest on weekends. */
const MONEY = /^(USD|EUR|GBP|JPY|CHF|AUD|CAD|NZD|CNY|CNH|SEK|NOK|DKK|HKD|SGD|MXN|ZAR|TRY|PLN|INR|XAU|XAG|XPT|XPD)$/;

const STABLE = /^(USDT|USDC|FDUSD|BUSD|TUSD)$/;

/** What the name of a pair says its price is in; undefined for names that are none, among them those of shares. */
export function quoteOfPair(symbol: string): string | undefined {
  const name = symbol.toUpperCase();
  return pairOf(symbol)?.quote ?? JOINED_PAIR.exec(name)?.slice(2).find(Boolean) ?? KNOWN_COIN.exec(name)?.[2];
}

/** Whether a name is that of a currency, or of a coin that stands for one: what prices are in, not what is traded. */
export function isMoney(name: string): boolean {
  return MONEY.test(name.toUpperCase()) || STABLE.test(name.toUpperCase());
}

/** Whether a name is sure to be that of a coin: a pair, and not one of two currencies. */
export function isCoinName(symbol: string): boolean {
  const quote = quoteOfPair(symbol);
  if (quote === undefined) return false;
  const base = symbol
    .toUpperCase()
    .slice(0, -quote.length)
    .replace(/[-_/]$/, '');
  return !MONEY.test(base) || STABLE.test(quote);
}
