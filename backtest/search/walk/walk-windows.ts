import { sliceBarColumns, type BarColumns } from '../../../features/bar.ts';
import { InputError } from '../../../infra/errors.ts';

/** Lengths of the windows in distinct closes. */
export interface WalkLengths {
  readonly trainBars: number;
  readonly testBars: number;
  /** Training begins at the first bar of all instead of `trainBars` before its test. */
  readonly anchored: boolean;
}

/** One step: parameters are chosen on closes in the first span and traded over those in the second. Ends included. */
export interface WalkWindow {
  readonly trainFromMs: number;
  readonly trainToMs: number;
  readonly testFromMs: number;
  readonly testToMs: number;
}

/**
 * Windows one after the other, each test right after its training and all tests end to end. What is left at the end is
 * too short for a test and is not used. InputError where not even one fits.
 */
export function walkWindows(bars: readonly BarColumns[], lengths: WalkLengths): WalkWindow[] {
  const { trainBars, testBars, anchored } = lengths;
  const closes = distinctCloses(bars);
  const windows: WalkWindow[] = [];
  for (let test = trainBars; test + testBars <= closes.length; test += testBars) {
    windows.push({
      trainFromMs: closes[anchored ? 0 : test - trainBars]!,
      trainToMs: closes[test - 1]!,
      testFromMs: closes[test]!,
      testToMs: closes[test + testBars - 1]!,
    });
  }
  if (windows.length > 0) return windows;
  throw new InputError(
    `${closes.length} bars hold no window of ${trainBars} to train and ${testBars} to test.`,
    'Shorten --train-bars or --test-bars, or give more bars.',
  );
}

function distinctCloses(bars: readonly BarColumns[]): Float64Array {
  const closes = new Set<number>();
  for (const { closeTimeMs } of bars) for (const close of closeTimeMs) closes.add(close);
  return Float64Array.from(closes).sort();
}

/** The bars that close from `fromMs` to `toMs`, both included; memory is shared. */
export function barsWithin(bars: BarColumns, fromMs: number, toMs: number): BarColumns {
  const { closeTimeMs, length } = bars;
  let from = 0;
  while (from < length && closeTimeMs[from]! < fromMs) from++;
  let to = from;
  while (to < length && closeTimeMs[to]! <= toMs) to++;
  return sliceBarColumns(bars, from, to);
}
