import { DAY_MS, HOUR_MS, MINUTE_MS, TIMEFRAMES, timeframeMs, type Timeframe } from '../features/timeframe.ts';
import { InputError } from '../infra/errors.ts';

/** The bar size that times show. */
interface ImpliedSize {
  /** Null where there are fewer than two times. */
  readonly timeframe: Timeframe | null;
  /** Steps between times that were looked at. */
  readonly steps: number;
  /** Bars that begin between two others of that size: fit neither the bar before nor after. */
  readonly odd: readonly number[];
}

/** A clock that changes for summer time makes a day of 23 and one of 25 hours; daily bars in local time show it. */
const CLOCK_CHANGE_MS = HOUR_MS;
/** Weekends with holidays keep daily bars up to five days apart; no daily series has that as its smallest step. */
const LONGEST_DAILY_STEPS = 4;
/** Share of next days among the steps of a daily series of a symbol that hardly trades. */
const NEXT_DAYS_MIN = 0.1;
/** Steps from which on a size is a fact: fewer may be bars with others missing in between. */
const FEW_STEPS = 4;
const FIRM_STEPS = 20;
/** Bars in a row that are farther apart: no holes any more, but bars of another size. */
const RUN_MAX = 10;

/** Bars of `rows` that may lie off the grid of nearly all. */
const oddMax = (rows: number): number => (rows < 8 ? 0 : Math.max(1, Math.floor(0.02 * rows)));

/** Days in a step of daily bars; NaN for one that is no number of days. */
function daysIn(stepMs: number): number {
  const days = Math.round(stepMs / DAY_MS);
  return days >= 1 && Math.abs(stepMs - days * DAY_MS) <= CLOCK_CHANGE_MS ? days : NaN;
}

/** `2h`, `45m`, `7d` or seconds. */
function sizeName(ms: number): string {
  const days = daysIn(ms);
  if (!Number.isNaN(days)) return days === 7 ? '1 week' : `${days}d`;
  if (ms % HOUR_MS === 0) return `${ms / HOUR_MS}h`;
  return ms % MINUTE_MS === 0 ? `${ms / MINUTE_MS}m` : `${ms / 1000} s`;
}

const SIZES = `Signalbox knows bars of ${TIMEFRAMES.join(', ')}`;

/** The steps of ascending times, with how often each occurs. */
function stepsOf(stamps: Float64Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 1; i < stamps.length; i++) {
    const step = stamps[i]! - stamps[i - 1]!;
    if (!(step > 0)) continue;
    const key = Number.isNaN(daysIn(step)) ? step : daysIn(step) * DAY_MS;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** The most frequent step, the shortest of several; those of less than a bar only where most are such. */
function modeOf(steps: ReadonlyMap<number, number>, total: number): number {
  const short = [...steps].reduce((sum, [step, count]) => sum + (step < MINUTE_MS ? count : 0), 0);
  let mode = NaN;
  let most = 0;
  for (const [step, count] of steps) {
    if (step < MINUTE_MS && short <= total / 2) continue;
    if (count < most || (count === most && step > mode)) continue;
    mode = step;
    most = count;
  }
  return mode;
}

/** The size in milliseconds that daily steps show. */
function dailySize(steps: ReadonlyMap<number, number>, mode: number, total: number): number {
  if ((steps.get(DAY_MS) ?? 0) >= NEXT_DAYS_MIN * total) return DAY_MS;
  const least = Math.min(...steps.keys());
  if (total < FEW_STEPS && least <= LONGEST_DAILY_STEPS * DAY_MS) return DAY_MS;
  return mode;
}

/** Whether a step is a whole number of bars. */
function isMultiple(stepMs: number, sizeMs: number): boolean {
  if (sizeMs < DAY_MS) return stepMs % sizeMs === 0;
  return daysIn(stepMs) % (sizeMs / DAY_MS) === 0;
}

/**
 * Rows that lie between the bars: off the grid of the row before, while the next goes on as if they were not there. A
 * row that those after it agree with is no such row: the market's clock has changed.
 */
function oddRows(stamps: Float64Array, sizeMs: number): { odd: number[]; shifts: number } {
  const odd: number[] = [];
  let last = 0;
  let shifts = 0;
  for (let i = 1; i < stamps.length; i++) {
    if (isMultiple(stamps[i]! - stamps[last]!, sizeMs)) {
      last = i;
      continue;
    }
    const next = i + 1 < stamps.length ? stamps[i + 1]! : NaN;
    if (isMultiple(next - stamps[i]!, sizeMs) && stamps[i]! - stamps[i - 1]! >= sizeMs - CLOCK_CHANGE_MS) {
      shifts++;
      last = i;
    } else odd.push(i);
  }
  return { odd, shifts };
}

/** Where bars of another size begin that go on for a while; -1 where none do. */
function otherSizeFrom(stamps: Float64Array, sizeMs: number): number {
  let run = 0;
  for (let i = 2; i < stamps.length; i++) {
    const step = stamps[i]! - stamps[i - 1]!;
    const isRun = step === stamps[i - 1]! - stamps[i - 2]! && step > sizeMs + CLOCK_CHANGE_MS;
    run = isRun ? run + 1 : 0;
    if (run === RUN_MAX - 1) return i - RUN_MAX;
  }
  return -1;
}

const at = (timeMs: number): string => new Date(timeMs).toISOString();

/** What can be made of bars of a size: longer ones of whole numbers of them, and nothing shorter. */
function waysOn(sizeMs: number): string {
  const longer = TIMEFRAMES.filter((one) => timeframeMs(one) > sizeMs && timeframeMs(one) % sizeMs === 0);
  const made = longer.length === 0 ? 'give a file of finer bars' : `resample the file to ${longer.join(' or ')}`;
  return `${SIZES}: ${made}.`;
}

function unknownSize(where: string, sizeMs: number): InputError {
  const remedy = waysOn(sizeMs);
  const days = daysIn(sizeMs);
  if (days > LONGEST_DAILY_STEPS && days !== 7) {
    return new InputError(`${where}: bars are ${days} days or more apart, longer than daily.`, remedy);
  }
  if (sizeMs < MINUTE_MS) {
    return new InputError(
      `${where}: bars are ${sizeMs} ms apart, shorter than one minute.`,
      `${SIZES}; if the times are minutes, say how they are written with --time-format.`,
    );
  }
  return new InputError(
    `${where}: bars are ${sizeName(sizeMs)} apart, and there are no bars of ${sizeName(sizeMs)}.`,
    `${remedy} If bars are missing in between, give --timeframe.`,
  );
}

function severalSizes(where: string, mode: number, other: string): InputError {
  return new InputError(
    `${where}: its bars are not of one size: most are ${sizeName(mode)} apart, ${other}.`,
    'Keep bars of one size in a file; if they are, and some are missing or begin late, give --timeframe.',
  );
}

/**
 * The bar size that ascending times show: the step that most of them have, which nearly all rows have to fit. Throws
 * InputError for a size that there is not, and where a file mixes sizes: a bar taken for a shorter one would be used
 * before it closed.
 */
function impliedSize(stamps: Float64Array, where: string): ImpliedSize {
  const steps = stepsOf(stamps);
  const total = [...steps.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return { timeframe: null, steps: 0, odd: [] };
  const mode = modeOf(steps, total);
  const size = mode < DAY_MS ? mode : dailySize(steps, mode, total);
  if (size > LONGEST_DAILY_STEPS * DAY_MS) throw unknownSize(where, size);
  const { odd, shifts } = oddRows(stamps, size);
  if (odd.length + shifts > oddMax(stamps.length)) {
    const row = odd[0];
    const other = row === undefined ? 'and some begin at other times' : `but one begins at ${at(stamps[row]!)}`;
    throw severalSizes(where, size, other);
  }
  const timeframe = TIMEFRAMES.find((one) => timeframeMs(one) === size);
  if (timeframe === undefined) throw unknownSize(where, size);
  const from = otherSizeFrom(stamps, size);
  if (from !== -1) {
    const step = stamps[from + 2]! - stamps[from + 1]!;
    throw severalSizes(where, size, `and from ${at(stamps[from]!)} on they are ${sizeName(step)} apart`);
  }
  return { timeframe, steps: total, odd };
}

/** The times of one symbol. */
export interface SymbolTimes {
  readonly symbol: string;
  readonly stamps: Float64Array;
}

export interface SharedSize {
  readonly timeframe: Timeframe;
  /** By symbol: the bars that do not fit. */
  readonly odd: ReadonlyMap<string, readonly number[]>;
}

/**
 * The bar size of several symbols, which has to be one. A symbol of few bars is of the others' size. Where a user says
 * which size it is, `asked`, that is so unless the times clearly show a longer one. A single bar counts as daily.
 */
export function sharedSize(series: readonly SymbolTimes[], asked: Timeframe | undefined, where: string): SharedSize {
  if (asked !== undefined) {
    for (const one of series) requireNoLonger(one, asked, where);
    return { timeframe: asked, odd: new Map() };
  }
  const many = series.length > 1;
  const implied = series.map(({ symbol, stamps }) => {
    return { symbol, stamps, ...impliedSize(stamps, many ? `${where}: ${symbol}` : where) };
  });
  const known = implied.filter(({ timeframe }) => timeframe !== null);
  const firm = known.reduce((best, one) => (best === undefined || one.steps > best.steps ? one : best), known[0]);
  const timeframe = firm?.timeframe ?? '1d';
  const other = known.find((one) => one.timeframe !== timeframe && !isPartOf(one, timeframe));
  if (other !== undefined) {
    throw new InputError(
      `${where}: bars of ${firm!.symbol} are ${timeframe} and bars of ${other.symbol} ${other.timeframe}.`,
      'Read symbols of different bar sizes apart, or resample them to one size.',
    );
  }
  return { timeframe, odd: new Map(implied.map(({ symbol, odd }) => [symbol, odd])) };
}

function isPartOf({ stamps, steps }: ImpliedSize & SymbolTimes, timeframe: Timeframe): boolean {
  const size = timeframeMs(timeframe);
  return steps < FEW_STEPS && stamps.every((timeMs, i) => i === 0 || isMultiple(timeMs - stamps[i - 1]!, size));
}

function requireNoLonger({ symbol, stamps }: SymbolTimes, asked: Timeframe, where: string): void {
  if (stamps.length <= FIRM_STEPS) return;
  const steps = stepsOf(stamps);
  const total = stamps.length - 1;
  const mode = modeOf(steps, total);
  const same = (steps.get(mode) ?? 0) / total;
  if (same < 0.9 || mode <= timeframeMs(asked) || !isMultiple(mode, timeframeMs(asked))) return;
  throw new InputError(
    `${where}: bars of ${symbol} are ${sizeName(mode)} apart, and ${asked} was asked for: taken for shorter ones, they would be used before they closed.`,
    mode === DAY_MS || TIMEFRAMES.some((one) => timeframeMs(one) === mode)
      ? `Ask for ${sizeName(mode)}, or give a finer file.`
      : waysOn(mode),
  );
}
