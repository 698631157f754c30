import { nothingLeft, type QualityCheckDefinition } from './quality-check.ts';

/** Duplicates, steps back and overlaps: a bar must open at or after the close of the one before it. */
export const timeOrder: QualityCheckDefinition = {
  name: 'time-order',
  description: 'duplicated, unordered or overlapping bars',
  create: (_context, report) => {
    let lastOpenMs = -Infinity;
    let lastCloseMs = -Infinity;
    return {
      inspect: ({ length, openTimeMs, closeTimeMs }) => {
        for (let i = 0; i < length; i++) {
          const open = openTimeMs[i]!;
          const close = closeTimeMs[i]!;
          if (!(open >= lastCloseMs) || !(close > open)) {
            const what =
              open === lastOpenMs
                ? 'repeats the time of the bar before it'
                : close > open
                  ? 'opens before the bar before it has closed'
                  : 'does not close after it opens';
            report({ severity: 'error', openTimeMs: open, bars: 1, message: `The bar ${what}.` });
          }
          lastOpenMs = open;
          lastCloseMs = close;
        }
      },
      finish: nothingLeft,
    };
  },
};
