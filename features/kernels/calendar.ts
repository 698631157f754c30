import { DAY_MS } from '../timeframe.ts';
import { cosineOfTurns, sineOfTurns } from '../arithmetic.ts';
import type { Bar } from '../bar.ts';
import type { BarFeature, BarKernel, Choice } from '../kernel.ts';
import { newYorkLocalMs } from '../new-york-clock.ts';

const JANUARY_1970_DAYS = 719_468;

/**
 * Year, month (0 March ... 11 February) and day (from 0) of a day counted from the epoch, in the Gregorian calendar.
 */
function marchDate(days: number): { month: number; day: number } {
  const shifted = days + JANUARY_1970_DAYS;
  const dayOfEra = shifted - Math.floor(shifted / 146_097) * 146_097;
  const leapless =
    dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096);
  const year = Math.floor(leapless / 365);
  const dayOfYear = dayOfEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  return { month, day: dayOfYear - Math.floor((153 * month + 2) / 5) };
}

/** Place of a local time in a cycle, as a fraction of a turn. */
type Phase = (localMs: number) => number;

const CLOCK: Choice = {
  name: 'clock',
  values: ['utc', 'newyork'],
  meaning: 'read the clock and the date in UTC, or in New York, summer time and all: its open is 9:30 in every season',
};

class Cycle implements BarKernel {
  readonly out = new Float64Array(2);
  readonly newYork: boolean;
  /** Private by name: everything else is memory that is saved and restored. */
  readonly #phase: Phase;

  constructor(phase: Phase, newYork: boolean) {
    this.#phase = phase;
    this.newYork = newYork;
  }

  next({ openTimeMs }: Bar): number {
    const turns = this.#phase(this.newYork ? newYorkLocalMs(openTimeMs) : openTimeMs);
    this.out[0] = sineOfTurns(turns);
    this.out[1] = cosineOfTurns(turns);
    return this.out[0];
  }
}

const dayNumber = (localMs: number): number => Math.floor(localMs / DAY_MS);
/** Monday 0 ... Sunday 6; the epoch was a Thursday. */
const weekdayOf = (localMs: number): number => (((dayNumber(localMs) + 3) % 7) + 7) % 7;

function cycle(name: string, source: string, phase: Phase): BarFeature {
  return {
    name,
    version: 1,
    source: `${source} as a point on a circle, by the bar's open: nothing that is not known when the bar begins.`,
    inputs: 'bar',
    parameters: [],
    choices: [CLOCK],
    outputs: ['sin', 'cos'],
    warmUp: () => 0,
    create: (_, { clock }) => new Cycle(phase, clock === 'newyork'),
  };
}

export const weekday = cycle('weekday', 'Day of the week, Monday at angle 0', (localMs) => weekdayOf(localMs) / 7);

export const dayOfMonth = cycle(
  'dayofmonth',
  'Day of the month, the 1st at angle 0, 31 to a turn',
  (localMs) => marchDate(dayNumber(localMs)).day / 31,
);

export const monthOfYear = cycle(
  'month',
  'Month, January at angle 0',
  (localMs) => ((marchDate(dayNumber(localMs)).month + 2) % 12) / 12,
);

export const timeOfDay = cycle(
  'timeofday',
  'Time of day, midnight at angle 0',
  (localMs) => localMs / DAY_MS - Math.floor(localMs / DAY_MS),
);
