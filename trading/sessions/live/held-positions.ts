import type { Instrument } from '../../../features/instrument.ts';
import type { Portfolio } from '../../portfolio/portfolio.ts';

/** Signed units by symbol, of what is held, in the order of the universe. */
export function heldPositions(
  { open: { symbols, count }, quantity }: Pick<Portfolio, 'open' | 'quantity'>,
  instruments: readonly Pick<Instrument, 'symbol'>[],
): Record<string, number> {
  const held = Array.from(symbols.subarray(0, count)).sort((a, b) => a - b);
  return Object.fromEntries(held.map((symbol) => [instruments[symbol]!.symbol, quantity[symbol]!]));
}
