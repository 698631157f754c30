import { nothingLeft, type QualityCheckDefinition } from './quality-check.ts';

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Prices and volumes that are no finite number. */
export const notANumber: QualityCheckDefinition = {
  name: 'not-a-number',
  description: 'prices or volumes that are NaN or infinite',
  create: (_context, report) => ({
    inspect: (bars) => {
      const { length, open, high, low, close, volume } = bars;
      for (let i = 0; i < length; i++) {
        // A sum is finite only if its parts are; overflow of real prices is out of reach.
        if (Number.isFinite(open[i]! + high[i]! + low[i]! + close[i]! + volume[i]!)) continue;
        const wrong = FIELDS.filter((field) => !Number.isFinite(bars[field][i]!));
        const message = `${wrong.join(', ')} ${wrong.length === 1 ? 'is' : 'are'} not finite.`;
        report({ severity: 'error', openTimeMs: bars.openTimeMs[i]!, bars: 1, message });
      }
    },
    finish: nothingLeft,
  }),
};
