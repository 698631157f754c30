import type { SessionResult } from '../../trading/session-result.ts';

/** First index of ascending `times` at or after `timeMs`; their number where there is none. */
export function firstAtOrAfter(times: Float64Array, timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Equity at the last mark before `timeMs`, in currency: the capital where there is none. */
export function equityBefore(
  { timeMs: times, equity, initialCapital }: Pick<SessionResult, 'timeMs' | 'equity' | 'initialCapital'>,
  timeMs: number,
): number {
  const mark = firstAtOrAfter(times, timeMs);
  return mark === 0 ? initialCapital : equity[mark - 1]!;
}
