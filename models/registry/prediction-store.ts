import type pg from 'pg';
import { copyIn } from '../../pipelines/binary-copy.ts';
import { predictionRows } from './prediction-rows.ts';
import { modelsOfTraining } from './model-store.ts';
import { momentBound } from '../../infra/postgres/moment-bound.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { silentProgress, type Progress } from '../../infra/terminal/progress.ts';
import {
  PredictionColumns,
  type FoldPredictions,
  type PredictionRow,
  type StoredPredictions,
} from './prediction-columns.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

export type { FoldPredictions, StoredPredictions } from './prediction-columns.ts';

const TARGET = `signalbox.predictions
  (training_hash, fold, symbol, decision_time, probability, score, label, realised_return, path, novelty, reasons,
   disagreement, moves)`;

/**
 * Writes one fold's predictions inside the caller's transaction, by COPY (200,000 rows on a busy machine took 6.9 s as
 * parameters and 4.2 s by COPY, 1.2 and 0.4 s of that in this process). A second write of the same fold is an error.
 */
export async function writePredictions(
  client: pg.ClientBase,
  trainingHash: string,
  fold: number,
  predictions: FoldPredictions,
): Promise<void> {
  await copyIn(client, TARGET, predictionRows(trainingHash, fold, predictions));
}

/**
 * Every out-of-sample prediction of a training, with the end of the training range of the model that made it; those of
 * a fold whose model is not there are left out. Read fold by fold into columns: objects of all rows of a panel took ten
 * times the memory of their numbers. SignalboxError when they change meanwhile.
 */
export async function readPredictions(
  client: Queryable,
  trainingHash: string,
  progress: Progress = silentProgress(),
): Promise<StoredPredictions> {
  const { rows: counted } = await client.query<{ fold: number; rows: number }>(
    `SELECT fold, count(*)::int AS rows FROM signalbox.predictions
     WHERE training_hash = $1 GROUP BY fold ORDER BY fold`,
    [trainingHash],
  );
  // After the predictions: a fold writes both in one transaction, so that those of a fold seen here have their model.
  const models = await modelsOfTraining(client, trainingHash);
  const trainedToMs = new Map(models.map((model) => [model.fold, model.trainedToMs]));
  const known = counted.filter(({ fold }) => trainedToMs.has(fold));
  const columns = new PredictionColumns(known.reduce((sum, { rows }) => sum + rows, 0));
  const stage = progress.stage('read the predictions', known.length);
  for (const { fold, rows: expected } of known) {
    const { rows } = await client.query<PredictionRow>(
      `SELECT fold, symbol, extract(epoch FROM decision_time)::float8 * 1000 AS time_ms, probability, score,
              label, realised_return, path, novelty, reasons, disagreement
       FROM signalbox.predictions WHERE training_hash = $1 AND fold = $2
       ORDER BY decision_time, symbol COLLATE "C"`,
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
    for (const row of rows) columns.add(row, trainedToMs.get(fold)!);
    stage.advance();
  }
  const predictions = columns.inOrder();
  stage.done(`${predictions.length} of ${known.length} folds`);
  return predictions;
}

/**
 * The predictions of a training as rows, fold after fold, each ascending in decision time, then symbol, then path; one
 * fold is held at a time.
 */
export async function* predictionFolds(client: Queryable, trainingHash: string): AsyncGenerator<PredictionRow[]> {
  for (const fold of await foldsOf(client, trainingHash)) {
    const { rows } = await client.query<PredictionRow>(
      `SELECT fold, symbol, extract(epoch FROM decision_time)::float8 * 1000 AS time_ms, probability, score,
              label, realised_return, path, novelty, reasons, disagreement
       FROM signalbox.predictions WHERE training_hash = $1 AND fold = $2
       ORDER BY decision_time, symbol COLLATE "C", path`,
      [trainingHash, fold],
    );
    yield rows;
  }
}

/**
 * What moved some predictions of a training, by the first path of its split: a row for each that was asked for, null
 * where there is no such prediction or nothing was kept of it.
 */
export async function readMoves(
  client: Queryable,
  trainingHash: string,
  asked: readonly { readonly symbol: string; readonly decisionTimeMs: number }[],
): Promise<(Float64Array | null)[]> {
  const { rows } = await client.query<{ at: string; moves: Buffer | null }>(
    `SELECT asked.at, p.moves
     FROM unnest($2::text[], $3::float8[]) WITH ORDINALITY AS asked (symbol, time_ms, at)
     JOIN signalbox.predictions p ON p.training_hash = $1 AND p.path = 0 AND p.symbol = asked.symbol
       AND p.decision_time = to_timestamp(asked.time_ms / 1000)`,
    [trainingHash, asked.map(({ symbol }) => symbol), asked.map(({ decisionTimeMs }) => decisionTimeMs)],
  );
  const found = asked.map((): Float64Array | null => null);
  for (const { at, moves } of rows) {
    if (moves === null) continue;
    found[Number(at) - 1] = Float64Array.from({ length: moves.length / 8 }, (_, place) =>
      moves.readDoubleBE(8 * place),
    );
  }
  return found;
}

async function foldsOf(client: Queryable, trainingHash: string): Promise<number[]> {
  const { rows } = await client.query<{ fold: number }>(
    'SELECT DISTINCT fold FROM signalbox.predictions WHERE training_hash = $1 ORDER BY fold',
    [trainingHash],
  );
  return rows.map(({ fold }) => fold);
}

/** Sizes of what moved the predictions of one fold. */
export interface FoldMoves {
  readonly fold: number;
  readonly rows: number;
  /** Mean of |move| of each number that `RowMoves` tells of a row. */
  readonly meanMoves: Float64Array;
}

/** What moved the predictions of a training, fold by fold; folds of which nothing was kept are left out. */
export async function* foldMoves(client: Queryable, trainingHash: string): AsyncGenerator<FoldMoves> {
  for (const fold of await foldsOf(client, trainingHash)) {
    const { rows } = await client.query<{ moves: Buffer }>(
      `SELECT moves FROM signalbox.predictions WHERE training_hash = $1 AND fold = $2 AND moves IS NOT NULL
       ORDER BY decision_time, symbol COLLATE "C", path`,
      [trainingHash, fold],
    );
    if (rows.length === 0) continue;
    const sums = new Float64Array(rows[0]!.moves.length / 8);
    for (const { moves } of rows) {
      for (let place = 0; place < sums.length; place++) sums[place]! += Math.abs(moves.readDoubleBE(8 * place));
    }
    yield { fold, rows: rows.length, meanMoves: sums.map((sum) => sum / rows.length) };
  }
}

/** Probabilities of up for one symbol over time, as columns. */
export interface ProbabilityColumns {
  readonly timeMs: number[];
  readonly probability: number[];
}

/** What of a symbol is asked for: decisions at `[fromMs, toMs)`. */
export interface ProbabilitiesAsked {
  readonly symbol: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Out-of-sample predictions of a training for one symbol, by the first path of its split, ascending in time. */
export async function probabilitiesOf(
  client: Queryable,
  trainingHash: string,
  { symbol, fromMs, toMs }: ProbabilitiesAsked,
): Promise<ProbabilityColumns> {
  const { rows } = await client.query<{ time_ms: number; probability: number }>(
    `SELECT extract(epoch FROM decision_time)::float8 * 1000 AS time_ms, probability FROM signalbox.predictions
     WHERE training_hash = $1 AND symbol = $2 AND path = 0 AND decision_time >= $3 AND decision_time < $4
     ORDER BY decision_time`,
    [trainingHash, symbol, momentBound(fromMs), momentBound(toMs)],
  );
  return {
    timeMs: rows.map(({ time_ms }) => Math.round(time_ms)),
    probability: rows.map(({ probability }) => probability),
  };
}
