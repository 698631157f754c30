import { GREATEST_MAGNITUDE, LEAST_MAGNITUDE } from '../../features/bar.ts';
import { nothingLeft, type QualityCheckDefinition } from './quality-check.ts';

/** Beyond what features are promised for. Infinite values are the business of not-a-number. */
const isBeyond = (x: number): boolean => (x > GREATEST_MAGNITUDE && x < Infinity) || (x > 0 && x < LEAST_MAGNITUDE);

/**
 * Prices that no market can print: zero or less, high below low, open or close outside them, absurdly large or small;
 * such volume, and negative.
 */
export const impossiblePrices: QualityCheckDefinition = {
  name: 'impossible-prices',
  description: 'prices of zero or less, outside their own range, or absurd; negative or absurd volume',
  create: (_context, report) => ({
    inspect: ({ length, openTimeMs, open, high, low, close, volume }) => {
      for (let i = 0; i < length; i++) {
        const o = open[i]!;
        const h = high[i]!;
        const l = low[i]!;
        const c = close[i]!;
        const v = volume[i]!;
        // The common case first: this loop runs for every bar that is ingested.
        const inOrder = l >= LEAST_MAGNITUDE && l <= o && l <= c && h >= o && h >= c && h <= GREATEST_MAGNITUDE;
        if (inOrder && (v === 0 || (v >= LEAST_MAGNITUDE && v <= GREATEST_MAGNITUDE))) continue;
        // Comparisons with NaN are false on purpose: those bars are the business of not-a-number.
        const outside = l > h || o > h || o < l || c > h || c < l;
        const beyond = isBeyond(o) || isBeyond(h) || isBeyond(l) || isBeyond(c) || isBeyond(v);
        if (!(l <= 0 || outside || v < 0 || o <= 0 || c <= 0 || beyond)) continue;
        const message = `open ${o}, high ${h}, low ${l}, close ${c}, volume ${v} cannot be.`;
        report({ severity: 'error', openTimeMs: openTimeMs[i]!, bars: 1, message });
      }
    },
    finish: nothingLeft,
  }),
};
