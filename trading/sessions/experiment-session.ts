import { SignalboxError } from '../../infra/errors.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import type { LoadedBars, MarketData } from '../../models/experiment/market-data.ts';
import { lifeMsOf, plannedSpans } from '../../models/promotion/model-life.ts';
import { takePredictions } from '../../models/registry/prediction-columns.ts';
import type { StoredPredictions } from '../../models/registry/prediction-store.ts';
import { createModelStrategy, storedPredictors } from '../strategies/model-signals.ts';
import type { HistoricalSessionOptions } from './historical-session.ts';
import { actionsFrom, barsFromClose, sessionRules, thresholdsOf } from './session-rules.ts';
import type { SessionDefinition } from './session-store.ts';
import type { TrainingPlan } from '../../models/registry/training-store.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';

/** What a session needs of an experiment's data. */
export type TradedExperiment = Pick<MarketData, 'experiment' | 'calendar' | 'instruments'> & LoadedBars;

/** Identity of a session of an experiment: it names everything that decides what the session does. */
export function sessionDefinition(
  { experiment, ingested, finer, instruments }: Pick<MarketData, 'experiment' | 'ingested' | 'finer' | 'instruments'>,
  { trainingHash, plan }: { trainingHash: string; plan: Pick<TrainingPlan, 'experimentHash'> },
  kind: SessionDefinition['kind'],
): SessionDefinition {
  return {
    id: `${kind}-${experiment.name}-${trainingHash.slice(0, 8)}-${plan.experimentHash.slice(0, 8)}`,
    kind,
    symbols: instruments.map(({ symbol }) => symbol),
    capital: experiment.capital,
    experiment: experiment.name,
    definition: {
      trainingHash,
      experimentHash: plan.experimentHash,
      dataHash: ingested.dataHash,
      ...(finer === null ? {} : { fineDataHash: finer.dataHash }),
    },
  };
}

/**
 * The session of an experiment, by one path of a combinatorial split, over the bars from its first out-of-sample
 * decision on.
 */
export function experimentSession(
  prepared: TradedExperiment,
  { predictions, plan }: { predictions: StoredPredictions; plan: Pick<TrainingPlan, 'folds'> },
  path = 0,
): HistoricalSessionOptions {
  const { experiment, calendar } = prepared;
  const traded = tradedPredictions(experiment, predictions, path);
  const lifeMs = lifeMsOf(experiment, plannedSpans(plan.folds));
  const [firstMs] = traded.decisionTimeMs;
  if (firstMs === undefined) throw new SignalboxError('There is no out-of-sample prediction to trade.');
  const bars = prepared.bars.map((columns) => barsFromClose(columns, firstMs));
  return {
    bars,
    instruments: prepared.instruments,
    strategy: createModelStrategy(
      storedPredictors({ ...traded, expiresAtMs: expiries(traded, lifeMs) }),
      thresholdsOf(experiment),
    ),
    broker: simulatedBroker(experiment.costs),
    fine: prepared.fine,
    ...sessionRules(experiment, bars, calendar),
    actions: actionsFrom(prepared.actions, bars),
  };
}

/** A model without an end of training (k-fold) is tested where it stands and does not expire there. */
function expiries({ trainedToMs }: StoredPredictions, lifeMs: number): Float64Array {
  return trainedToMs.map((timeMs) => (timeMs === -Infinity ? Infinity : timeMs + lifeMs));
}

/**
 * One prediction per symbol and time: one path of a combinatorial split. The models of k-fold and combinatorial splits
 * were trained before and after the rows they predict, with those rows purged, so that only walk-forward models have an
 * end of training that a decision must not precede (`foresightOf` keeps the others from being called evidence).
 */
export function tradedPredictions(experiment: Experiment, predictions: StoredPredictions, path = 0): StoredPredictions {
  const whole = predictions.path.every((one) => one === path);
  const own = whole ? predictions : takePredictions(predictions, rowsOfPath(predictions, path));
  if (experiment.splits.kind === 'walk-forward') return own;
  return { ...own, trainedToMs: new Float64Array(own.length).fill(-Infinity) };
}

function rowsOfPath({ length, path: paths }: StoredPredictions, path: number): Int32Array {
  const rows = new Int32Array(length);
  let count = 0;
  for (let row = 0; row < length; row++) if (paths[row] === path) rows[count++] = row;
  return rows.subarray(0, count);
}
