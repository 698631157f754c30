import type { Instrument } from '../../../features/instrument.ts';
import { quoteOfPair } from '../../coin-name.ts';
import { cryptoOf } from '../../vendors/symbols.ts';

/**
 * The instrument of a symbol that a file brought along. A coin, told by its name or by a calendar that never closes,
 * trades in fractions; of others nothing is known but that shares are whole. `lot` wins over both.
 */
export function fileInstrument(
  symbol: string,
  { calendar, lot }: { calendar: string; lot?: number | undefined },
): Instrument {
  const quote = quoteOfPair(symbol);
  if (quote !== undefined || calendar === 'crypto') {
    const coin = cryptoOf(symbol, quote ?? 'USD');
    return lot === undefined ? coin : { ...coin, lot };
  }
  return { symbol, assetClass: 'unknown', currency: 'USD', tick: 0.01, lot: lot ?? 1, sector: null };
}
