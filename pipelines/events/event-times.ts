import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import type { TimeZone } from '../dialects/time-zone.ts';
import { parseTimeMs } from '../sources/files/bar-time.ts';

const ZONED = /(?:z|utc|[+-]\d{2}(?::?\d{2})?)$/i;
const EPOCH = /^[+-]?\d+(?:\.\d*)?$/;
const DATE = /^\d{4}-?\d{2}-?\d{2}$/;
/** Digits that milliseconds do not hold, of which one is not 0. */
const FINER = /[.,]\d{3}\d*[1-9]/;

/** A day alone, which `parseTimeMs` reads as its midnight. */
export const isDate = (text: string): boolean => DATE.test(text);

/**
 * UTC milliseconds of a moment in a file, never earlier than it: what is finer than a millisecond counts up, and where
 * clocks were set back the later of two moments counts. Without `zone` a time of day must carry its own. InputError
 * that begins with `where`.
 */
export function parseMoment(text: string, where: string, zone: TimeZone | null): number {
  const timeMs = parseTimeMs(text);
  const shown = JSON.stringify(text.slice(0, 60));
  if (!Number.isFinite(timeMs)) {
    throw new InputError(`${where} is ${shown}.`, 'Write ISO 8601 as in 2024-05-02T16:30:00-04:00, or epoch seconds.');
  }
  const whole = FINER.test(text) ? timeMs + 1 : timeMs;
  if (EPOCH.test(text) && !isDate(text)) return Math.ceil(whole);
  if (!isDate(text) && ZONED.test(text)) return whole;
  if (isDate(text) && zone === null) return whole;
  if (zone === null) {
    throw new InputError(
      `${where} is ${shown}, without a time zone: hours too early would be a look into the future.`,
      'Write the zone with each time, as in 16:30:00-04:00 or Z, or say whose clock it is: --timezone America/New_York.',
    );
  }
  const moment = zone.laterMs(whole);
  if (Number.isFinite(moment)) return moment;
  throw new InputError(`${where} is ${shown}, which clocks of ${zone.name} skipped.`, 'Correct the time.');
}

const SPAN = /^(\d{1,6})(ms|s|m|h|d)$/;
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** Milliseconds of `15m` or `24h`. InputError that names `key`. */
export function parseDelay(text: string, key: string): number {
  const match = SPAN.exec(text.trim());
  if (match !== null) return Number(match[1]) * UNITS_MS[match[2]!]!;
  throw new InputError(`${key}: ${JSON.stringify(text)} is no delay.`, 'Write one such as 30s, 15m, 24h or 2d.');
}
