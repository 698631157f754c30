import { HOUR_MS, timeframeMs } from '../../features/timeframe.ts';
import type { QualityCheckDefinition, Severity } from './quality-check.ts';

/** Daily bars that repeat one price: from here on a warning, an error. */
const DAYS_WARNING = 3;
const DAYS_ERROR = 10;
/** Hours of intraday bars that do: without trades a price stands still, and vendors write that as flat bars. */
const HOURS_WARNING = 2;
const HOURS_ERROR = 6.5;
/**
 * Bars of any size that repeat all five values and have a range: trading does not do that twice, let alone three times.
 */
const SAME_WARNING = 3;
const SAME_ERROR = 10;
/** Intraday bars at one price that repeat their volume too: lots of one size may, for a while. */
const FLAT_TRADED_WARNING = 10;

/** Bars that repeat, in a row. */
interface Run {
  bars: number;
  fromMs: number;
  /** Whether the bars have a range; else they stand at one price. */
  ranged: boolean;
  /** Those that repeat a volume above 0 too. */
  traded: number;
}

function severityOf(run: Run, flatWarning: number, flatError: number): Severity | undefined {
  if (run.ranged) return run.bars >= SAME_ERROR ? 'error' : run.bars >= SAME_WARNING ? 'warning' : undefined;
  if (run.bars >= flatError) return 'error';
  return run.bars >= flatWarning || run.traded >= FLAT_TRADED_WARNING ? 'warning' : undefined;
}

/**
 * Runs of bars that repeat the bar before them, all five values, or only repeat the last close: a feed that is stuck.
 * The first bar of a run is not counted. With a range: 3 repeats are a warning, 10 an error, at any bar size. At one
 * price: 3 and 10 days, or 2 and 6.5 hours of intraday bars, and a warning from 10 bars that repeat a volume.
 */
export const staleRuns: QualityCheckDefinition = {
  name: 'stale-runs',
  description: 'bars that repeat the one before them, or one price: a feed that stands still',
  create: ({ timeframe }, report) => {
    const daily = timeframe === '1d';
    const perHour = HOUR_MS / timeframeMs(timeframe);
    const flatWarning = daily ? DAYS_WARNING : Math.max(DAYS_WARNING, HOURS_WARNING * perHour);
    const flatError = daily ? DAYS_ERROR : Math.max(DAYS_ERROR, HOURS_ERROR * perHour);
    const last = { open: NaN, high: NaN, low: NaN, close: NaN, volume: NaN };
    const run: Run = { bars: 0, fromMs: NaN, ranged: false, traded: 0 };
    const end = (): void => {
      const severity = severityOf(run, flatWarning, flatError);
      if (severity !== undefined) {
        const what = run.ranged ? 'the bar before them, prices and volume' : String(last.close);
        const message = `${run.bars} bars in a row repeat ${what}.`;
        report({ severity, openTimeMs: run.fromMs, bars: run.bars, message });
      }
      run.bars = 0;
      run.traded = 0;
    };
    const take = (openTimeMs: number, ranged: boolean, traded: boolean): void => {
      if (run.bars > 0 && run.ranged !== ranged) end();
      if (run.bars === 0) {
        run.fromMs = openTimeMs;
        run.ranged = ranged;
      }
      run.bars++;
      if (traded) run.traded++;
    };
    return {
      inspect: ({ length, openTimeMs, open, high, low, close, volume }) => {
        for (let i = 0; i < length; i++) {
          const c = close[i]!;
          // A bar with another close repeats nothing: nearly all bars go no further.
          if (c === last.close) {
            const h = high[i]!;
            const l = low[i]!;
            const o = open[i]!;
            const flat = h === l && o === c && h === c;
            const traded = volume[i] === last.volume && volume[i]! > 0;
            const same = h === last.high && l === last.low && o === last.open && volume[i] === last.volume;
            if (flat || same) take(openTimeMs[i]!, !flat, traded);
            else if (run.bars > 0) end();
          } else if (run.bars > 0) {
            end();
          }
          last.open = open[i]!;
          last.high = high[i]!;
          last.low = low[i]!;
          last.close = c;
          last.volume = volume[i]!;
        }
      },
      finish: end,
    };
  },
};
