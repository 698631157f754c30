import { z } from 'zod';
import { parseDay, type Day } from '../calendars/day.ts';

/** A date such as `2024-02-29`, as a day. */
export const vendorDate = z.string().transform((text, context): Day => {
  const day = parseDay(text);
  if (day !== undefined) return day;
  context.addIssue({ code: 'custom', message: `${JSON.stringify(text.slice(0, 20))} is not a date` });
  return z.NEVER;
});
