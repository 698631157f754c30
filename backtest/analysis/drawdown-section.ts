import { DAY_MS } from '../../features/timeframe.ts';
import type { SessionResult } from '../../trading/session-result.ts';
import { drawdownPeriods } from '../statistics/drawdown.ts';
import { isoTime } from '../statistics/performance.ts';

/** One of `drawdowns` of the result document: a fall of equity below its highest value so far. */
export interface DrawdownRow {
  /** The last mark at the highest value, the lowest mark, and the first that reached the former again. */
  readonly from: string;
  readonly trough: string;
  /** Null where it was not recovered. */
  readonly recovered: string | null;
  /** A fraction below 0. */
  readonly depth: number;
  /** Calendar days from the highest value to the lowest, and to the recovery or the end of the record. */
  readonly daysToTrough: number;
  readonly days: number;
}

/** The worst are told. */
const SHOWN = 10;

/** The deepest falls of a session by all of its marks, the deepest first; the earlier of equals. */
export function drawdownSection({ timeMs, equity }: Pick<SessionResult, 'timeMs' | 'equity'>): {
  section: DrawdownRow[];
  reasons: string[];
} {
  const last = timeMs.length - 1;
  const days = (from: number, to: number): number => (timeMs[to]! - timeMs[from]!) / DAY_MS;
  const section = drawdownPeriods(equity)
    .toSorted((a, b) => a.depth - b.depth)
    .slice(0, SHOWN)
    .map(({ peak, trough, recovered, depth }) => ({
      from: isoTime(timeMs[peak]!),
      trough: isoTime(timeMs[trough]!),
      recovered: recovered === null ? null : isoTime(timeMs[recovered]!),
      depth,
      daysToTrough: days(peak, trough),
      days: days(peak, recovered ?? last),
    }));
  const open = section.find(({ recovered }) => recovered === null);
  const reason = `drawdowns: recovered: that from ${open?.from.slice(0, 10) ?? ''} was not, to the end of the record.`;
  return { section, reasons: open === undefined ? [] : [reason] };
}
