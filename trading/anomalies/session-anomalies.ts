import type { Database } from '../../infra/postgres/database.ts';
import { listLivePredictions } from '../../models/monitoring/live-prediction-store.ts';
import { decisionPrices, readFills } from '../journal/journal-store.ts';
import { readLatencies } from '../sessions/latency/latency-store.ts';
import { decidersOf, sessionBarColumns } from '../sessions/session-bar-store.ts';
import { LEAST_SCORE, type Anomaly } from './anomaly.ts';
import { fillAnomalies } from './fill-anomalies.ts';
import { marketAnomalies } from './market-anomalies.ts';
import { modelAnomalies } from './model-anomalies.ts';

type Pool = Pick<Database, 'pool'>['pool'];

/** Newest bars of all symbols together, fills, and predictions of a model that are looked at. */
const ROWS_MAX = { bars: 50_000, fills: 2_000, predictions: 5_000 };

/** What of a session was looked at. */
export interface Looked {
  /** Bars that it was given live: a replay keeps none. */
  readonly bars: number;
  readonly fills: number;
  readonly predictions: number;
}

export interface SessionAnomalies {
  /** In order of time. */
  readonly anomalies: readonly Anomaly[];
  readonly looked: Looked;
}

/**
 * Anomalies of a session, each by what was known before it: of the market that it was given live, of its fills, and of
 * the models that decided in it. Of a long session the newest rows are looked at.
 * @param least from how many standard deviations on
 */
export async function sessionAnomalies(
  pool: Pool,
  { id, symbols }: { readonly id: string; readonly symbols: readonly string[] },
  least = LEAST_SCORE,
): Promise<SessionAnomalies> {
  const anomalies: Anomaly[] = [];
  let bars = 0;
  const limit = Math.floor(ROWS_MAX.bars / Math.max(1, symbols.length));
  for (const [symbol, name] of symbols.entries()) {
    const asked = { name, symbol, fromMs: -Infinity, toMs: Infinity, limit, last: true };
    const columns = await sessionBarColumns(pool, id, asked);
    bars += columns.length;
    anomalies.push(...marketAnomalies(columns, least));
  }
  const fills = await judgedFills(pool, id);
  anomalies.push(...fillAnomalies(fills, least));
  let predictions = 0;
  for (const model of await decidersOf(pool, id)) {
    const said = await newestPredictions(pool, model);
    predictions += said.length;
    anomalies.push(...modelAnomalies(said, least));
  }
  anomalies.sort((a, b) => a.timeMs - b.timeMs);
  return { anomalies, looked: { bars, fills: fills.length, predictions } };
}

async function judgedFills(pool: Pool, id: string): Promise<Parameters<typeof fillAnomalies>[0]> {
  const rows = (await readFills(pool, id, { limit: ROWS_MAX.fills })).filter(({ takesBack }) => !takesBack).reverse();
  const sequences = rows.map(({ sequence }) => sequence);
  const decided = await decisionPrices(pool, id, sequences);
  const orders = new Map(decided.map((one) => [one.sequence, one]));
  const latencies = await readLatencies(pool, id, sequences);
  return rows.map(({ sequence, time, ...fill }) => {
    const { decided: decidedMs, filled } = latencies.get(sequence) ?? {};
    const isTimed = decidedMs !== undefined && filled !== undefined;
    return {
      ...fill,
      timeMs: time.getTime(),
      orderType: orders.get(sequence)?.type ?? 'unknown',
      decisionPrice: orders.get(sequence)?.price ?? null,
      delayMs: isTimed ? filled - decidedMs : null,
    };
  });
}

async function newestPredictions(pool: Pool, model: string): Promise<Parameters<typeof modelAnomalies>[0]> {
  const asked = { symbol: null, skip: 0, limit: ROWS_MAX.predictions };
  const rows = (await listLivePredictions(pool, model, asked)).reverse();
  return {
    length: rows.length,
    decisionTimeMs: Float64Array.from(rows, ({ decidedAt }) => decidedAt.getTime()),
    probability: Float64Array.from(rows, ({ probability }) => probability),
    novelty: Float64Array.from(rows, ({ novelty }) => novelty ?? NaN),
  };
}
