import type { Instrument } from '../../../features/instrument.ts';
import { cryptoOf, pairOf } from '../../vendors/symbols.ts';

/** Pairs as venues and charts write them without a slash: `BTCUSDT`, `BTC-USD`. */
const JOINED_PAIR = /^[A-Z0-9]{2,20}?(?:-?(USDT|USDC|FDUSD|BUSD|TUSD)|-(USD|EUR|GBP|BTC|ETH))$/;

/**
 * The instrument of a symbol that a file brought along. A coin, told by its name or by a calendar that never closes,
 * trades in fractions; of others nothing is known but that shares are whole. `lot` wins over both.
 */
export function fileInstrument(
  symbol: string,
  { calendar, lot }: { calendar: string; lot?: number | undefined },
): Instrument {
  const quote = pairOf(symbol)?.quote ?? JOINED_PAIR.exec(symbol)?.slice(1).find(Boolean);
  if (quote !== undefined || calendar === 'crypto') {
    const coin = cryptoOf(symbol, quote ?? 'USD');
    return lot === undefined ? coin : { ...coin, lot };
  }
  return { symbol, assetClass: 'unknown', currency: 'USD', tick: 0.01, lot: lot ?? 1, sector: null };
}
