import type { BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import type { DatedAction } from '../adjustments/corporate-action.ts';
import type { Calendar } from '../calendars/calendar.ts';
import type { RowPlace } from '../sources/files/row-fault.ts';
import type { Timeframe } from '../../features/timeframe.ts';

/** `error`: not fit for training; `warning`: look at it; `info`: worth knowing. */
export type Severity = 'info' | 'warning' | 'error';

/** What a check found at one place of a series. */
export interface Finding {
  readonly check: string;
  readonly severity: Severity;
  /** Open of the first bar concerned, or of the bar after a gap; NaN for a row of a file whose time cannot be read. */
  readonly openTimeMs: number;
  /** How many bars are concerned (for a gap: how many are missing). */
  readonly bars: number;
  readonly message: string;
  /** Where the bar stands, for bars of a file; not stored. */
  readonly place?: RowPlace | undefined;
}

/** What a check knows of the series. */
export interface QualityContext {
  readonly calendar: Calendar;
  readonly timeframe: Timeframe;
  readonly assetClass: Instrument['assetClass'];
  /** Splits and dividends on record, in order. */
  readonly actions?: readonly DatedAction[] | undefined;
}

type ReportFinding = (finding: Omit<Finding, 'check'>) => void;

/** One question asked of a series, piece by piece in ascending time; what it remembers between pieces is bounded. */
interface QualityCheck {
  inspect(bars: BarColumns): void;
  /** After the last piece: reports what was still open. */
  finish(): void;
}

export interface QualityCheckDefinition {
  readonly name: string;
  /** What is looked for, for the report. */
  readonly description: string;
  create(context: QualityContext, report: ReportFinding): QualityCheck;
}

/** For checks that have nothing left to say at the end. */
export const nothingLeft = (): void => undefined;
