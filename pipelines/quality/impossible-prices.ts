import { nothingLeft, type QualityCheckDefinition } from './quality-check.ts';

/** Prices that no market can print: zero or less, high below low, open or close outside them; and negative volume. */
export const impossiblePrices: QualityCheckDefinition = {
  name: 'impossible-prices',
  description: 'prices of zero or less, outside their own range, or negative volume',
  create: (_context, report) => ({
    inspect: ({ length, openTimeMs, open, high, low, close, volume }) => {
      for (let i = 0; i < length; i++) {
        const o = open[i]!;
        const h = high[i]!;
        const l = low[i]!;
        const c = close[i]!;
        // The common case first: this loop runs for every bar that is ingested.
        if (l > 0 && l <= o && l <= c && h >= o && h >= c && volume[i]! >= 0) continue;
        // Comparisons with NaN are false on purpose: those bars are the business of not-a-number.
        const outside = l > h || o > h || o < l || c > h || c < l;
        if (!(l <= 0 || outside || volume[i]! < 0 || o <= 0 || c <= 0)) continue;
        const message = `open ${o}, high ${h}, low ${l}, close ${c}, volume ${volume[i]} cannot be.`;
        report({ severity: 'error', openTimeMs: openTimeMs[i]!, bars: 1, message });
      }
    },
    finish: nothingLeft,
  }),
};
