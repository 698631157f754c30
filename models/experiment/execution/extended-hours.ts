import type { Instrument } from '../../../features/instrument.ts';
import { timeframeMs, type Timeframe } from '../../../features/timeframe.ts';
import { InputError } from '../../../infra/errors.ts';
import { extendedHours } from '../../../pipelines/calendars/extended-hours.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import type { Calendar } from '../../../pipelines/calendars/calendar.ts';
import type { Experiment } from '../experiment.ts';

/**
 * Bars that are traded before the open and after the close begin anew at the open: longer ones, which begin at 4:00,
 * would hold both, and those of a day say nothing of either. @throws InputError
 */
export function requireShortBars(calendar: Calendar, timeframe: Timeframe, where = ''): void {
  if (extendedHours(calendar) === undefined || timeframeMs(timeframe) <= timeframeMs('30m')) return;
  throw new InputError(
    `${where}calendar ${calendar.name}: a bar of ${timeframe} holds hours before the open and after it, in which ` +
      'other orders are executed',
    'Use bars of at most 30m, or the calendar us-equities.',
  );
}

/** What an experiment says of hours around the regular ones goes together. @throws InputError with the key */
export function requireExtendedHours(path: string, { data, execution }: Experiment): void {
  const calendar = calendarNamed(data.calendar);
  requireShortBars(calendar, data.timeframe, `${path}: data.timeframe: `);
  if (execution?.extendedHours === undefined || extendedHours(calendar) !== undefined) return;
  throw new InputError(
    `${path}: execution.extendedHours: the calendar ${data.calendar} has regular hours alone`,
    'Set data.calendar: us-equities-extended or us-equities-overnight, or leave it out.',
  );
}

/** Instruments as the venue takes their orders in the hours of `calendar`. */
export function inHoursOf(calendar: Calendar, instruments: readonly Instrument[]): readonly Instrument[] {
  if (extendedHours(calendar) === undefined) return instruments;
  return instruments.map((one) => ({ ...one, rules: { ...one.rules, extendedHours: true } }));
}
