import { tradingDaysBetween, type Calendar, type TradingHours } from '../calendars/calendar.ts';
import { regularOf } from '../calendars/extended-hours.ts';
import { isoDay } from '../calendars/day.ts';
import { timeframeMs } from '../../features/timeframe.ts';
import type { QualityCheckDefinition, Severity } from './quality-check.ts';

/** Whole trading days missing in a row that make a series unfit. */
const DAYS_ERROR = 5;
/** Part of the bars that a series should have whose lack makes it unfit, however they are spread. */
const MISSING_SHARE_ERROR = 0.05;
/** Fewer missing bars than this are no share to speak of. */
const MISSING_BARS_MIN = 5;
/** Part of a trading day that thin trading may leave out without a warning. */
const QUIET_SHARE = 0.05;

interface Gap {
  /** Trading time without bars, in milliseconds. */
  readonly tradingMs: number;
  readonly wholeDays: number;
  /** Length of the trading day after the gap. */
  readonly dayMs: number;
}

/** How much of a stretch of time lies within the hours of a day. */
function withinMs({ openTimeMs, closeTimeMs }: TradingHours, fromMs: number, toMs: number): number {
  return Math.max(0, Math.min(toMs, closeTimeMs) - Math.max(fromMs, openTimeMs));
}

function measureGap(calendar: Calendar, fromMs: number, toMs: number): Gap {
  const first = calendar.dayAt(fromMs - 1);
  const last = calendar.dayAt(toMs);
  const between = tradingDaysBetween(calendar, first, last);
  const firstHours = calendar.nominalHoursOf(first);
  const lastHours = calendar.nominalHoursOf(last);
  const whole = between.reduce((sum, day) => {
    const hours = calendar.nominalHoursOf(day);
    return sum + hours.closeTimeMs - hours.openTimeMs;
  }, 0);
  const edges =
    first === last
      ? withinMs(lastHours, fromMs, toMs)
      : withinMs(firstHours, fromMs, Infinity) + withinMs(lastHours, -Infinity, toMs);
  return { tradingMs: whole + edges, wholeDays: between.length, dayMs: lastHours.closeTimeMs - lastHours.openTimeMs };
}

function severityOf({ wholeDays, tradingMs, dayMs }: Gap): Severity {
  if (wholeDays >= DAYS_ERROR) return 'error';
  return wholeDays > 0 || tradingMs > QUIET_SHARE * dayMs ? 'warning' : 'info';
}

/**
 * Trading time between two neighbouring bars in which the calendar expects bars and there are none; and, once for the
 * series, bars that are missing in more than 5 % of all that the calendar expects from the first to the last. Before a
 * market's regular open and after its close none is expected: trading is thin.
 */
export const gaps: QualityCheckDefinition = {
  name: 'gaps',
  description: 'bars that the calendar expects and that are not there',
  create: ({ calendar: whole, timeframe }, report) => {
    const calendar = regularOf(whole);
    const barMs = timeframeMs(timeframe);
    let lastCloseMs = NaN;
    let bars = 0;
    const missed = { bars: 0, gaps: 0, fromMs: NaN };
    const finish = (): void => {
      const share = missed.bars / (bars + missed.bars);
      if (missed.bars < MISSING_BARS_MIN || !(share > MISSING_SHARE_ERROR)) return;
      const until = isoDay(calendar.dayAt(lastCloseMs - 1));
      const message = `${missed.bars} of ${bars + missed.bars} expected bars are missing in ${missed.gaps} ${missed.gaps === 1 ? 'gap' : 'gaps'} until ${until}: ${(share * 100).toFixed(1)} %, where ${MISSING_SHARE_ERROR * 100} % are allowed.`;
      report({ severity: 'error', openTimeMs: missed.fromMs, bars: missed.bars, message });
    };
    return {
      inspect: ({ length, openTimeMs, closeTimeMs }) => {
        if (!calendar.knowsHolidays) return;
        bars += length;
        for (let i = 0; i < length; i++) {
          const open = openTimeMs[i]!;
          if (open > lastCloseMs) {
            const gap = measureGap(calendar, lastCloseMs, open);
            const missing = timeframe === '1d' ? gap.wholeDays : Math.floor(gap.tradingMs / barMs);
            if (missing > 0) {
              if (missed.gaps === 0) missed.fromMs = open;
              missed.bars += missing;
              missed.gaps++;
              const from = isoDay(calendar.dayAt(lastCloseMs - 1));
              const message = `${missing} ${missing === 1 ? 'bar is' : 'bars are'} missing between ${from} and ${isoDay(calendar.dayAt(open))}.`;
              report({ severity: severityOf(gap), openTimeMs: open, bars: missing, message });
            }
          }
          lastCloseMs = closeTimeMs[i]!;
        }
      },
      finish,
    };
  },
};
