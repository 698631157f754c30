import { DAY_MS, MINUTE_MS } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';

/** A clock on a wall: how far it is from UTC at a moment, and when it showed a time. */
export interface TimeZone {
  /** IANA name or offset, as the user wrote it. */
  readonly name: string;
  /** What the clock shows less UTC, at a moment, in milliseconds. */
  offsetMs(timeMs: number): number;
  /**
   * UTC milliseconds at which the clock shows `localMs`: the only moment, or the first of two where it was set back
   * between them; NaN for a time that was skipped.
   */
  earlierMs(localMs: number): number;
  /** The last moment at which the clock shows `localMs`. */
  laterMs(localMs: number): number;
}

const FIXED = /^(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?$/i;

function fixedZone(name: string, offset: number): TimeZone {
  const toUtc = (localMs: number): number => localMs - offset;
  return { name, offsetMs: () => offset, earlierMs: toUtc, laterMs: toUtc };
}

/** What a zone's clock shows, as the milliseconds at which a clock of UTC shows the same. */
function wallClock(format: Intl.DateTimeFormat, timeMs: number): number {
  const parts = new Map(format.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type)!;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** Offsets change at full quarters of an hour, in every zone since 1900 that trades. */
const STEP_MS = 15 * MINUTE_MS;

class NamedZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** By day: its offset where it has one, NaN where it changes. */
  readonly #ofDay = new Map<number, number>();
  readonly #ofStep = new Map<number, number>();

  constructor(name: string) {
    this.name = name;
    const fields = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
    const clock = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, era: undefined, ...fields, ...clock });
  }

  offsetMs(timeMs: number): number {
    const day = Math.floor(timeMs / DAY_MS);
    let whole = this.#ofDay.get(day);
    if (whole === undefined) {
      const [first, last] = [this.#ask(day * DAY_MS), this.#ask((day + 1) * DAY_MS)];
      whole = first === last ? first : NaN;
      this.#ofDay.set(day, whole);
    }
    if (!Number.isNaN(whole)) return whole;
    const step = Math.floor(timeMs / STEP_MS);
    const known = this.#ofStep.get(step) ?? this.#ask(step * STEP_MS);
    this.#ofStep.set(step, known);
    return known;
  }

  #ask(timeMs: number): number {
    return wallClock(this.#format, timeMs) - timeMs;
  }

  #moments(localMs: number): number[] {
    const offsets = new Set([this.offsetMs(localMs - DAY_MS), this.offsetMs(localMs + DAY_MS)]);
    const moments = [...offsets].map((offset) => localMs - offset);
    return moments.filter((timeMs) => timeMs + this.offsetMs(timeMs) === localMs).sort((a, b) => a - b);
  }

  earlierMs(localMs: number): number {
    return this.#moments(localMs)[0] ?? NaN;
  }

  laterMs(localMs: number): number {
    return this.#moments(localMs).at(-1) ?? NaN;
  }
}

const ZONES = new Map<string, TimeZone>();

/**
 * The zone called `name`: an IANA name (`America/New_York`), `UTC`, or an offset (`+02:00`). Throws InputError for any
 * other, which names `key`, where it was asked for. Rules come from the Unicode data that Node carries.
 */
export function zoneNamed(name: string, key: string): TimeZone {
  const known = ZONES.get(name);
  if (known !== undefined) return known;
  const zone = createZone(name.trim(), key);
  ZONES.set(name, zone);
  return zone;
}

function createZone(name: string, key: string): TimeZone {
  if (/^(utc|gmt|z)$/i.test(name)) return fixedZone('UTC', 0);
  const fixed = FIXED.exec(name);
  if (fixed !== null) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3] ?? '0');
    if (minutes <= 16 * 60) return fixedZone(name, (fixed[1] === '-' ? -1 : 1) * minutes * MINUTE_MS);
  }
  try {
    // An abbreviation stands for several zones, and only some of them change for summer time.
    if (name.includes('/')) return new NamedZone(name);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
  }
  throw new InputError(
    `${key}: there is no time zone ${JSON.stringify(name)}.`,
    'Use a name such as America/New_York or Europe/London, UTC, or an offset such as +02:00.',
  );
}
