import { InputError } from '../../infra/errors.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../features/timeframe.ts';
import { TEXT_MAX } from './detect-time.ts';
import { EARLIEST_MS, epochMs, LATEST_MS, type ReadTime, type TimeFormat } from './time-format.ts';
import { zoneNamed, type TimeZone } from './time-zone.ts';

/** Where the zone of a file's times is from: the times name it, the user did, or nothing does and it counts as UTC. */
export type ZoneOrigin = 'file' | 'option' | 'assumed';

const UTC = zoneNamed('UTC', '');

/** Clocks skip quarters of an hour, two hours at most; Samoa skipped a day, which has no moment. */
const SKIP_STEP_MS = 15 * MINUTE_MS;
const SKIP_MAX_MS = 2 * HOUR_MS;

/** The last time of a symbol, and whether its rows go back in time: files that begin with the newest row. */
interface TimeBefore {
  timeMs: number;
  falls: boolean;
}

/** Reads the times of one file: one format, one unit, one way to name zones. */
export class RowTimes {
  readonly format: TimeFormat;
  readonly #zone: TimeZone;
  readonly #hasZone: boolean;
  readonly #isUtcByName: boolean;
  readonly #read: ReadTime = { localMs: 0, offsetMinutes: NaN };
  /** Whether the times name their zone; undefined while none was read. */
  #zoned: boolean | undefined;
  /** Of each symbol, for times that a clock showed twice. */
  readonly #before = new Map<string | number, TimeBefore>();
  /** The zone that the times name, where it is always the same. */
  #fileOffset: number | 'several' | undefined;
  /** What the clock of the last time showed less UTC, in minutes. */
  offsetMinutes = 0;
  /** Why the last time could not be read, in words. */
  problem = '';

  /** `isUtcByName` says that the name of their column does: `Gmt time`. */
  constructor(format: TimeFormat, zone: TimeZone | undefined, isUtcByName = false) {
    this.format = format;
    this.#isUtcByName = isUtcByName;
    this.#zone = zone ?? UTC;
    this.#hasZone = zone !== undefined;
  }

  /**
   * UTC milliseconds of a time of `symbol`; NaN, and why in `problem`. A time that a clock showed twice is the first of
   * the two that goes on from the time before, up or down.
   */
  read(text: string, symbol: string | number = ''): number {
    const read = this.#read;
    if (text.length > TEXT_MAX || !this.format.read(text, read)) return this.#refuse(text, this.#notATime(text));
    if (read.localMs < EARLIEST_MS || read.localMs >= LATEST_MS) return this.#refuse(text, this.#outside(read.localMs));
    if (this.format.isUtc) {
      this.offsetMinutes = 0;
      return read.localMs;
    }
    const isZoned = !Number.isNaN(read.offsetMinutes);
    this.#zoned ??= isZoned;
    if (isZoned !== this.#zoned) {
      return this.#refuse(
        text,
        `names ${isZoned ? 'a' : 'no'} zone, and the file's other times ${isZoned ? 'none' : 'do'}`,
      );
    }
    if (isZoned) return this.#ofFile(read);
    return this.#ofZone(text, read.localMs, symbol);
  }

  /** UTC milliseconds of an epoch that is a number already; NaN, and why in `problem`, for one outside. */
  readEpoch(value: number): number {
    this.offsetMinutes = 0;
    const timeMs = epochMs(value, this.format.unitMs!);
    if (timeMs >= EARLIEST_MS && timeMs < LATEST_MS) return timeMs;
    return this.#refuse(String(value), Number.isFinite(value) ? this.#outside(timeMs) : 'is not a time');
  }

  /** UTC milliseconds of a moment that the file itself marks as one. */
  readMoment(timeMs: number): number {
    this.#zoned = true;
    this.#fileOffset = 0;
    this.offsetMinutes = 0;
    return timeMs;
  }

  /** UTC milliseconds of a time that a clock showed, with no zone beside it. */
  readLocal(localMs: number, symbol: string | number): number {
    this.#zoned = false;
    if (!(localMs >= EARLIEST_MS && localMs < LATEST_MS)) {
      return this.#refuse(String(localMs), Number.isFinite(localMs) ? this.#outside(localMs) : 'is not a time');
    }
    return this.#ofZone(new Date(localMs).toISOString(), localMs, symbol);
  }

  #ofFile({ localMs, offsetMinutes }: ReadTime): number {
    this.#fileOffset ??= offsetMinutes;
    if (this.#fileOffset !== offsetMinutes) this.#fileOffset = 'several';
    this.offsetMinutes = offsetMinutes;
    return localMs - offsetMinutes * MINUTE_MS;
  }

  #ofZone(text: string, localMs: number, symbol: string | number): number {
    if (this.#zone === UTC) {
      this.offsetMinutes = 0;
      return localMs;
    }
    const earlierMs = startOf(this.#zone, localMs);
    if (Number.isNaN(earlierMs)) return this.#refuse(text, `was skipped by the clocks of ${this.#zone.name}`);
    const timeMs = this.#goingOn(earlierMs, localMs, symbol);
    if (Number.isNaN(timeMs)) {
      const words = `was shown twice by the clocks of ${this.#zone.name}, and the rows of that hour are not in their order`;
      return this.#refuse(text, words);
    }
    this.offsetMinutes = (localMs - timeMs) / MINUTE_MS;
    return timeMs;
  }

  /** Of the moments at which the clock showed a time, the one that goes on from the time before; NaN for none. */
  #goingOn(earlierMs: number, localMs: number, symbol: string | number): number {
    const before = this.#before.get(symbol);
    if (before === undefined) {
      this.#before.set(symbol, { timeMs: earlierMs, falls: false });
      return earlierMs;
    }
    let timeMs = earlierMs;
    if (before.falls) {
      const laterMs = this.#zone.laterMs(localMs);
      if (laterMs < before.timeMs) timeMs = laterMs;
    } else if (earlierMs <= before.timeMs) {
      timeMs = this.#zone.laterMs(localMs);
      if (timeMs === before.timeMs && timeMs !== earlierMs) return NaN;
    }
    before.falls = timeMs < before.timeMs;
    before.timeMs = timeMs;
    return timeMs;
  }

  #refuse(text: string, why: string): number {
    this.problem = text === '' ? 'time is empty' : `time ${JSON.stringify(text.slice(0, 40))} ${why}`;
    return NaN;
  }

  #notATime(text: string): string {
    const { name } = this.format;
    const zone = /\d\s+([A-Z]{3,4})$/.exec(text)?.[1];
    if (zone !== undefined && zone !== 'AM' && zone !== 'PM') {
      return `ends in the zone ${zone}, and such letters stand for several: write an offset (-05:00), or none and give --timezone`;
    }
    return name === 'ISO 8601' ? 'is not a time' : `is not a time (the file's times are ${name})`;
  }

  #outside(timeMs: number): string {
    const at = new Date(timeMs);
    const taken = Number.isNaN(at.getTime()) ? '' : `: ${at.toISOString()}`;
    return `is outside 1900 to 2100 as ${this.format.name}${taken}`;
  }

  /** Whether times are those of a clock that is not UTC's. */
  get isLocal(): boolean {
    return this.#zone !== UTC;
  }

  /** Throws InputError where a zone was asked for and the file names its own. */
  requireIdleZone(path: string): void {
    if (!this.#hasZone || !(this.format.isUtc || this.#zoned === true || this.#isUtcByName)) return;
    const why = this.format.isUtc ? `are ${this.format.name}, which count from 1970 in UTC` : 'name their own zone';
    throw new InputError(
      `${path}: its times ${why}: a timezone would do nothing.`,
      'Leave out --timezone (timezone in data).',
    );
  }

  /** The zone of the times and who says so. */
  get zone(): { readonly name: string; readonly from: ZoneOrigin } {
    if (this.format.isUtc) return { name: 'UTC', from: 'file' };
    if (this.#zoned === true) return { name: offsetName(this.#fileOffset!), from: 'file' };
    if (this.#isUtcByName) return { name: 'UTC', from: 'file' };
    return this.#hasZone ? { name: this.#zone.name, from: 'option' } : { name: 'UTC', from: 'assumed' };
  }
}

/**
 * The earlier moment at which a clock showed a time; NaN where it skipped it. A midnight that was skipped, as in Beirut
 * in March, is the first moment of its day: daily bars are named by it.
 */
function startOf(zone: TimeZone, localMs: number): number {
  const timeMs = zone.earlierMs(localMs);
  if (!Number.isNaN(timeMs) || localMs % DAY_MS !== 0) return timeMs;
  for (let skippedMs = SKIP_STEP_MS; skippedMs <= SKIP_MAX_MS; skippedMs += SKIP_STEP_MS) {
    const firstMs = zone.earlierMs(localMs + skippedMs);
    if (!Number.isNaN(firstMs)) return firstMs;
  }
  return NaN;
}

function offsetName(offset: number | 'several'): string {
  if (offset === 'several') return 'several offsets';
  if (offset === 0) return 'UTC';
  const minutes = Math.abs(offset);
  const pair = (value: number): string => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${pair(Math.floor(minutes / 60))}:${pair(minutes % 60)}`;
}
