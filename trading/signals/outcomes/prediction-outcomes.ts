import type { Database } from '../../../infra/postgres/database.ts';
import { readLivePredictions } from '../../../models/monitoring/live-prediction-store.ts';
import { DEFAULT_STRENGTHS } from '../../../models/experiment/signals-schema.ts';
import type { Experiment } from '../../../models/experiment/experiment.ts';
import { listVersions, readModel } from '../../../models/registry/model-store.ts';
import { readPredictions } from '../../../models/registry/prediction-store.ts';
import { readTraining } from '../../../models/registry/training-store.ts';
import { modelSignal } from '../../strategies/model-signals.ts';
import { strengthOf, type SignalStrength } from '../signal-strength.ts';

/** What came of the predictions of one class. */
export interface PredictionOutcomes {
  /** `name@version`. */
  readonly model: string;
  /** Out of sample in training, or after it. */
  readonly made: 'out-of-fold' | 'live';
  /** What the experiment's thresholds make of them. */
  readonly action: 'BUY' | 'SELL' | 'HOLD';
  readonly strength: SignalStrength;
  readonly predictions: number;
  /** Those whose horizon has passed. */
  readonly known: number;
  /** Share of those known with the label that the probability leans to; null where none is known. */
  readonly hitRate: number | null;
  /** Mean simple return over the horizon in the direction that it leans to. */
  readonly meanReturn: number | null;
}

interface Columns {
  readonly probability: Float64Array;
  readonly y: Float64Array;
  readonly realisedReturn: Float64Array;
}

/** Outcomes of every prediction stored for the versions of an experiment, by class. */
export async function predictionOutcomes(
  { pool }: Pick<Database, 'pool'>,
  experiment: string,
): Promise<PredictionOutcomes[]> {
  const found: PredictionOutcomes[] = [];
  for (const { name, version, modelHash } of await listVersions(pool, experiment)) {
    const { trainingHash } = await readModel(pool, modelHash);
    const plan = await readTraining(pool, trainingHash);
    const sums = (made: PredictionOutcomes['made'], columns: Columns): PredictionOutcomes[] =>
      sumOutcomes(columns, plan.experiment.signals).map((sum) => ({ model: `${name}@${version}`, made, ...sum }));
    found.push(...sums('out-of-fold', await readPredictions(pool, trainingHash)));
    found.push(...sums('live', await readLivePredictions(pool, modelHash)));
  }
  return found;
}

const ACTIONS = ['BUY', 'SELL', 'HOLD'] as const;
const STRENGTHS = ['strong', 'moderate', 'weak'] as const;

/** By action and strength, the classes that there are. Labels and returns are NaN where they are not known. */
export function sumOutcomes(
  { probability, y, realisedReturn }: Columns,
  signals: Experiment['signals'],
): Omit<PredictionOutcomes, 'model' | 'made'>[] {
  const sums = new Map<string, { predictions: number; known: number; hits: number; returns: number }>();
  probability.forEach((p, row) => {
    const { action, confidence } = modelSignal(p, signals);
    const key = `${action} ${strengthOf(confidence, signals.strength ?? DEFAULT_STRENGTHS)}`;
    const sum = sums.get(key) ?? { predictions: 0, known: 0, hits: 0, returns: 0 };
    sums.set(key, sum);
    sum.predictions += 1;
    if (Number.isNaN(y[row]!)) return;
    const up = p > 0.5;
    sum.known += 1;
    sum.hits += (y[row] === 1) === up ? 1 : 0;
    sum.returns += up ? realisedReturn[row]! : -realisedReturn[row]!;
  });
  return ACTIONS.flatMap((action) =>
    STRENGTHS.flatMap((strength) => {
      const sum = sums.get(`${action} ${strength}`);
      if (sum === undefined) return [];
      const { predictions, known, hits, returns } = sum;
      const share = (of: number): number | null => (known === 0 ? null : of / known);
      return [{ action, strength, predictions, known, hitRate: share(hits), meanReturn: share(returns) }];
    }),
  );
}
