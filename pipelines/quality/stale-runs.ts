import { timeframeMs } from '../timeframe.ts';
import type { QualityCheckDefinition } from './quality-check.ts';

const HOUR_MS = 3_600_000;
/** Daily bars that repeat one price: from here on a warning, an error. */
const DAYS_WARNING = 3;
const DAYS_ERROR = 10;
/** Hours of intraday bars that do. */
const HOURS_WARNING = 2;
const HOURS_ERROR = 6.5;

/** Runs of bars that only repeat the last close: a feed that stands still. */
export const staleRuns: QualityCheckDefinition = {
  name: 'stale-runs',
  description: 'bars that repeat one price: a feed that stands still',
  create: ({ timeframe }, report) => {
    const daily = timeframe === '1d';
    const perHour = HOUR_MS / timeframeMs(timeframe);
    const warningBars = daily ? DAYS_WARNING : Math.max(DAYS_WARNING, HOURS_WARNING * perHour);
    const errorBars = daily ? DAYS_ERROR : Math.max(DAYS_ERROR, HOURS_ERROR * perHour);
    let lastClose = NaN;
    let runFromMs = NaN;
    let run = 0;
    const end = (): void => {
      if (run >= warningBars) {
        const severity = run >= errorBars ? 'error' : 'warning';
        report({ severity, openTimeMs: runFromMs, bars: run, message: `${run} bars in a row repeat ${lastClose}.` });
      }
      run = 0;
    };
    return {
      inspect: ({ length, openTimeMs, open, high, low, close }) => {
        for (let i = 0; i < length; i++) {
          if (close[i] === lastClose && high[i] === lastClose && low[i] === lastClose && open[i] === lastClose) {
            if (run === 0) runFromMs = openTimeMs[i]!;
            run++;
          } else {
            if (run > 0) end();
            lastClose = close[i]!;
          }
        }
      },
      finish: end,
    };
  },
};
