import { InputError } from '../infra/errors.ts';

const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** Length of each bar size in milliseconds; `1d` is nominal, a daily bar really ends at its calendar's close. */
const LENGTH_MS = {
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '4h': 240 * MINUTE_MS,
  '1d': DAY_MS,
} as const;

export type Timeframe = keyof typeof LENGTH_MS;

/** All bar sizes, shortest first. */
export const TIMEFRAMES = Object.keys(LENGTH_MS) as readonly Timeframe[];

/** Milliseconds that a bar of `timeframe` nominally spans. */
export function timeframeMs(timeframe: Timeframe): number {
  return LENGTH_MS[timeframe];
}

/** The bar size a user named. Throws InputError that lists the sizes there are. */
export function parseTimeframe(text: string): Timeframe {
  if (!Object.hasOwn(LENGTH_MS, text)) {
    throw new InputError(`Unknown timeframe "${text}".`, `Use one of ${TIMEFRAMES.join(', ')}.`);
  }
  return text as Timeframe;
}

/** A clock that changes for summer time makes one day of 23 hours; daily bars stamped in local time show it. */
const SHORTEST_DAY_MS = 23 * 60 * MINUTE_MS;
/** Weekends with holidays keep daily bars up to five days apart; no daily series has that as its smallest step. */
const LONGEST_DAILY_STEP_MS = 4 * DAY_MS;

/**
 * The bar size that ascending open times imply: the longest that fits into their smallest step, so that bars never overlap.
 * Fewer than two times count as daily. Throws InputError where bars are longer than a day or shorter than a minute.
 */
export function inferTimeframe(openTimeMs: Float64Array, length: number, where: string): Timeframe {
  let step = Infinity;
  for (let i = 1; i < length; i++) step = Math.min(step, openTimeMs[i]! - openTimeMs[i - 1]!);
  if (step === Infinity || (step >= SHORTEST_DAY_MS && step <= LONGEST_DAILY_STEP_MS)) return '1d';
  const remedy = `Signalbox knows bars of ${TIMEFRAMES.join(', ')}; give --timeframe if the times are right.`;
  if (step > LONGEST_DAILY_STEP_MS) {
    throw new InputError(
      `${where}: bars are ${Math.round(step / DAY_MS)} days or more apart, longer than daily.`,
      remedy,
    );
  }
  const fitting = TIMEFRAMES.filter((timeframe) => LENGTH_MS[timeframe] <= step);
  const longest = fitting.at(-1);
  if (longest === undefined) {
    throw new InputError(`${where}: bars are ${step} ms apart, shorter than one minute.`, remedy);
  }
  return longest;
}
