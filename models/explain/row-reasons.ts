import { createRandom } from '../../infra/random.ts';
import type { EnsembleModel } from '../ensemble/ensemble-model.ts';
import { gatherWindows, type PredictableRows } from '../estimators/sequence-windows.ts';
import type { RowMoves } from '../registry/prediction-columns.ts';
import { ensembleReasoner, movesOfRow } from './ensemble-reasoner.ts';

/**
 * Evaluations of windows that the sampled members of one call may cost in all. A fold of 500 rows by 40 features stays
 * below it (82 evaluations a row, 0.7 ms for a dense network); a panel's 12,500 rows do not, and its networks are told
 * as a whole.
 */
const EVALUATIONS_MAX = 50_000;
/**
 * The same for a live row, whose signal waits for its reasons. With 40 features (medians, wasm, two cores at a load of
 * 7): linear 0.02 ms, 100 boosted trees 0.3, 100 trees of depth 12 0.8, the default ensemble 0.6, a dense network 1.2;
 * of 16 rows, which count 1,312, a temporal convolution 3, a Transformer 4 and an LSTM 14 ms. An LSTM of 60 rows would
 * take 120 and is told as a whole.
 */
const LIVE_EVALUATIONS_MAX = 2_000;
/** Rows from which tables of a forest are worth making: 80 ms for 60 trees of depth 6, and 20 us saved a row. */
const TABLED_ROWS = 10_000;
/** Rows that are explained at a time. */
const STRETCH = 256;

/**
 * The top reasons of each row's prediction, in words, for storing beside it: exact for trees and linear models;
 * networks by one pair of sampled orders as long as the rows are few, else undivided. Equal input gives equal text.
 */
export function rowReasons(ensemble: EnsembleModel, data: PredictableRows): string[] {
  return explainedRows(ensemble, data, null).reasons;
}

/** Numbers of moves that are kept of the rows of one fold: 16 MB. */
const MOVES_MAX = 2_000_000;

/** The same, and what each feature moved each row by; null for a panel of which that would be too much to keep. */
export function reasonedRows(
  ensemble: EnsembleModel,
  data: PredictableRows,
): { readonly reasons: string[]; readonly moves: RowMoves | null } {
  const width = movesOfRow(ensemble);
  const kept = data.rows * width <= MOVES_MAX ? new Float64Array(data.rows * width) : null;
  const { reasons } = explainedRows(ensemble, data, kept);
  return { reasons, moves: kept === null ? null : { width, values: kept } };
}

function explainedRows(
  ensemble: EnsembleModel,
  data: PredictableRows,
  kept: Float64Array | null,
): { readonly reasons: string[] } {
  const { rows } = data;
  const reasonsOf = reasonerOf(ensemble, rows, EVALUATIONS_MAX);
  const reasons: string[] = [];
  let at = 0;
  const keep = (moves: Float64Array): void => {
    kept!.set(moves, at);
    at += moves.length;
  };
  for (let from = 0; from < rows; from += STRETCH) {
    const to = Math.min(rows, from + STRETCH);
    const windows = gatherWindows(data, ensemble.window, { from, to });
    reasons.push(...reasonsOf(windows, to - from, kept === null ? undefined : keep));
  }
  return { reasons };
}

/**
 * The top reasons of one prediction after another, as `rowReasons` words them: exact for trees and linear models,
 * networks by one pair of sampled orders where that is quick, else as a whole. What explanations need of the members is
 * made once, here.
 */
export function liveReasons(ensemble: EnsembleModel): (window: Float64Array) => string {
  const reasonsOf = reasonerOf(ensemble, 1, LIVE_EVALUATIONS_MAX);
  return (window) => reasonsOf(window, 1)[0]!;
}

/** Networks are sampled where `rows` cost no more than `most` evaluations of feature rows. */
function reasonerOf(ensemble: EnsembleModel, rows: number, most: number): ReturnType<typeof ensembleReasoner> {
  const evaluations = 2 * (ensemble.featureNames.length + 1) * ensemble.window * rows;
  const pairs = evaluations <= most ? 1 : 0;
  return ensembleReasoner(ensemble, { pairs, random: createRandom('row reasons'), tables: rows >= TABLED_ROWS });
}
