import { DAY_MS } from '../../features/timeframe.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { Fold } from '../splits/fold.ts';
import type { PlannedFold } from '../registry/training-store.ts';

/** Ends of a fold's training and test range and the start of the latter: decision times, UTC milliseconds. */
export interface TestedSpan {
  readonly trainToMs: number;
  readonly testFromMs: number;
  readonly testToMs: number;
}

/** Spans of planned folds. */
export function plannedSpans(folds: readonly Pick<PlannedFold, 'train' | 'test'>[]): TestedSpan[] {
  return folds.map(({ train, test }) => ({
    trainToMs: Date.parse(train.to),
    testFromMs: Date.parse(test.from),
    testToMs: Date.parse(test.to),
  }));
}

/** Spans of folds in memory. */
export function foldSpans(folds: readonly Pick<Fold, 'ranges'>[]): TestedSpan[] {
  return folds.map(({ ranges }) => ({
    trainToMs: ranges.train.toMs,
    testFromMs: ranges.test.fromMs,
    testToMs: ranges.test.toMs,
  }));
}

/**
 * How long after its last label a model may give signals, in ms: `registry.expiresAfterDays`, or as long as the splits
 * tested one. Walk-forward models are tested until the end of their test window; of other splits, whose models know
 * both sides, a test block's length counts.
 */
export function lifeMsOf(experiment: Pick<Experiment, 'registry' | 'splits'>, spans: readonly TestedSpan[]): number {
  const { expiresAfterDays } = experiment.registry;
  if (expiresAfterDays !== 'tested') return expiresAfterDays * DAY_MS;
  const ordered = experiment.splits.kind === 'walk-forward';
  return spans.reduce(
    (longest, { trainToMs, testFromMs, testToMs }) => Math.max(longest, testToMs - (ordered ? trainToMs : testFromMs)),
    0,
  );
}
