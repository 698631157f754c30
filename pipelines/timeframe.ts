import { DAY_MS, HOUR_MS, TIMEFRAMES, timeframeMs, type Timeframe } from '../features/timeframe.ts';
import { InputError } from '../infra/errors.ts';

/** The bar size a user named. Throws InputError that lists the sizes there are. */
export function parseTimeframe(text: string): Timeframe {
  if (!TIMEFRAMES.some((timeframe) => timeframe === text)) {
    throw new InputError(`Unknown timeframe "${text}".`, `Use one of ${TIMEFRAMES.join(', ')}.`);
  }
  return text as Timeframe;
}

/** A clock that changes for summer time makes one day of 23 hours; daily bars stamped in local time show it. */
const SHORTEST_DAY_MS = 23 * HOUR_MS;
/** Weekends with holidays keep daily bars up to five days apart; no daily series has that as its smallest step. */
const LONGEST_DAILY_STEP_MS = 4 * DAY_MS;

/**
 * The bar size that ascending open times imply: the longest that fits into their smallest step, so that bars never
 * overlap. Fewer than two times count as daily. Throws InputError where bars are longer than a day or shorter than a
 * minute.
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
  const fitting = TIMEFRAMES.filter((timeframe) => timeframeMs(timeframe) <= step);
  const longest = fitting.at(-1);
  if (longest === undefined) {
    throw new InputError(`${where}: bars are ${step} ms apart, shorter than one minute.`, remedy);
  }
  return longest;
}
