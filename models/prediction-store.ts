import type pg from 'pg';
import { SignalboxError } from '../infra/errors.ts';
import {
  PredictionColumns,
  type FoldPredictions,
  type PredictionRow,
  type StoredPredictions,
} from './prediction-columns.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

export type { FoldPredictions, StoredPredictions } from './prediction-columns.ts';

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

/**
 * Every out-of-sample prediction of a training, with the end of the training range of the model that made it. Read fold by fold into
 * columns: objects of all rows of a panel took ten times the memory of their numbers. SignalboxError when they change meanwhile.
 */
export async function readPredictions(client: Queryable, trainingHash: string): Promise<StoredPredictions> {
  const { rows: counted } = await client.query<{ fold: number; rows: number }>(
    `SELECT p.fold, count(*)::int AS rows FROM signalbox.predictions p
     JOIN signalbox.models m ON m.training_hash = p.training_hash AND m.fold = p.fold
     WHERE p.training_hash = $1 GROUP BY p.fold ORDER BY p.fold`,
    [trainingHash],
  );
  const columns = new PredictionColumns(counted.reduce((sum, { rows }) => sum + rows, 0));
  for (const { fold, rows: expected } of counted) {
    const { rows } = await client.query<PredictionRow>(
      `SELECT p.fold, p.symbol, extract(epoch FROM p.decision_time)::float8 * 1000 AS time_ms, p.probability, p.score,
              p.label, p.realised_return, p.path, p.novelty, p.reasons,
              extract(epoch FROM m.train_to)::float8 * 1000 AS trained_to_ms
       FROM signalbox.predictions p
       JOIN signalbox.models m ON m.training_hash = p.training_hash AND m.fold = p.fold
       WHERE p.training_hash = $1 AND p.fold = $2
       ORDER BY p.decision_time, p.symbol COLLATE "C"`,
      [trainingHash, fold],
    );
    if (rows.length !== expected) {
      throw new SignalboxError(
        `The predictions of training ${trainingHash.slice(0, 12)} changed while they were read.`,
        {
          remedy: 'Another process trains it again; run this again when it is done.',
        },
      );
    }
    for (const row of rows) columns.add(row);
  }
  return columns.inOrder();
}
