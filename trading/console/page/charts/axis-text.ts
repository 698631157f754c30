import { DAY_MS } from '../../../../features/timeframe.ts';
import type { Formats } from '../parts/formats.ts';

const made = new Map<string, Intl.DateTimeFormat>();

/** A moment on an axis, in the zone of the user: as much of it as a span of that length needs. */
export function axisText(
  { locale, timeZone }: Pick<Formats, 'locale' | 'timeZone'>,
  atMs: number,
  spanMs: number,
): string {
  const kind = spanMs > 400 * DAY_MS ? 'month' : spanMs > 3 * DAY_MS ? 'day' : spanMs > DAY_MS ? 'hour' : 'time';
  const key = `${locale} ${timeZone} ${kind}`;
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const day = { day: '2-digit', month: 'short' } as const;
  const parts: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
    month: { month: 'short', year: 'numeric' },
    day,
    hour: { ...day, ...time },
    time,
  };
  const format = made.get(key) ?? new Intl.DateTimeFormat(locale, { ...parts[kind], timeZone });
  made.set(key, format);
  return format.format(atMs);
}
