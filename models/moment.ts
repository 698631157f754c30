import { z } from 'zod';
import { DAY_MS } from '../features/timeframe.ts';

/** A day, or a time with its zone. */
export const moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: ({ input }) =>
    input === undefined ? 'is required' : 'must be a date, or a time in quotes, such as "2024-01-31T19:00:00Z"',
});

/** UTC milliseconds of a moment; a date is the midnight at which it begins, or, as an end, at which it ends. */
export function momentMs(text: string, end = false): number {
  const isDate = !text.includes('T');
  return Date.parse(isDate ? `${text}T00:00:00Z` : text) + (isDate && end ? DAY_MS : 0);
}
