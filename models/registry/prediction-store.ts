import type pg from 'pg';
import { modelsOfTraining } from './model-store.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Out-of-sample predictions of one fold as columns of equal length. */
export interface FoldPredictions {
  readonly symbol: readonly string[];
  readonly decisionTimeMs: Float64Array;
  /** Calibrated probability of up. */
  readonly probability: Float64Array;
  /** What correlations are computed from. */
  readonly score: Float64Array;
  /** Share of training rows nearer to their centre than this row; NaN where it cannot be told. */
  readonly novelty: Float64Array;
  /** The label, 0 or 1. */
  readonly y: Float64Array;
  /** Simple return over the label's horizon. */
  readonly realisedReturn: Float64Array;
  /** Reconstructed path of a combinatorial split; 0 otherwise. */
  readonly path: Int32Array;
  /** What moved each prediction most, in words; null where that was not noted. */
  readonly reasons: readonly (string | null)[];
}

/** The predictions of a whole training, ascending in decision time, then symbol, then fold. */
export interface StoredPredictions extends FoldPredictions {
  readonly length: number;
  readonly fold: Int32Array;
  /** Last label end the predicting model was trained on: it may trade only bars that close at or after it. */
  readonly trainedToMs: Float64Array;
}

/** Writes one fold's predictions inside the caller's transaction. A second write of the same fold is an error. */
export async function writePredictions(
  client: Queryable,
  trainingHash: string,
  fold: number,
  predictions: FoldPredictions,
): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.predictions
       (training_hash, fold, symbol, decision_time, probability, score, label, realised_return, path, novelty, reasons)
     SELECT $1, $2, symbol, to_timestamp(time_ms / 1000.0), probability, score, label, realised, path, novelty, reasons
     FROM unnest($3::text[], $4::float8[], $5::float8[], $6::float8[], $7::int[], $8::float8[], $9::int[], $10::float8[],
                 $11::text[])
       AS entry (symbol, time_ms, probability, score, label, realised, path, novelty, reasons)`,
    [
      trainingHash,
      fold,
      predictions.symbol,
      Array.from(predictions.decisionTimeMs),
      Array.from(predictions.probability),
      Array.from(predictions.score),
      Array.from(predictions.y),
      Array.from(predictions.realisedReturn),
      Array.from(predictions.path),
      Array.from(predictions.novelty, (value) => (Number.isNaN(value) ? null : value)),
      predictions.reasons,
    ],
  );
}

interface PredictionRow {
  readonly fold: number;
  readonly symbol: string;
  readonly time_ms: number;
  readonly probability: number;
  readonly score: number;
  readonly label: number;
  readonly realised_return: number;
  readonly path: number;
  readonly novelty: number | null;
  readonly reasons: string | null;
}

/**
 * Every out-of-sample prediction of a training, with the end of the training range of the model that made it. Those of
 * a fold whose model is not there are left out.
 */
export async function readPredictions(client: Queryable, trainingHash: string): Promise<StoredPredictions> {
  const stored = await client.query<PredictionRow>(
    `SELECT fold, symbol, extract(epoch FROM decision_time)::float8 * 1000 AS time_ms, probability, score, label,
            realised_return, path, novelty, reasons
     FROM signalbox.predictions WHERE training_hash = $1
     ORDER BY decision_time, symbol COLLATE "C", fold`,
    [trainingHash],
  );
  // After the predictions: a fold writes both in one transaction, so that those of a fold seen here have their model.
  const models = await modelsOfTraining(client, trainingHash);
  const trainedToMs = new Map(models.map((model) => [model.fold, model.trainedToMs]));
  const rows = stored.rows.filter((row) => trainedToMs.has(row.fold));
  const column = (name: 'probability' | 'score' | 'label' | 'realised_return'): Float64Array =>
    Float64Array.from(rows, (row) => row[name]);
  return {
    length: rows.length,
    fold: Int32Array.from(rows, (row) => row.fold),
    symbol: rows.map((row) => row.symbol),
    decisionTimeMs: Float64Array.from(rows, (row) => Math.round(row.time_ms)),
    probability: column('probability'),
    score: column('score'),
    novelty: Float64Array.from(rows, (row) => row.novelty ?? NaN),
    y: column('label'),
    realisedReturn: column('realised_return'),
    path: Int32Array.from(rows, (row) => row.path),
    reasons: rows.map((row) => row.reasons),
    trainedToMs: Float64Array.from(rows, (row) => trainedToMs.get(row.fold)!),
  };
}
