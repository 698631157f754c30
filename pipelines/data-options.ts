import type { AdjustMode } from './adjustments/corporate-action.ts';
import type { DialectOptions } from './dialects/file-dialect.ts';
import type { CalendarName } from './calendars/calendar.ts';
import type { Timeframe } from '../features/timeframe.ts';

/** The `data` section of an experiment, as far as pipelines need it. */
export interface DataOptions {
  readonly source: 'sample' | 'simulated' | 'csv' | 'alpaca' | 'polygon' | 'binance';
  readonly timeframe: Timeframe;
  /** First and last trading day, inclusive, `YYYY-MM-DD`. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly calendar: CalendarName;
  readonly adjust: AdjustMode;
  /**
   * CSV file of splits and dividends; `none` for none. Without it, vendors of stocks are asked for theirs, unless
   * `adjust` is raw.
   */
  readonly actions?: string | undefined;
  /** The actions are right even where a split does not show in the prices. */
  readonly trustActions?: boolean | undefined;
  /** File or folder of the `csv` source. */
  readonly path?: string | undefined;
  /** Whose its bars are where it does not say. */
  readonly symbol?: string | undefined;
  /** What it does not say of itself: see `DialectOptions`. */
  readonly columns?: DialectOptions['columns'];
  readonly timeFormat?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly timezone?: string | undefined;
  readonly decimal?: string | undefined;
  readonly simulated: { readonly symbols: number; readonly bars: number; readonly seed: number };
  readonly maxQualityErrors: number;
  /** CSV file of symbols that were renamed or delisted; of the `csv` source. */
  readonly changes?: string | undefined;
  /** Bars by trading, of the file of trades or finer bars that `path` is. */
  readonly sample?:
    { readonly by: 'ticks' | 'volume' | 'dollars'; readonly size: number; readonly of: 'trades' | 'bars' } | undefined;
}
