import { parseDay } from '../../calendars/day.ts';
import { DAY_MS } from '../../../features/timeframe.ts';

const NUMBER = /^[+-]?\d+(\.\d*)?$/;
const BASIC_DATE = /^(\d{4})(\d{2})(\d{2})$/;
const STAMP =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;

/** Epoch values at or above this are milliseconds: 1973-03-03 in milliseconds, the year 5138 in seconds. */
const MILLISECONDS_FROM = 1e11;
/** Epoch values at or above this are micro- or nanoseconds, which are refused rather than guessed. */
const TOO_FINE_FROM = 1e14;

/** Milliseconds of an epoch value in seconds or milliseconds; NaN where it is neither. */
export function epochTimeMs(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= TOO_FINE_FROM) return NaN;
  return Math.round(Math.abs(value) >= MILLISECONDS_FROM ? value : value * 1000);
}

function offsetMinutes(zone: string | undefined): number {
  if (zone === undefined || /^(z|utc)$/i.test(zone)) return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.slice(1).replace(':', '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || '0'));
}

let lastDate = '';
let lastDay: number | undefined;

/** Intraday rows repeat their date: parsing it once per day saves a third of the time of a file. */
function cachedDay(date: string): number | undefined {
  if (date !== lastDate) {
    lastDay = parseDay(date);
    lastDate = date;
  }
  return lastDay;
}

function stampTimeMs(match: RegExpExecArray): number {
  const day = cachedDay(match[1]!);
  const hour = Number(match[2]);
  const minute = Number(match[3]);
  const second = Number(match[4] ?? '0');
  if (day === undefined || hour > 23 || minute > 59 || second > 59) return NaN;
  const fraction = match[5] === undefined ? 0 : Math.floor(Number(`0.${match[5]}`) * 1000 + 1e-6);
  return day * DAY_MS + ((hour * 60 + minute - offsetMinutes(match[6])) * 60 + second) * 1000 + fraction;
}

/**
 * UTC milliseconds of a time as files write it: an ISO 8601 date (also `20200102`), date and time with `T` or a space,
 * with or without seconds and zone (without one: UTC), or epoch seconds or milliseconds. NaN where it is none of these
 * or no such date exists. A date alone comes out as its midnight UTC, which `barHours` reads as that trading day.
 */
export function parseTimeMs(text: string): number {
  const day = text.length === 10 ? parseDay(text) : undefined;
  if (day !== undefined) return day * DAY_MS;
  const stamp = STAMP.exec(text);
  if (stamp !== null) return stampTimeMs(stamp);
  const basic = BASIC_DATE.exec(text);
  if (basic !== null) return (parseDay(`${basic[1]}-${basic[2]}-${basic[3]}`) ?? NaN) * DAY_MS;
  return NUMBER.test(text) ? epochTimeMs(Number(text)) : NaN;
}
