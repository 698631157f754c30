import type pg from 'pg';
import { momentBound } from '../../infra/postgres/moment-bound.ts';
import type { ProbabilitiesAsked, ProbabilityColumns } from '../registry/prediction-store.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Predictions of a registered model for bars after its training, as columns of equal length. */
export interface LivePredictions {
  readonly symbol: readonly string[];
  readonly decisionTimeMs: Float64Array;
  readonly probability: Float64Array;
  readonly score: Float64Array;
  /** Share of training rows nearer to their centre; NaN for a model without a reference. */
  readonly novelty: Float64Array;
  /** What moved each prediction most, in words; null where that was not noted. */
  readonly reasons: readonly (string | null)[];
  /** Distance between the two members that lie furthest apart; NaN for one that was made before that was noted. */
  readonly disagreement: Float64Array;
}

/** Live predictions with what came of them; `y` and `realisedReturn` are NaN while that is not known. */
export interface StoredLivePredictions extends LivePredictions {
  readonly length: number;
  readonly y: Float64Array;
  readonly realisedReturn: Float64Array;
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Writes predictions that are not there yet; one that was made stays as it was made. Returns how many were new. */
export async function writeLivePredictions(
  client: Queryable,
  of: { readonly modelHash: string; readonly role: 'champion' | 'challenger'; readonly madeAtMs: number },
  predictions: LivePredictions,
): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO signalbox.live_predictions (model_hash, role, made_at, symbol, decision_time, probability, score, novelty,
                                            reasons, disagreement)
     SELECT $1, $2, to_timestamp($3::float8 / 1000), symbol, to_timestamp(time_ms / 1000.0), probability, score, novelty,
            reasons, disagreement
     FROM unnest($4::text[], $5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::text[], $10::float8[])
       AS entry (symbol, time_ms, probability, score, novelty, reasons, disagreement)
     ON CONFLICT (model_hash, symbol, decision_time) DO NOTHING`,
    [
      of.modelHash,
      of.role,
      of.madeAtMs,
      predictions.symbol,
      Array.from(predictions.decisionTimeMs),
      Array.from(predictions.probability),
      Array.from(predictions.score),
      Array.from(predictions.novelty, orNull),
      predictions.reasons,
      Array.from(predictions.disagreement, orNull),
    ],
  );
  return rowCount ?? 0;
}

/** What became known of a row: its label, 0 or 1, and its simple return over the horizon. */
export interface Outcomes {
  readonly symbol: readonly string[];
  readonly decisionTimeMs: Float64Array;
  readonly y: Float64Array;
  readonly realisedReturn: Float64Array;
}

/** Fills in the labels of predictions that wait for them. Returns how many. */
export async function settleLivePredictions(
  client: Queryable,
  modelHash: string,
  { symbol, decisionTimeMs, y, realisedReturn }: Outcomes,
): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE signalbox.live_predictions AS p SET label = entry.y, realised_return = entry.realised
     FROM unnest($2::text[], $3::float8[], $4::int[], $5::float8[]) AS entry (symbol, time_ms, y, realised)
     WHERE p.model_hash = $1 AND p.label IS NULL
       AND p.symbol = entry.symbol AND p.decision_time = to_timestamp(entry.time_ms / 1000.0)`,
    [modelHash, symbol, Array.from(decisionTimeMs), Array.from(y), Array.from(realisedReturn)],
  );
  return rowCount ?? 0;
}

interface Row {
  readonly symbol: string;
  readonly time_ms: number;
  readonly probability: number;
  readonly score: number;
  readonly novelty: number | null;
  readonly reasons: string | null;
  readonly disagreement: number | null;
  readonly label: number | null;
  readonly realised_return: number | null;
}

/** A prediction as a list shows it; `label` and `realisedReturn` are null while that is not known. */
export interface ListedPrediction {
  readonly symbol: string;
  readonly decidedAt: Date;
  readonly role: 'champion' | 'challenger';
  readonly probability: number;
  readonly score: number;
  readonly novelty: number | null;
  readonly disagreement: number | null;
  readonly reasons: string | null;
  readonly label: number | null;
  readonly realisedReturn: number | null;
}

/** Predictions of a registered model after its training, the newest first, from the `skip`th on. */
export async function listLivePredictions(
  client: Queryable,
  modelHash: string,
  { symbol, skip, limit }: { readonly symbol: string | null; readonly skip: number; readonly limit: number },
): Promise<ListedPrediction[]> {
  const { rows } = await client.query<ListedPrediction>(
    `SELECT symbol, decision_time AS "decidedAt", role, probability, score, novelty, disagreement, reasons, label,
            realised_return AS "realisedReturn"
     FROM signalbox.live_predictions WHERE model_hash = $1 AND ($2::text IS NULL OR symbol = $2)
     ORDER BY decision_time DESC, symbol COLLATE "C" OFFSET $3 LIMIT $4`,
    [modelHash, symbol, skip, limit],
  );
  return rows;
}

/** Everything a registered model said after its training, ascending in decision time, then symbol. */
export async function readLivePredictions(client: Queryable, modelHash: string): Promise<StoredLivePredictions> {
  const { rows } = await client.query<Row>(
    `SELECT symbol, extract(epoch FROM decision_time)::float8 * 1000 AS time_ms, probability, score, novelty, reasons,
            disagreement, label, realised_return
     FROM signalbox.live_predictions WHERE model_hash = $1 ORDER BY decision_time, symbol COLLATE "C"`,
    [modelHash],
  );
  const column = (
    name: 'probability' | 'score' | 'novelty' | 'disagreement' | 'label' | 'realised_return',
  ): Float64Array => Float64Array.from(rows, (row) => row[name] ?? NaN);
  return {
    length: rows.length,
    symbol: rows.map((row) => row.symbol),
    decisionTimeMs: Float64Array.from(rows, (row) => Math.round(row.time_ms)),
    probability: column('probability'),
    score: column('score'),
    novelty: column('novelty'),
    disagreement: column('disagreement'),
    reasons: rows.map((row) => row.reasons),
    y: column('label'),
    realisedReturn: column('realised_return'),
  };
}

/** What some models said of one symbol after their training, ascending in time. */
export async function liveProbabilitiesOf(
  client: Queryable,
  modelHashes: readonly string[],
  { symbol, fromMs, toMs }: ProbabilitiesAsked,
): Promise<ProbabilityColumns> {
  const { rows } = await client.query<{ time_ms: number; probability: number }>(
    `SELECT extract(epoch FROM decision_time)::float8 * 1000 AS time_ms, probability FROM signalbox.live_predictions
     WHERE model_hash = ANY($1) AND symbol = $2 AND decision_time >= $3 AND decision_time < $4 ORDER BY decision_time`,
    [modelHashes, symbol, momentBound(fromMs), momentBound(toMs)],
  );
  return {
    timeMs: rows.map(({ time_ms }) => Math.round(time_ms)),
    probability: rows.map(({ probability }) => probability),
  };
}
