import type { RiskLimits } from '../../models/experiment/experiment.ts';
import { isSet } from '../../models/experiment/limits-schema.ts';

/** Working orders are counted under these limits. */
export function countsOpenOrders({ openOrders, openOrdersPerSymbol, symbols }: RiskLimits): boolean {
  const ofSymbols = Object.values(symbols ?? {}).map((one) => one.openOrders);
  return [openOrders, openOrdersPerSymbol, ...ofSymbols].some((limit) => isSet(limit));
}
