import type { Dataset } from '../../models/dataset.ts';
import type { StoredPredictions } from '../../models/registry/prediction-columns.ts';
import type { DecisionRecord } from '../report/report-input.ts';
import { firstAtOrAfter } from '../statistics/equity-before.ts';

/**
 * What a trained experiment knows behind its decisions: the row of features and the model that predicted from it. Rows
 * and predictions ascend in time; of several paths the first is told.
 */
export function decisionRecord(
  dataset: Pick<Dataset, 'decisionTimeMs' | 'symbolIndex' | 'symbols' | 'featureNames' | 'width' | 'x'>,
  predictions: Pick<StoredPredictions, 'decisionTimeMs' | 'symbol' | 'fold' | 'trainedToMs' | 'probability' | 'path'>,
): DecisionRecord {
  const rowAt = (times: Float64Array, timeMs: number, isIt: (row: number) => boolean): number | null => {
    for (let row = firstAtOrAfter(times, timeMs); row < times.length && times[row] === timeMs; row++) {
      if (isIt(row)) return row;
    }
    return null;
  };
  return {
    featuresOf(symbol, closeTimeMs) {
      const { decisionTimeMs, symbolIndex, symbols, featureNames, width, x } = dataset;
      const row = rowAt(decisionTimeMs, closeTimeMs, (at) => symbols[symbolIndex[at]!] === symbol);
      return row === null ? null : featureNames.map((name, at) => [name, x[row * width + at]!] as const);
    },
    modelOf(symbol, closeTimeMs) {
      const { decisionTimeMs, fold, trainedToMs, probability, path } = predictions;
      const own = (at: number): boolean => predictions.symbol[at] === symbol && path[at] === 0;
      const row = rowAt(decisionTimeMs, closeTimeMs, own);
      if (row === null) return null;
      const to = trainedToMs[row]!;
      const trained = Number.isFinite(to) ? `, trained to ${new Date(to).toISOString().slice(0, 10)}` : '';
      return `ensemble of fold ${fold[row]! + 1}${trained}, probability of up ${probability[row]!.toFixed(4)}`;
    },
  };
}
