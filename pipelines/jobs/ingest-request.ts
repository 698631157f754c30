import { z } from 'zod';
import { TIMEFRAMES } from '../../features/timeframe.ts';
import { VENDORS } from '../../infra/vendor-settings.ts';
import { CALENDAR_NAMES } from '../calendars/calendar-named.ts';
import type { DataCommandOptions } from '../commands/command-options.ts';

/** Characters that a file has at most; the request around it has room for escapes. */
const FILE_CHARACTERS_MAX = 8_000_000;
export const INGEST_BODY_BYTES_MAX = 16_777_216;

const oneOf = (names: readonly string[]) => z.enum(names as unknown as [string, ...string[]]);
const words = z.string().min(1).max(200);

const fileSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w][\w. -]{0,99}\.csv$/i, 'is no name of a CSV file: letters, digits and . _ - before .csv')
    .meta({ description: 'what its series are called by; the same name again adds to them', examples: ['AAPL.csv'] }),
  text: z.string().min(1).max(FILE_CHARACTERS_MAX).meta({ description: 'CSV with a header, as `ingest` reads it' }),
});

/** What may be asked for: nothing that names a path of the machine of the service. */
const optionsSchema = z.strictObject({
  vendor: oneOf(['sample', 'simulated', ...VENDORS]).optional(),
  file: fileSchema.optional(),
  symbol: z.string().min(1).max(4_000).optional().meta({ description: 'symbols, separated by commas' }),
  timeframe: oneOf(TIMEFRAMES).optional(),
  calendar: oneOf(CALENDAR_NAMES).optional(),
  from: z.iso.date().optional().meta({ description: 'first trading day' }),
  to: z.iso.date().optional().meta({ description: 'last trading day' }),
  adjust: oneOf(['raw', 'splits', 'splits-and-dividends']).optional(),
  revise: z.boolean().optional().meta({ description: 'take over values that the source has changed' }),
  columns: words.optional(),
  timeFormat: words.optional(),
  delimiter: words.optional(),
  timezone: words.optional(),
  decimal: words.optional(),
});

export const ingestRequestSchema = optionsSchema
  .refine(({ vendor, file }) => (vendor === undefined) !== (file === undefined), {
    message: 'name a vendor, or send a file: one of them',
    path: ['vendor'],
  })
  .meta({ id: 'IngestRequest' });

export type IngestRequest = z.infer<typeof ingestRequestSchema>;

/** What was asked for, without the text of the file: kept on record. */
export const askedIngestSchema = optionsSchema.omit({ file: true }).extend({
  file: z.object({ name: z.string(), characters: z.int() }).optional(),
});
export type AskedIngest = z.infer<typeof askedIngestSchema>;

/** A request as it is kept. */
export function askedIngest({ file, ...rest }: IngestRequest): AskedIngest {
  return file === undefined ? rest : { ...rest, file: { name: file.name, characters: file.text.length } };
}

/** The options that `ingest` is given. @param path where the file that was sent stands; undefined without one */
export function ingestOptionsOf({ vendor, file: _file, ...rest }: AskedIngest, path?: string): DataCommandOptions {
  const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return path === undefined
    ? { ...known, ...(vendor === undefined ? {} : { vendor }) }
    : { ...known, vendor: 'csv', path };
}
