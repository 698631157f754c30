import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { BuiltDataset, InferenceRows } from '../training/build-dataset.ts';
import type { Dataset } from '../dataset.ts';
import { disagreementOf } from '../ensemble/disagreement.ts';
import { loadEnsemble, predictRows } from '../ensemble/ensemble-model.ts';
import { decodeEnsemble, type SerialisedEnsemble } from '../ensemble/serialised-ensemble.ts';
import { rowReasons } from '../explain/row-reasons.ts';
import { readModel, type StoredModel } from '../registry/model-store.ts';
import { useBackendOf } from '../registry/tensor-backend.ts';
import { readTraining } from '../registry/training-store.ts';
import { settleLivePredictions, writeLivePredictions } from './live-prediction-store.ts';
import { noveltyOf } from './novelty.ts';

/** A registered model and what it is at the moment. */
export interface WatchedModel {
  readonly modelHash: string;
  readonly role: 'champion' | 'challenger';
}

export interface LivePass {
  readonly model: StoredModel;
  readonly ensemble: SerialisedEnsemble;
  /** Predictions and labels that this pass added. */
  readonly made: number;
  readonly settled: number;
}

/**
 * Lets a registered model predict every bar that closed at or after its last label and that it has not predicted yet,
 * stores that, and fills in the labels that have become known. Safe to repeat. SignalboxError when the rows have other
 * features than the model.
 */
export async function predictLive(
  database: Database,
  { modelHash, role }: WatchedModel,
  data: { readonly built: BuiltDataset; readonly madeAtMs: number },
): Promise<LivePass> {
  const model = await readModel(database.pool, modelHash);
  const serialised = decodeEnsemble(model.content);
  const { dataset, inferenceRows } = data.built;
  if (serialised.featureNames.join(' ') !== dataset.featureNames.join(' ')) {
    throw new SignalboxError(`Model ${modelHash.slice(0, 12)} was trained on other features than these rows have.`, {
      remedy: 'Watch it with the experiment it was trained by.',
    });
  }
  await useBackendOf(await readTraining(database.pool, model.trainingHash));
  const ensemble = await loadEnsemble(serialised);
  try {
    let made = 0;
    for (const rows of [after(dataset, model.trainToMs), after(inferenceRows, model.trainToMs)]) {
      if (rows.rows === 0) continue;
      const predicted = predictRows(ensemble, rows);
      const { probability, score } = predicted;
      const disagreement = disagreementOf(predicted);
      const reference = serialised.reference?.novelty ?? null;
      const novelty = reference === null ? new Float64Array(rows.rows).fill(NaN) : noveltyOf(reference, rows);
      const symbol = symbolsOf(rows);
      const reasons = rowReasons(ensemble, rows);
      const { decisionTimeMs } = rows;
      const predictions = { symbol, decisionTimeMs, probability, score, novelty, reasons, disagreement };
      made += await writeLivePredictions(database.pool, { modelHash, role, madeAtMs: data.madeAtMs }, predictions);
    }
    const from = firstRowAt(dataset, model.trainToMs);
    const settled = await settleLivePredictions(database.pool, modelHash, {
      symbol: symbolsOf(dataset).slice(from),
      decisionTimeMs: dataset.decisionTimeMs.subarray(from),
      y: dataset.y.subarray(from),
      realisedReturn: dataset.realisedReturn.subarray(from),
    });
    return { model, ensemble: serialised, made, settled };
  } finally {
    ensemble.dispose();
  }
}

type Rows = Omit<InferenceRows, 'history'> & Pick<Dataset, 'history'>;

function firstRowAt({ rows, decisionTimeMs }: Rows, timeMs: number): number {
  let row = 0;
  while (row < rows && decisionTimeMs[row]! < timeMs) row++;
  return row;
}

/** The rows decided at or after `timeMs`: views, not copies. */
export function after(rows: Rows, timeMs: number): Rows {
  const from = firstRowAt(rows, timeMs);
  return {
    ...rows,
    rows: rows.rows - from,
    x: rows.x.subarray(from * rows.width),
    decisionTimeMs: rows.decisionTimeMs.subarray(from),
    symbolIndex: rows.symbolIndex.subarray(from),
    ...(rows.history === undefined ? {} : { history: { ...rows.history, at: rows.history.at.subarray(from) } }),
  };
}

function symbolsOf({ symbolIndex, symbols }: Rows): string[] {
  return Array.from(symbolIndex, (index) => symbols[index]!);
}
