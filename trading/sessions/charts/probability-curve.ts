import { thinnedRows } from '../../../infra/charts/thinned-rows.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { liveProbabilitiesOf } from '../../../models/monitoring/live-prediction-store.ts';
import { probabilitiesOf } from '../../../models/registry/prediction-store.ts';
import { decidersOf } from '../session-bar-store.ts';
import type { ListedSession } from '../session-store.ts';

/** Probability of up for one symbol, decision by decision. */
export interface ProbabilityCurve {
  /** Where it is from: stored out-of-sample predictions, or what models said live; null where there is none. */
  readonly source: 'training' | 'live' | null;
  /** Moments of the decisions, closes of bars, in milliseconds. */
  readonly time: readonly number[];
  readonly probability: readonly number[];
  readonly thinned: boolean;
}

/** What a session's model said of a symbol over time, `points` rows of it at most. Rules say nothing. */
export async function probabilityCurve(
  { pool }: Pick<Database, 'pool'>,
  { id, definition }: ListedSession,
  asked: { readonly symbol: string; readonly fromMs: number; readonly toMs: number; readonly points: number },
): Promise<ProbabilityCurve> {
  const { trainingHash } = definition;
  const models = await decidersOf(pool, id);
  const isStored = models.length === 0 && typeof trainingHash === 'string';
  const { timeMs, probability } = isStored
    ? await probabilitiesOf(pool, trainingHash, asked)
    : await liveProbabilitiesOf(pool, models, asked);
  const kept = thinnedRows([probability], asked.points);
  return {
    source: kept.length === 0 ? null : isStored ? 'training' : 'live',
    time: kept.map((row) => timeMs[row]!),
    probability: kept.map((row) => probability[row]!),
    thinned: kept.length < timeMs.length,
  };
}
