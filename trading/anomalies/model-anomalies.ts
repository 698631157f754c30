import type { Anomaly, AnomalyKind } from './anomaly.ts';
import { PastValues } from './past-values.ts';

/** Predictions that are judged as one: what they have in common moves their mean, and that of the blocks before. */
const BLOCK = 20;
/** Blocks that are looked back on, and how many there must be. */
const WINDOW = 100;
const PAST_MIN = 20;

/** What a model said, in order of time. */
export interface JudgedPredictions {
  readonly length: number;
  readonly decisionTimeMs: Float64Array;
  readonly probability: Float64Array;
  /** Share of training rows nearer to their centre; NaN where that is not known. */
  readonly novelty: Float64Array;
}

/**
 * Anomalies in how a model behaves, block by block of its predictions: their mean probability, how far from even they
 * are, and how unlike the training its rows are, each against the blocks before. Predictions that follow on each other
 * are alike, which single ones would show as runs of anomalies; means of blocks have that in their spread.
 * @param least from how many standard deviations on
 */
export function modelAnomalies(predictions: JudgedPredictions, least: number): Anomaly[] {
  const { length, probability, novelty, decisionTimeMs } = predictions;
  const judged: readonly { kind: AnomalyKind; of: (row: number) => number; past: PastValues }[] = [
    { kind: 'probability', of: (row) => probability[row]!, past: new PastValues(WINDOW) },
    { kind: 'confidence', of: (row) => Math.abs(probability[row]! - 0.5), past: new PastValues(WINDOW) },
    { kind: 'unlike', of: (row) => novelty[row]!, past: new PastValues(WINDOW) },
  ];
  const found: Anomaly[] = [];
  for (let from = 0; from + BLOCK <= length; from += BLOCK) {
    const timeMs = decisionTimeMs[from + BLOCK - 1]!;
    for (const { kind, of, past } of judged) {
      let sum = 0;
      for (let row = from; row < from + BLOCK; row++) sum += of(row);
      const mean = sum / BLOCK;
      const score = past.count < PAST_MIN ? NaN : Math.abs(past.score(mean));
      if (score >= least)
        found.push({ timeMs, of: 'model', kind, symbol: null, value: mean, usual: past.median, score });
      past.add(mean);
    }
  }
  return found;
}
