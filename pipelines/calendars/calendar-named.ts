import { InputError } from '../../infra/errors.ts';
import { crypto, none } from './always-open.ts';
import type { Calendar, CalendarName } from './calendar.ts';
import { usEquities } from './us-equities.ts';
import { usEquitiesExtended } from './us-equities-extended.ts';
import { usEquitiesOvernight } from './us-equities-overnight.ts';

const CALENDARS: Readonly<Record<CalendarName, Calendar>> = {
  'us-equities': usEquities,
  'us-equities-extended': usEquitiesExtended,
  'us-equities-overnight': usEquitiesOvernight,
  crypto,
  none,
};

/** Names of all calendars. */
export const CALENDAR_NAMES = Object.keys(CALENDARS) as readonly CalendarName[];

/** The calendar called `name`. Throws InputError that lists the calendars there are. */
export function calendarNamed(name: string): Calendar {
  if (!Object.hasOwn(CALENDARS, name)) {
    throw new InputError(`Unknown calendar "${name}".`, `Use one of ${CALENDAR_NAMES.join(', ')}.`);
  }
  return CALENDARS[name as CalendarName];
}
