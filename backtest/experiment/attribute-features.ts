import type { Database } from '../../infra/postgres/database.ts';
import { foldMoves, readMoves, type FoldMoves } from '../../models/registry/prediction-store.ts';
import type { PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import type { TrainedExperiment } from '../../models/training/train-experiment.ts';
import type { SessionResult } from '../../trading/session-result.ts';
import type { Analysis } from '../analysis/analyse.ts';
import { featureAttribution } from '../analysis/feature-attribution.ts';
import { featureImportance } from '../analysis/feature-importance.ts';

const NOT_KEPT =
  'Profit by feature: what moved the predictions was not kept (a training of an earlier version, or too many rows).';
const UNKNOWN_IMPORTANCE =
  'featureImportance: what moved the predictions was not kept (a training of an earlier version, or too many rows).';
const UNKNOWN_AGREEMENT = 'featureImportance: agreement: fewer than two windows have features to rank.';

/**
 * The analysis with what each feature had to do with the trades, by what moved the predictions when they were made, and
 * how much each moved the predictions of every fold; null with a reason where that was not kept.
 */
export async function withFeatures(
  database: Database,
  { session, analysis }: { readonly session: Pick<SessionResult, 'ledger'>; readonly analysis: Analysis },
  {
    prepared: { set, experiment },
    trained,
  }: { readonly prepared: PreparedExperiment; readonly trained: Pick<TrainedExperiment, 'trainingHash'> },
): Promise<Analysis> {
  const { ledger } = session;
  const decided = ledger.map((trade) => analysis.trace.decidedOf(trade));
  const asked = ledger.flatMap(({ symbol }, at) => {
    const decisionTimeMs = decided[at]!;
    return decisionTimeMs === null ? [] : [{ at, symbol, decisionTimeMs }];
  });
  const found = asked.length === 0 ? [] : await readMoves(database.pool, trained.trainingHash, asked);
  const moves = new Map(asked.map(({ at }, place) => [at, found[place]!]));
  const members = experiment.estimators.map(({ name }) => `${name} as a whole`);
  const told = [...set.columns, ...members];
  const attributed = featureAttribution(ledger, [...told, 'the base rate'], (at) => moves.get(at) ?? null);
  const windows: FoldMoves[] = [];
  for await (const window of foldMoves(database.pool, trained.trainingHash)) windows.push(window);
  const importance = featureImportance(told, windows);
  const unknown = ledger.length > 0 && attributed.trades === 0;
  return {
    ...analysis,
    sections: { ...analysis.sections, featureImportance: importance },
    featureAttribution: unknown ? null : attributed,
    reasons: [
      ...analysis.reasons,
      ...(unknown ? [NOT_KEPT] : []),
      ...(importance === null ? [UNKNOWN_IMPORTANCE] : importance.agreement === null ? [UNKNOWN_AGREEMENT] : []),
    ],
  };
}
