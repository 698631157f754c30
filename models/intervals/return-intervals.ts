import { barsOfDecisions } from '../scores/resample-table.ts';
import { RankedWindow } from './ranked-window.ts';
import type { IntervalSettings } from './intervals-schema.ts';

/** Out-of-sample predictions, ascending in decision time. */
export interface IntervalInput {
  readonly score: Float64Array;
  /** Simple return over the label's horizon. */
  readonly realisedReturn: Float64Array;
  readonly decisionTimeMs: Float64Array;
  readonly symbol: readonly string[];
}

/** Bounds of each row's return; NaN where too little was known by then. */
export interface ReturnIntervals {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Weight of the newest absolute return in a symbol's scale: a mean age of 16 rows. */
const SCALE_STEP = 0.06;
/** Known returns that a symbol's scale, and residuals that an interval, needs at least. */
const SCALE_ROWS_MIN = 10;
const RESIDUALS_MIN = 50;

/** Which rows come when, and when the return of each is known. */
interface Timeline {
  /** First row of each decision time, and the number of rows at the end. */
  readonly firstRow: readonly number[];
  /** Decision time of each row, by its number. */
  readonly timeOf: Int32Array;
  /** Rows whose return is known at each decision time and was not before. */
  readonly known: readonly (readonly number[])[];
}

/** A return is known once its symbol has as many later rows as the horizon has bars: never earlier than it was. */
function timelineOf({ decisionTimeMs, symbol }: IntervalInput, horizonBars: number): Timeline {
  const rows = decisionTimeMs.length;
  const { barOfRow: timeOf, bars: times } = barsOfDecisions(decisionTimeMs);
  const firstRow = Array.from({ length: times + 1 }, () => rows);
  for (let row = rows - 1; row >= 0; row--) firstRow[timeOf[row]!] = row;
  const known: number[][] = Array.from({ length: times }, () => []);
  const rowsOf = new Map<string, number[]>();
  for (let row = 0; row < rows; row++) {
    const own = rowsOf.get(symbol[row]!) ?? [];
    rowsOf.set(symbol[row]!, own);
    own.push(row);
    const earlier = own[own.length - 1 - horizonBars];
    if (earlier !== undefined) known[timeOf[row]!]!.push(earlier);
  }
  return { firstRow, timeOf, known };
}

/** What is expected of a row, and how far its kind of row misses, by what was known at its decision. */
interface Expected {
  readonly centre: Float64Array;
  /** NaN where too little was known. */
  readonly scale: Float64Array;
}

/** A line through all known pairs of score and return. */
class KnownLine {
  #n = 0;
  #score = 0;
  #value = 0;
  #spread = 0;
  #product = 0;

  add(score: number, value: number): void {
    this.#n++;
    const distance = score - this.#score;
    this.#score += distance / this.#n;
    this.#value += (value - this.#value) / this.#n;
    this.#spread += distance * (score - this.#score);
    this.#product += distance * (value - this.#value);
  }

  at(score: number): number {
    const slope = this.#n >= RESIDUALS_MIN && this.#spread > 0 ? this.#product / this.#spread : 0;
    return this.#value + slope * (score - this.#score);
  }
}

function expectedOf({ score, realisedReturn, symbol }: IntervalInput, timeline: Timeline): Expected {
  const centre = new Float64Array(score.length);
  const scale = new Float64Array(score.length).fill(NaN);
  const line = new KnownLine();
  const scales = new Map<string, { mean: number; count: number }>();
  timeline.known.forEach((rows, time) => {
    for (const row of rows) {
      const value = realisedReturn[row]!;
      line.add(score[row]!, value);
      const own = scales.get(symbol[row]!) ?? { mean: 0, count: 0 };
      own.count++;
      own.mean += Math.max(SCALE_STEP, 1 / own.count) * (Math.abs(value) - own.mean);
      scales.set(symbol[row]!, own);
    }
    for (let row = timeline.firstRow[time]!; row < timeline.firstRow[time + 1]!; row++) {
      centre[row] = line.at(score[row]!);
      const own = scales.get(symbol[row]!);
      if (own !== undefined && own.count >= SCALE_ROWS_MIN && own.mean > 0) scale[row] = own.mean;
    }
  });
  return { centre, scale };
}

/**
 * Intervals for the return that follows each prediction, from out-of-sample predictions alone: split conformal
 * prediction over the newest known residuals (Vovk, Gammerman and Shafer 2005), each in multiples of its symbol's
 * recent absolute return, with a rate of misses that is corrected after each known outcome (adaptive conformal
 * inference, Gibbs and Candes 2021), so that the share of returns within is near `level` in the long run whatever
 * becomes of the market. Nothing of a row is used before its return was known.
 */
export function returnIntervals(
  input: IntervalInput,
  { level, adaptation, windowBars, horizonBars }: IntervalSettings & { readonly horizonBars: number },
): ReturnIntervals {
  const { realisedReturn } = input;
  const rows = realisedReturn.length;
  const timeline = timelineOf(input, horizonBars);
  const { centre, scale } = expectedOf(input, timeline);
  const residual = realisedReturn.map((value, row) => (value - centre[row]!) / scale[row]!);
  const window = new RankedWindow(residual);
  const [low, high] = [new Float64Array(rows).fill(NaN), new Float64Array(rows).fill(NaN)];
  const isIn = new Uint8Array(rows);
  let missRate = 1 - level;
  let oldest = 0;
  timeline.known.forEach((known, time) => {
    for (const row of known) {
      if (Number.isNaN(residual[row]!)) continue;
      window.add(row);
      isIn[row] = 1;
    }
    missRate += adaptation * correction(known, { realisedReturn, low, high, timeline, wanted: 1 - level });
    for (; oldest < rows && timeline.timeOf[oldest]! <= time - horizonBars - windowBars; oldest++) {
      if (isIn[oldest] === 1) window.remove(oldest);
    }
    if (window.count < RESIDUALS_MIN) return;
    const tail = Math.min(1, Math.max(0, missRate)) / 2;
    const below = window.smallest(Math.floor((window.count + 1) * tail));
    const above = window.smallest(Math.ceil((window.count + 1) * (1 - tail)));
    for (let row = timeline.firstRow[time]!; row < timeline.firstRow[time + 1]!; row++) {
      low[row] = centre[row]! + below * scale[row]!;
      high[row] = centre[row]! + above * scale[row]!;
    }
  });
  return { low, high };
}

interface Outcomes extends ReturnIntervals {
  readonly realisedReturn: Float64Array;
  readonly timeline: Timeline;
  readonly wanted: number;
}

/** Wanted misses less those of the rows whose returns are known by now, by decision times: a time counts once. */
function correction(known: readonly number[], { realisedReturn, low, high, timeline, wanted }: Outcomes): number {
  const times = new Map<number, { rows: number; misses: number }>();
  for (const row of known) {
    if (Number.isNaN(low[row]!)) continue;
    const own = times.get(timeline.timeOf[row]!) ?? { rows: 0, misses: 0 };
    times.set(timeline.timeOf[row]!, own);
    own.rows++;
    if (realisedReturn[row]! < low[row]! || realisedReturn[row]! > high[row]!) own.misses++;
  }
  let sum = 0;
  for (const { rows, misses } of times.values()) sum += wanted - misses / rows;
  return sum;
}
