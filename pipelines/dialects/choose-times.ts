import { InputError } from '../../infra/errors.ts';
import { TimeCandidates } from './detect-time.ts';
import type { FileDialect } from './file-dialect.ts';
import { EPOCHS, TIME_FORMATS, type ReadTime, type TimeFormat } from './time-format.ts';
import { RowTimes } from './row-times.ts';

/** Gives `onTime` every date or time of a file, and its time of day where that stands apart. */
type EachTime = (onTime: (time: string, clock: string) => void) => Promise<void> | void;

export interface ChooseTimesOptions {
  readonly path: string;
  /** The first row, for messages: `line 2`. */
  readonly firstRow: string;
  readonly dialect: FileDialect;
  /** Whether the header says that times are UTC's. */
  readonly isUtc: boolean;
  /** Of the first rows. */
  readonly sample: EachTime;
  /** Of all rows; asked for only where the first leave it open. */
  readonly all: EachTime;
}

/** How a file writes times, and how many digits its times of day have where they are digits alone; 0 where not. */
export interface ChosenTimes {
  readonly times: RowTimes;
  readonly clockDigits: number;
}

/** What the times of a file have in common. */
class Looked {
  readonly candidates: TimeCandidates;
  #shortest = Infinity;
  #longest = 0;
  #areDigits = true;

  readonly #where: string;

  constructor(where: string, formats?: readonly TimeFormat[]) {
    this.#where = where;
    this.candidates = new TimeCandidates(formats);
  }

  take(time: string, clock: string): void {
    this.candidates.add(time);
    if (clock === '') return;
    if (!/^\d+$/.test(clock)) this.#areDigits = false;
    this.#shortest = Math.min(this.#shortest, clock.length);
    this.#longest = Math.max(this.#longest, clock.length);
  }

  #hoursOrMinutes(): InputError {
    return new InputError(
      `${this.#where}: no time of day has more than two digits: they may be hours, minutes or seconds.`,
      'Write them as 09:30 or 0930.',
    );
  }

  /** Digits of a time of day; undefined where hours and minutes, or minutes and seconds, may be meant. */
  clockDigits(isAll: boolean): number | undefined {
    if (!this.#areDigits || this.#longest === 0) return 0;
    if (isAll && this.#longest <= 2) throw this.#hoursOrMinutes();
    if (this.#longest > 4) return this.#longest > 6 ? 9 : 6;
    return isAll || this.#shortest === 4 ? 4 : undefined;
  }
}

async function lookAt(where: string, each: EachTime, formats?: readonly TimeFormat[]): Promise<Looked> {
  const looked = new Looked(where, formats);
  await each((time, clock) => looked.take(time, clock));
  return looked;
}

/** A time with its time of day, where that stands in a column of its own. */
export function joinedTime(time: string, clock: string | undefined, digits: number): string {
  if (clock === undefined || clock === '') return time;
  return `${time} ${digits > 0 && clock.length < digits ? clock.padStart(digits, '0') : clock}`;
}

/**
 * Finds out how a file writes times: what the user said, else what its first rows show, else what all of it does.
 * Throws InputError where nothing tells.
 */
export async function chooseTimes(options: ChooseTimesOptions): Promise<ChosenTimes> {
  const { path, firstRow, dialect, isUtc, sample, all } = options;
  const where = `${path}, ${firstRow}`;
  let looked = await lookAt(where, sample);
  const decided = dialect.timeFormat ?? looked.candidates.decide();
  const isOpen = typeof decided === 'object' && 'undecided' in decided;
  const isFile = isOpen || looked.clockDigits(false) === undefined;
  if (isFile) looked = await lookAt(where, all, isOpen ? decided.undecided : undefined);
  const format = dialect.timeFormat ?? formatOf(looked.candidates, where);
  const clockDigits = looked.clockDigits(isFile) ?? 4;
  const times = new RowTimes(format, dialect.zone, isUtc);
  const { first } = looked.candidates;
  const probe = new RowTimes(format, dialect.zone, isUtc);
  probe.read(first);
  if (format.isUtc || probe.zone.from === 'file') probe.requireIdleZone(path);
  return { times, clockDigits };
}

/** What `--time-format` calls a format. */
function optionOf(format: TimeFormat): string {
  return Object.entries(EPOCHS).find(([, one]) => one === format)?.[0] ?? format.name;
}

/** Formats that are never guessed and could be meant: dates of six digits, serial days of a spreadsheet. */
function otherReadings(text: string): string[] {
  if (/^\d{6}$/.test(text)) return ['DDMMYY', 'YYMMDD'];
  return /^\d{5}(\.\d+)?$/.test(text) ? ['excel'] : [];
}

function formatOf(candidates: TimeCandidates, where: string): TimeFormat {
  const decided = candidates.decide();
  // Nothing is a time: each row is told of.
  if (decided === 'none') return TIME_FORMATS[0]!;
  if ('read' in decided) return decided;
  const text = JSON.stringify(candidates.first.slice(0, 40));
  const remedy = 'Say which it is with --time-format';
  const inData = '(timeFormat in data of an experiment).';
  const { undecided } = decided;
  if (undecided.length === 0) {
    throw new InputError(
      `${where}: times like ${text} are no epoch of 1900 to 2100 in any unit.`,
      `Say how they are to be read with --time-format, or which column holds the time with --columns ${inData}`,
    );
  }
  const read: ReadTime = { localMs: 0, offsetMinutes: NaN };
  const ways = undecided.map((format) => {
    const at = format.read(candidates.first, read) ? new Date(read.localMs).toISOString().slice(0, 16) : 'no time';
    return `${at} as ${format.name}`;
  });
  throw new InputError(
    `${where}: times like ${text} may mean ${ways.join(', or ')}, and no other time of the file tells.`,
    `${remedy} ${[...undecided.map(optionOf), ...otherReadings(candidates.first)].join(', ')} ${inData}`,
  );
}
