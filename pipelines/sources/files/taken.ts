import type { BarColumns } from '../../../features/bar.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import type { Calendar, CalendarName } from '../../calendars/calendar.ts';
import { marketDays } from '../../calendars/market-days.ts';
import type { FileReading } from '../../dialects/file-reading.ts';
import type { ZoneOrigin } from '../../dialects/row-times.ts';

/** What files were taken for: all that a reader has to know or to assume of them. */
export interface Taken {
  /** The only symbol, or all of them. */
  readonly symbol: string | readonly string[];
  readonly timeframe: Timeframe;
  /** How times are written: `ISO 8601`, `epoch seconds`, `DD/MM/YYYY`. */
  readonly unit: string;
  /** Zone of the times. */
  readonly zone: string;
  /** Who says so: the file, an option, or nobody. */
  readonly zoneFrom: ZoneOrigin;
  readonly calendar: CalendarName;
  /** Trading days in a year, for annualising. */
  readonly daysPerYear: 252 | 365;
  /** What else was taken for granted, in sentences. */
  readonly notes: readonly string[];
}

export interface TakenOptions {
  readonly readings: readonly FileReading[];
  readonly universe: readonly BarColumns[];
  readonly timeframe: Timeframe;
  readonly calendar: Calendar;
  readonly newestFirst: boolean;
}

const distinct = (values: readonly string[]): string => [...new Set(values)].join(', ');

/** What is said of files without a volume that is sure to be one. */
function volumeNotes(readings: readonly FileReading[]): string[] {
  if (readings.every(({ hasVolume }) => hasVolume)) return [];
  const like = [...new Set(readings.flatMap(({ volumeLike = [] }) => volumeLike))].slice(0, 3);
  if (like.length === 0) return ['There is no volume; it counts as 0.'];
  const named = like.map((name) => JSON.stringify(name.slice(0, 40))).join(' or ');
  return [`No column is sure to be the volume, which counts as 0; where ${named} is it: --columns volume=${like[0]!}.`];
}

/** Puts together what the files of one reading were taken for. */
export function takenFor({ readings, universe, timeframe, calendar, newestFirst }: TakenOptions): Taken {
  const symbols = universe.map(({ symbol }) => symbol);
  const isAssumed = readings.some(({ zone }) => zone.from === 'assumed');
  const from = isAssumed ? 'assumed' : readings.some(({ zone }) => zone.from === 'option') ? 'option' : 'file';
  const { periodsPerYear, joinsWeekends, guesses = [] } = marketDays(calendar, universe);
  const isIntraday = timeframe !== '1d';
  const weekends = calendar.name === 'none' && periodsPerYear === 365 && guesses.length === 0;
  const notes = [
    ...(isAssumed && isIntraday ? ['The times name no zone and count as UTC; --timezone says otherwise.'] : []),
    ...volumeNotes(readings),
    ...(newestFirst ? ['The newest row came first; the rows were turned round.'] : []),
    ...(joinsWeekends === true
      ? ['The few hours of a Sunday count to Monday, and those of a Saturday to Friday.']
      : []),
    ...guesses,
    ...(weekends ? ['There are bars on all seven days of the week: a year has 365.'] : []),
  ];
  return {
    symbol: symbols.length === 1 ? symbols[0]! : symbols,
    timeframe,
    unit: distinct(readings.map(({ unit }) => unit)),
    zone: distinct(readings.map(({ zone }) => zone.name)),
    zoneFrom: from,
    calendar: calendar.name,
    daysPerYear: periodsPerYear,
    notes,
  };
}

/** Symbols that a sentence names; more are counted. */
const NAMED = 4;

/** The same in a line or a few, for people. */
export function takenText({ symbol, timeframe, unit, zone, zoneFrom, calendar, daysPerYear, notes }: Taken): string {
  const symbols = typeof symbol === 'string' ? [symbol] : symbol;
  const named = symbols.length > NAMED ? `${symbols.length} symbols` : symbols.join(', ');
  const zoned = zoneFrom === 'assumed' ? `${zone} (assumed)` : zone;
  const head = `Taken for ${timeframe} bars of ${named}; times: ${unit}, ${zoned}; calendar ${calendar}, ${daysPerYear} days a year.`;
  return [head, ...notes].join(' ');
}
