import { InputError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { createRandom } from '../../infra/random.ts';
import type { InferenceRows } from '../training/build-dataset.ts';
import type { Dataset } from '../dataset.ts';
import { loadEnsemble } from '../ensemble/ensemble-model.ts';
import { decodeEnsemble } from '../ensemble/serialised-ensemble.ts';
import { gatherWindows, type PredictableRows } from '../estimators/sequence-windows.ts';
import { findVersion, foldModelOf, readModel, type StoredModel } from '../registry/model-store.ts';
import { experimentFolds } from '../splits/experiment-folds.ts';
import { loadDataset, type LoadedDataset } from '../training/load-dataset.ts';
import { readTraining, type TrainingPlan } from '../registry/training-store.ts';
import { ensembleExplainer } from './explain-ensemble.ts';
import type { EnsembleExplanation } from './ensemble-explanation.ts';

/** Pairs of orders per sampled member: one prediction may take a moment. */
const PAIRS = 32;

export interface ExplainedPrediction {
  /** `name@version`. */
  readonly model: string;
  readonly modelHash: string;
  /**
   * Fold, from 1, whose model is explained, because it made the out-of-sample prediction of this row; null: the final
   * model.
   */
  readonly fold: number | null;
  readonly symbol: string;
  readonly timeMs: number;
  /** Whether the explained model was trained on this very row. */
  readonly trainedOn: boolean;
  readonly explanation: EnsembleExplanation;
}

interface FoundRow {
  readonly rows: PredictableRows;
  readonly row: number;
  /** Its number in the dataset; null for rows that wait for their label. */
  readonly labelled: number | null;
}

/** The newest row of `symbol` at or before `atMs`. InputError naming what there is. */
function findRow(
  { dataset, inferenceRows }: { dataset: Dataset; inferenceRows: InferenceRows },
  { symbol, atMs }: { symbol: string; atMs: number },
): FoundRow {
  const index = dataset.symbols.indexOf(symbol);
  if (index === -1) {
    throw new InputError(`The model knows no symbol ${symbol}.`, `It has: ${dataset.symbols.join(', ')}.`);
  }
  for (const [rows, labelled] of [
    [inferenceRows, false],
    [dataset, true],
  ] as const) {
    for (let row = rows.rows - 1; row >= 0; row--) {
      if (rows.symbolIndex[row] !== index || rows.decisionTimeMs[row]! > atMs) continue;
      return { rows, row, labelled: labelled ? row : null };
    }
  }
  const first = dataset.symbolIndex.indexOf(index);
  const since = first === -1 ? 'none' : new Date(dataset.decisionTimeMs[first]!).toISOString();
  throw new InputError(`${symbol} has no row at or before that time.`, `Its first row is of ${since}.`);
}

function onlySymbol(symbols: readonly string[]): string {
  if (symbols.length === 1) return symbols[0]!;
  throw new InputError(`The model knows ${symbols.length} symbols.`, `Say which: --symbol ${symbols.join(' or ')}.`);
}

/** The model that predicted a row out of sample, or the final one where none did. */
async function modelOfRow(
  database: Database,
  final: StoredModel,
  { labelled, dataset, plan }: { labelled: number | null; dataset: Dataset; plan: TrainingPlan },
): Promise<StoredModel> {
  if (labelled === null || dataset.decisionTimeMs[labelled]! >= final.trainToMs) return final;
  const fold = experimentFolds(dataset, plan.experiment).find(({ testRows }) => testRows.includes(labelled));
  return fold === undefined ? final : ((await foldModelOf(database.pool, final.trainingHash, fold.index)) ?? final);
}

/**
 * Explains what a registered model said of the newest row of `symbol` (by default its only one) at or before `atMs`:
 * the model of the fold that predicted it out of sample, or the final model for rows after its training. InputError for
 * an unknown model, symbol or time.
 */
export async function explainPrediction(
  database: Database,
  reference: string,
  asked: { symbol?: string | undefined; atMs: number },
): Promise<ExplainedPrediction> {
  const version = await findVersion(database.pool, reference);
  const final = await readModel(database.pool, version.modelHash);
  const plan = await readTraining(database.pool, final.trainingHash);
  const loaded: LoadedDataset = await loadDataset(database, plan);
  const symbol = asked.symbol ?? onlySymbol(loaded.dataset.symbols);
  const { rows, row, labelled } = findRow(loaded, { symbol, atMs: asked.atMs });
  const stored = await modelOfRow(database, final, { labelled, dataset: loaded.dataset, plan });
  const ensemble = await loadEnsemble(decodeEnsemble(stored.content));
  try {
    const random = createRandom(plan.experiment.seed).fork('explain');
    const explain = ensembleExplainer(ensemble, { pairs: PAIRS, random });
    const [explanation] = explain(gatherWindows(rows, ensemble.window, { from: row, to: row + 1 }), 1);
    const timeMs = rows.decisionTimeMs[row]!;
    return {
      model: `${version.name}@${version.version}`,
      modelHash: stored.hash,
      fold: stored.fold === null ? null : stored.fold + 1,
      symbol,
      timeMs,
      trainedOn: stored.fold === null && timeMs < stored.trainToMs && labelled !== null,
      explanation: explanation!,
    };
  } finally {
    ensemble.dispose();
  }
}
