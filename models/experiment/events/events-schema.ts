import { z } from 'zod';
import { EVENT_KINDS } from '../../../features/events/point-in-time-event.ts';
import { EVENT_ROLES, parseEventColumns } from '../../../pipelines/events/event-columns.ts';
import { parseDelay } from '../../../pipelines/events/event-times.ts';
import { zoneNamed } from '../../../pipelines/dialects/time-zone.ts';
import { InputError } from '../../../infra/errors.ts';

/** What `read` makes of a text; what it refuses is an issue of the key. */
function readable(read: (text: string) => unknown): z.ZodType<string> {
  return z.string().superRefine((text, context) => {
    try {
      read(text);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      context.addIssue({ code: 'custom', message: `${error.message} ${error.remedy}` });
    }
  });
}

const column = z.union([z.int().min(0), z.string().min(1)]).optional();
const roles = Object.fromEntries(EVENT_ROLES.map((role) => [role, column]));

const file = z.strictObject({
  /** CSV file of events, relative to the working directory. */
  file: z.string().min(1),
  /** Kind of every row, and whose they are, where no column says it. */
  kind: z.enum(EVENT_KINDS).optional(),
  source: z.string().min(1).max(200).optional(),
  columns: z.union([readable((text) => parseEventColumns(text, 'columns')), z.strictObject(roles)]).optional(),
  /** Rows without a known time became known so long after their own: 15m, 24h. */
  delay: readable((text) => parseDelay(text, 'delay')).optional(),
  /** Of times that carry no zone. */
  timezone: readable((text) => zoneNamed(text, 'timezone')).optional(),
  /** Give each headline a sentiment of the lexicon, as ingestion does. */
  sentiment: z.boolean().optional(),
});

const stored = z.strictObject({
  /** Sources whose events are on record: `alpaca-news`, or what a file was ingested as. */
  stored: z.array(z.string().min(1)).nonempty(),
});

/** Where `events(...)` among the features gets its events from. */
export const eventsSchema = z.array(z.union([file, stored])).nonempty();
export type EventSource = z.infer<typeof eventsSchema>[number];
