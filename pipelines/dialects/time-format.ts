import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import { dateOf, dayOf, type Day } from '../calendars/day.ts';

/** A time as it was read. One object is reused for all: read it before the next. */
export interface ReadTime {
  /** What the clock showed, as the milliseconds at which a clock of UTC shows the same. */
  localMs: number;
  /** How far that clock was from UTC, in minutes; NaN where the text names no zone. */
  offsetMinutes: number;
}

/** One way to write times. */
export interface TimeFormat {
  /** For people: `ISO 8601`, `DD/MM/YYYY`, `epoch seconds`. */
  readonly name: string;
  /** Whether times are moments of UTC by definition: epochs. */
  readonly isUtc: boolean;
  /** Milliseconds of one, for epochs. */
  readonly unitMs?: number;
  /** Fills `into` and says whether the text is such a time. */
  read(text: string, into: ReadTime): boolean;
}

/** Times that are numbers of a unit since 1970. */
interface EpochFormat extends TimeFormat {
  readonly unitMs: number;
}

/** Times outside are no times of bars, whatever they were taken for. */
export const EARLIEST_MS = Date.UTC(1900, 0, 1);
export const LATEST_MS = Date.UTC(2100, 0, 1);

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MINUTES = '(?<M>\\d{2})(?::?(?<S>\\d{2})(?:[.,](?<f>\\d{1,9}))?)?';
/** 09:30, 9:30:00.250, 0930, 9:30 AM, 11-AM. */
const CLOCK = `(?<H>\\d{1,2})(?::?${MINUTES})?(?:[\\s-]*(?<p>[AaPp]\\.?[Mm]\\.?))?`;
const ZONE = '(?:\\s*(?<z>Z|UTC|GMT|(?:UTC|GMT)?[+-]\\d{2}(?::?\\d{2})?))?';
const WEEKDAY = '(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\\.?,?\\s+)?';
const MONTH_NAME = '(?<b>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?)';

const dated = (date: string): RegExp => new RegExp(`^${WEEKDAY}${date}(?:(?:T|,?\\s+)${CLOCK}${ZONE})?$`, 'i');

/** The day of a year, month and date; NaN where there is none. */
function existingDay(year: number, month: number, date: number): Day {
  if (month < 1 || month > 12 || date < 1 || date > 31) return NaN;
  const day = dayOf(year, month, date);
  const at = dateOf(day);
  return at.month === month && at.date === date && at.year === year ? day : NaN;
}

/** Two digits of a year as POSIX has them: 69 to 99 are of the last century. */
const fullYear = (twoDigits: number): number => twoDigits + (twoDigits < 69 ? 2000 : 1900);

type Groups = Readonly<Partial<Record<string, string>>>;

function dayOfGroups({ Y, y, m, b, d, j }: Groups): Day {
  const year = Y === undefined ? fullYear(Number(y)) : Number(Y);
  if (j !== undefined) return Number(j) >= 1 && Number(j) <= 366 ? dayOf(year, 1, 1) + Number(j) - 1 : NaN;
  const month = b === undefined ? Number(m ?? '1') : MONTHS.indexOf(b.slice(0, 3).toLowerCase()) + 1;
  return existingDay(year, month, Number(d ?? '1'));
}

function hourOfGroups({ H, p }: Groups): number {
  const hour = Number(H ?? '0');
  if (p === undefined) return hour <= 23 ? hour : NaN;
  if (hour < 1 || hour > 12) return NaN;
  return (hour % 12) + (p.toLowerCase().startsWith('p') ? 12 : 0);
}

/** Minutes of a zone as it is written: `Z`, `GMT`, `+01:00`, `GMT-0500`; NaN for none. */
function offsetMinutesOf(zone: string | undefined): number {
  if (zone === undefined) return NaN;
  const digits = zone.replace(/^(utc|gmt)/i, '').replace(':', '');
  if (digits === '' || /^z$/i.test(digits)) return 0;
  return (digits.startsWith('-') ? -1 : 1) * (Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3) || '0'));
}

function assemble(groups: Groups, into: ReadTime): boolean {
  const { H, M, S, f, p, z } = groups;
  // An hour alone might be anything: 11 AM is a time.
  if (H !== undefined && M === undefined && p === undefined) return false;
  const minute = Number(M ?? '0');
  const second = Number(S ?? '0');
  if (minute > 59 || second > 59) return false;
  const fraction = f === undefined ? 0 : Math.floor(Number(`0.${f}`) * 1000 + 1e-6);
  const day = dayOfGroups(groups);
  into.localMs = day * DAY_MS + hourOfGroups(groups) * HOUR_MS + minute * MINUTE_MS + second * 1000 + fraction;
  into.offsetMinutes = offsetMinutesOf(z);
  return Number.isFinite(into.localMs);
}

/** Times that `pattern` matches; its groups are named like the directives of `strftime`. */
function patternFormat(name: string, pattern: RegExp, read = assemble): TimeFormat {
  return {
    name,
    isUtc: false,
    read: (text, into) => {
      const match = pattern.exec(text);
      return match !== null && read(match.groups!, into);
    },
  };
}

/** A number as epochs and spreadsheets write it. */
export const NUMBER = /^[+-]?\d+(\.\d*)?$/;

/** Milliseconds of an epoch; what is finer is cut off. */
export function epochMs(value: number, unitMs: number): number {
  return unitMs >= 1 ? Math.round(value * unitMs) : Math.floor(value / Math.round(1 / unitMs));
}

/** Epochs of a unit of `unitMs` milliseconds. */
function epochFormat(name: string, unitMs: number): EpochFormat {
  return {
    name,
    isUtc: true,
    unitMs,
    read: (text, into) => {
      if (!NUMBER.test(text)) return false;
      into.localMs = epochMs(Number(text), unitMs);
      into.offsetMinutes = 0;
      return Number.isFinite(into.localMs);
    },
  };
}

/** The units of epochs, longest first. */
export const EPOCHS = {
  s: epochFormat('epoch seconds', 1000),
  ms: epochFormat('epoch milliseconds', 1),
  us: epochFormat('epoch microseconds', 1e-3),
  ns: epochFormat('epoch nanoseconds', 1e-6),
} as const;

/** Day 25,569 of a spreadsheet is the epoch; its clock is a local one. */
const EXCEL: TimeFormat = {
  name: 'days of a spreadsheet',
  isUtc: false,
  read: (text, into) => {
    if (!NUMBER.test(text)) return false;
    into.localMs = Math.round((Number(text) - 25_569) * (DAY_MS / 1000)) * 1000;
    into.offsetMinutes = NaN;
    return true;
  },
};

const ZERO = 48;

/** Two digits at `at` as a number; NaN where they are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/**
 * `2020-01-02T14:30`, with or without `:00` and `Z`, which nearly all files have: by its characters, half the time of a
 * pattern. Fills `into` but for the day; false for any other text.
 */
function readPlainClock(text: string, into: ReadTime): boolean {
  const { length } = text;
  const isUtc = text.charCodeAt(length - 1) === 90;
  const end = isUtc ? length - 1 : length;
  const separator = text.charCodeAt(10);
  if ((end !== 16 && end !== 19) || (separator !== 84 && separator !== 32) || text.charCodeAt(13) !== 58) return false;
  if (end === 19 && text.charCodeAt(16) !== 58) return false;
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = end === 19 ? twoDigits(text, 17) : 0;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return false;
  into.localMs = hour * HOUR_MS + minute * MINUTE_MS + second * 1000;
  into.offsetMinutes = isUtc ? 0 : NaN;
  return true;
}

/** Year first, in any separators; the day parsed once for the rows that share it, a third of the time of a file. */
function yearFirst(): TimeFormat {
  const date = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:$|(?:T|,?\s+)(?=\d))/i;
  const plainDate = /^\d{4}-\d{2}-\d{2}$/;
  const clock = new RegExp(`^${CLOCK}${ZONE}$`, 'i');
  let lastText = '';
  let lastDay = NaN;
  const dayAt = (match: RegExpExecArray): Day => existingDay(Number(match[1]), Number(match[3]), Number(match[4]));
  const plainDay = (text: string): Day => {
    if (text === lastText) return lastDay;
    lastText = text;
    lastDay = plainDate.test(text)
      ? existingDay(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8)))
      : NaN;
    return lastDay;
  };
  return {
    name: 'ISO 8601',
    isUtc: false,
    read: (text, into) => {
      if (text.length >= 16 && readPlainClock(text, into)) {
        const day = plainDay(text.slice(0, 10));
        into.localMs += day * DAY_MS;
        if (Number.isFinite(day)) return true;
      }
      const match = date.exec(text);
      if (match === null) return false;
      const day = dayAt(match);
      const rest = text.slice(match[0].length);
      into.offsetMinutes = NaN;
      into.localMs = day * DAY_MS;
      if (rest === '') return match[0].length === text.length && Number.isFinite(day);
      const long = clock.exec(rest);
      if (long === null || !assemble({ Y: '1970', m: '1', d: '1', ...long.groups }, into)) return false;
      into.localMs += day * DAY_MS;
      return Number.isFinite(into.localMs);
    },
  };
}

const COMPACT = new RegExp(
  `^(?<Y>(?:19|20)\\d{2})(?<m>\\d{2})(?<d>\\d{2})(?:(?:T|\\s*)(?<H>\\d{2}):?(?<M>\\d{2})(?::?(?<S>\\d{2})(?:[.,]?(?<f>\\d{1,9}))?)?${ZONE})?$`,
  'i',
);

const dayMonthYear = (separator: string): RegExp =>
  dated(`(?<d>\\d{1,2})${separator}(?<m>\\d{1,2})${separator}(?<Y>\\d{4})`);

/** Ways to write times that are told apart by looking at them; those that look alike are decided by the whole file. */
export const TIME_FORMATS: readonly TimeFormat[] = [
  yearFirst(),
  patternFormat('YYYYMMDD', COMPACT),
  patternFormat('DD.MM.YYYY', dayMonthYear('\\.')),
  patternFormat('DD/MM/YYYY', dayMonthYear('[/-]')),
  patternFormat('MM/DD/YYYY', dated('(?<m>\\d{1,2})[/-](?<d>\\d{1,2})[/-](?<Y>\\d{4})')),
  patternFormat('MMM DD YYYY', dated(`${MONTH_NAME}\\s*-?(?<d>\\d{1,2})(?:st|nd|rd|th)?,?[\\s-]+(?<Y>\\d{4})`)),
  patternFormat('DD MMM YYYY', dated(`(?<d>\\d{1,2})[\\s-]*${MONTH_NAME}[\\s-]*(?<Y>\\d{4})`)),
  patternFormat('DD-MMM-YY', dated(`(?<d>\\d{1,2})[\\s-]+${MONTH_NAME}[\\s-]+(?<y>\\d{2})`)),
];

const DIRECTIVES: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  y: '(?<y>\\d{2})',
  m: '(?<m>\\d{1,2})',
  d: '(?<d>\\d{1,2})',
  b: MONTH_NAME,
  B: MONTH_NAME,
  a: '[A-Za-z]+',
  A: '[A-Za-z]+',
  j: '(?<j>\\d{1,3})',
  H: '(?<H>\\d{1,2})',
  I: '(?<H>\\d{1,2})',
  M: '(?<M>\\d{2})',
  S: '(?<S>\\d{2})',
  f: '(?<f>\\d{1,9})',
  p: '(?<p>[AaPp][Mm])',
  z: '(?<z>Z|UTC|GMT|(?:UTC|GMT)?[+-]\\d{2}:?(?:\\d{2})?)',
  '%': '%',
};

/** Letters as Java, Moment and spreadsheets write them. */
const LETTERS: readonly (readonly [RegExp, string])[] = [
  [/^(yyyy|YYYY)/, 'Y'],
  [/^(yy|YY)/, 'y'],
  [/^MMM+/, 'b'],
  [/^MM?/, 'm'],
  [/^(dd?|DD?)(?![A-Za-z])|^(dd|DD)/, 'd'],
  [/^(HH?|hh?)/, 'H'],
  [/^mm/, 'M'],
  [/^ss/, 'S'],
  [/^S+/, 'f'],
  [/^(a|A)/, 'p'],
  [/^(Z+|X+|z)/, 'z'],
];

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** The directives that a format is made of, and what stands between them; null for one that is not understood. */
function directivesOf(format: string): string[] | null {
  const sources: string[] = [];
  for (let at = 0; at < format.length;) {
    const rest = format.slice(at);
    const quoted = /^'([^']*)'/.exec(rest);
    const percent = format.includes('%') ? /^%-?([A-Za-z%])/.exec(rest) : null;
    const letters = format.includes('%') ? undefined : LETTERS.find(([pattern]) => pattern.test(rest));
    if (percent !== null) {
      const source = DIRECTIVES[percent[1]!];
      if (source === undefined) return null;
      sources.push(source);
      at += percent[0].length;
    } else if (letters !== undefined) {
      sources.push(DIRECTIVES[letters[1]]!);
      at += letters[0].exec(rest)![0].length;
    } else if (quoted !== null) {
      sources.push(escaped(quoted[1]!));
      at += quoted[0].length;
    } else {
      if (!format.includes('%') && /^[A-SU-Za-z]/.test(rest)) return null;
      sources.push(escaped(rest[0]!));
      at++;
    }
  }
  return sources;
}

/** Digits that stand beside digits have a width of their own: 010224 is no 1, 0, 2. */
function fixedWidth(source: string, at: number, sources: readonly string[]): string {
  const isDigits = (one: string | undefined): boolean => one?.startsWith('(?<') === true && one.includes('\\d');
  const isBeside = isDigits(sources[at - 1]) || isDigits(sources[at + 1]);
  return isDigits(source) && isBeside ? source.replace('\\d{1,2}', '\\d{2}') : source;
}

const NAMED: Readonly<Record<string, TimeFormat>> = {
  ...EPOCHS,
  seconds: EPOCHS.s,
  milliseconds: EPOCHS.ms,
  microseconds: EPOCHS.us,
  nanoseconds: EPOCHS.ns,
  excel: EXCEL,
};

const FORMAT_REMEDY =
  'Write it as DD/MM/YYYY HH:mm or %d/%m/%Y %H:%M; or name the unit of an epoch: s, ms, us or ns; iso; excel.';

/** The format that a user wrote. Throws InputError that names `key` for one that is not understood or has no day. */
export function timeFormatNamed(text: string, key: string): TimeFormat {
  const named = Object.hasOwn(NAMED, text.toLowerCase()) ? NAMED[text.toLowerCase()] : undefined;
  if (named !== undefined) return named;
  if (/^iso/i.test(text)) return TIME_FORMATS[0]!;
  const sources = directivesOf(text);
  const source = (sources ?? []).map(fixedWidth).join('');
  const has = (...groups: string[]): boolean => groups.some((group) => source.includes(`(?<${group}>`));
  const twice = [...'YymbdjHMSfpz'].some((group) => source.split(`(?<${group}>`).length > 2);
  const day = has('Y', 'y') && (has('j') || (has('m', 'b') && has('d')));
  if (sources === null || twice || !day) {
    throw new InputError(
      `${key}: ${JSON.stringify(text)} is no format of a time with year, month and day.`,
      FORMAT_REMEDY,
    );
  }
  // A time of day may stand in a column of its own, which the format need not mention.
  const clock = has('H') ? '' : `(?:(?:T|,?\\s+)${CLOCK}${has('z') ? '' : ZONE})?`;
  return patternFormat(text, new RegExp(`^${source}${clock}$`, 'i'), (groups, into) =>
    assemble({ ...groups, M: groups.M ?? '0' }, into),
  );
}
