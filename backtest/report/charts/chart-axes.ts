import { DAY_MS, HOUR_MS } from '../../../features/timeframe.ts';
import type { DayOf } from '../../../pipelines/calendars/market-days.ts';

/** Labels along the time of a chart: more would not fit. */
const TICKS_MAX = 8;

/** Where each mark of a record is drawn, and the channel that draws it. */
export interface TimeAxis {
  readonly encoding: object;
  /** Value of the channel's field `t` for the mark at `index`. */
  at(index: number): number;
}

/**
 * The time axis of marks at `timeMs` (UTC). Days are drawn where they lie. Marks within days stand one beside the
 * other, so that nights and weekends, when nothing trades, take no room.
 */
export function timeAxis(timeMs: Float64Array, dayOf: DayOf): TimeAxis {
  const within = timeMs.some((time, at) => at > 0 && dayOf(time) === dayOf(timeMs[at - 1]!));
  return within ? positionAxis(timeMs) : calendarAxis(timeMs);
}

function calendarAxis(timeMs: Float64Array): TimeAxis {
  const years = (timeMs.at(-1)! - timeMs[0]!) / (365.25 * DAY_MS);
  const format = years > 4 ? '%Y' : years > 0.3 ? '%b %Y' : '%d %b';
  const tickCount = years > 4 ? { interval: 'year', step: Math.ceil(years / 10) } : 6;
  const axis = { format, tickCount, labelOverlap: true, grid: false };
  return {
    encoding: { field: 't', type: 'temporal', scale: { type: 'utc' }, title: null, axis },
    at: (index) => timeMs[index]!,
  };
}

function positionAxis(timeMs: Float64Array): TimeAxis {
  const ticks = ticksOf(timeMs);
  const labels = JSON.stringify(Object.fromEntries(ticks.map(({ index, label }) => [index, label])));
  const axis = {
    values: ticks.map(({ index }) => index),
    labelExpr: `${labels}[datum.value]`,
    ...{ labelOverlap: 'greedy', labelBound: true, grid: false },
  };
  const scale = { domain: [0, timeMs.length - 1], nice: false, zero: false };
  return { encoding: { field: 't', type: 'quantitative', scale, title: null, axis }, at: (index) => index };
}

interface Tick {
  readonly index: number;
  readonly label: string;
}

const HOURS = [0.25, 0.5, 1, 2, 3, 6, 12];

/** Where marks begin something new: another value of `key` than the mark before has. */
function changes(timeMs: Float64Array, key: (timeMs: number) => number): number[] {
  const found: number[] = [];
  for (let at = 1; at < timeMs.length; at++) if (key(timeMs[at]!) !== key(timeMs[at - 1]!)) found.push(at);
  return found;
}

/** `3 Jan 2020` in pieces, UTC; the same on every machine. */
function dateOf(timeMs: number): { day: string; month: string; year: string } {
  const [, day = '', month = '', year = ''] = new Date(timeMs).toUTCString().split(' ');
  return { day: String(Number(day)), month, year };
}

function dayLabel(timeMs: number): string {
  const { day, month } = dateOf(timeMs);
  return `${day} ${month}`;
}

/** Days whose hours are told: of more, their dates say enough. */
const HOURLY_DAYS_MAX = 2;

/** Where stretches of time begin, of the finest kind that has few enough of them. */
function ticksOf(timeMs: Float64Array): Tick[] {
  const days = new Set(Array.from(timeMs, (time) => Math.floor((time - 1) / DAY_MS))).size;
  for (const hours of days > HOURLY_DAYS_MAX ? [] : HOURS) {
    const size = hours * HOUR_MS;
    const begins = changes(timeMs, (time) => Math.floor(time / size));
    if (begins.length > TICKS_MAX) continue;
    return hourTicks(timeMs, { begins: begins.length === 0 ? [0] : begins, size, dated: days > 1 });
  }
  return dayTicks(timeMs);
}

/** Hours of one day; of two, each with its date. */
function hourTicks(
  timeMs: Float64Array,
  { begins, size, dated }: { begins: readonly number[]; size: number; dated: boolean },
): Tick[] {
  return begins.map((index) => {
    const time = Math.floor(timeMs[index]! / size) * size;
    const hour = new Date(time).toISOString().slice(11, 16);
    return { index, label: dated ? `${dayLabel(time)}, ${hour}` : hour };
  });
}

/** A mark is a close, so that one at midnight belongs to the day before. */
function dayTicks(timeMs: Float64Array): Tick[] {
  const days = [0, ...changes(timeMs, (time) => Math.floor((time - 1) / DAY_MS))];
  const dates = days.map((index) => ({ index, timeMs: timeMs[index]! - 1, ...dateOf(timeMs[index]! - 1) }));
  const begins = (key: (date: (typeof dates)[number]) => unknown): typeof dates =>
    dates.filter((date, at) => at === 0 || key(date) !== key(dates[at - 1]!));
  const months = begins(({ month, year }) => `${month} ${year}`);
  const years = begins(({ year }) => year);
  const weeks = begins((date) => Math.floor(date.timeMs / (7 * DAY_MS)));
  for (const some of [dates, weeks]) {
    if (some.length <= TICKS_MAX) return some.map(({ index, day, month }) => ({ index, label: `${day} ${month}` }));
  }
  if (months.length <= 3 * TICKS_MAX) {
    const each = Math.ceil(months.length / TICKS_MAX);
    return everyOf(months, each).map(({ index, month, year }) => ({ index, label: `${month} ${year}` }));
  }
  return everyOf(years, Math.ceil(years.length / TICKS_MAX)).map(({ index, year }) => ({ index, label: year }));
}

const everyOf = <Item>(items: readonly Item[], step: number): Item[] => items.filter((_, at) => at % step === 0);

/** The distance of ticks that d3 draws between `low` and `high`: 1, 2 or 5 times a power of ten. */
export function tickStep(low: number, high: number, count: number): number {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const times = rough / power;
  return power * (times >= Math.sqrt(50) ? 10 : times >= Math.sqrt(10) ? 5 : times >= Math.sqrt(2) ? 2 : 1);
}

/** Decimals that tell ticks of this distance apart. */
function decimalsOf(step: number): number {
  return Number.isFinite(step) && step > 0 ? Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) : 0;
}

/** d3 format of an axis of fractions as percentages whose labels all differ. */
export function percentFormat(low: number, high: number, count: number): string {
  return `.${decimalsOf(100 * tickStep(low, high, count))}%`;
}

/** d3 format of an axis of plain numbers whose labels all differ: `least` decimals or more. */
export function numberFormat(low: number, high: number, count: number, least = 0): string {
  return `.${Math.max(least, decimalsOf(tickStep(low, high, count)))}f`;
}

/** d3 format of an axis of amounts (100k, 2.5M) whose labels all differ. */
export function amountFormat(low: number, high: number, count: number): string {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const digits = Math.ceil(Math.log10(largest / tickStep(low, high, count))) + 1;
  return `.${Number.isFinite(digits) ? Math.min(15, Math.max(3, digits)) : 6}~s`;
}
