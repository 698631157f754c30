import type { Instrument } from '../../features/instrument.ts';
import { InputError } from '../../infra/errors.ts';
import type { VendorName } from './vendor.ts';

/**
 * Tickers as the consolidated tape writes them, with the class or the kind of the security behind a dot: `BRK.B`,
 * preferred shares `BAC.PRL` and `T.PRA`, warrants `ABC.WS` and `ABC.WS.A`, units `ABC.U`. Whether there is one of the
 * name is for the vendor to say.
 */
const STOCK = /^[A-Z]{1,5}(?:\.[A-Z]{1,3}){0,2}$/;
/** Coins have one letter (`W`, `T`, `S`) to many, and digits (`1INCH`, `1000SATS`). */
const PAIR = /^([A-Z0-9]{1,20})\/([A-Z0-9]{2,6})$/;

/** A US stock, priced in cents and traded by the share, where `symbol` is written like one (`T`, `AAPL`, `BRK.B`). */
export function stockOf(symbol: string): Instrument | undefined {
  if (!STOCK.test(symbol)) return undefined;
  return { symbol, assetClass: 'equity', currency: 'USD', tick: 0.01, lot: 1, sector: null };
}

/** Base and quote of a crypto pair written `BTC/USD`. */
export function pairOf(symbol: string): { base: string; quote: string } | undefined {
  const match = PAIR.exec(symbol);
  return match === null ? undefined : { base: match[1]!, quote: match[2]! };
}

/** A crypto pair: exchanges quote at most eight decimals and trade at most as fine. */
export function cryptoOf(symbol: string, currency: string): Instrument {
  return { symbol, assetClass: 'crypto', currency, tick: 1e-8, lot: 1e-8, sector: null };
}

/** The error for a symbol that is not written as the vendor's instruments are. */
export function unknownSymbol(vendor: VendorName, symbol: string, forms: string): InputError {
  return new InputError(`${vendor} has no symbol ${JSON.stringify(symbol)}.`, `Write ${forms}, in capitals.`);
}
