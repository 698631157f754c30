import { createRandom } from '../../infra/random.ts';
import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { gatherWindows, type PredictableRows } from '../estimators/sequence-windows.ts';
import { ensembleExplainer } from './explain-ensemble.ts';
import { topReasons } from './top-reasons.ts';

/**
 * Evaluations of windows that the sampled members of one call may cost in all. A fold of 500 rows by 40 features stays below it (82
 * evaluations a row, 0.7 ms for a dense network); a panel's 12,500 rows do not, and its networks are told as a whole.
 */
const EVALUATIONS_MAX = 50_000;
/** Rows that are explained at a time. */
const STRETCH = 256;

/**
 * The top reasons of each row's prediction, in words, for storing beside it: exact for trees and linear models; networks by one pair of
 * sampled orders as long as the rows are few, else undivided. Equal input gives equal text.
 */
export function rowReasons(ensemble: EnsembleModel, data: PredictableRows): string[] {
  const { rows, width } = data;
  const pairs = 2 * (width + 1) * ensemble.window * rows <= EVALUATIONS_MAX ? 1 : 0;
  const explain = ensembleExplainer(ensemble, { pairs, random: createRandom('row reasons') });
  const reasons: string[] = [];
  for (let from = 0; from < rows; from += STRETCH) {
    const to = Math.min(rows, from + STRETCH);
    const explanations = explain(gatherWindows(data, ensemble.window, { from, to }), to - from);
    reasons.push(...explanations.map((explanation) => topReasons(explanation)));
  }
  return reasons;
}
