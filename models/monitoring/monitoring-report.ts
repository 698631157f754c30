import { createRandom } from '../../infra/random.ts';
import type { BuiltDataset } from '../training/build-dataset.ts';
import type { SerialisedEnsemble } from '../ensemble/serialised-ensemble.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { ModelVersion } from '../registry/model-store.ts';
import type { StoredPredictions } from '../registry/prediction-store.ts';
import { scorePredictions } from '../scores/prediction-scores.ts';
import { scoreValues, type ScoreValues } from '../training/fold/fold-summary.ts';
import { featureDrift, type FeatureDrift } from './feature-drift.ts';
import type { StoredLivePredictions } from './live-prediction-store.ts';
import { NOVEL_ABOVE } from './novelty.ts';
import { after } from './predict-live.ts';
import { expectationOf, scoreDecay, type Expectation, type LabelledRows, type ScoreDecay } from './score-decay.ts';

type Alarm = 'features' | 'score' | 'calibration' | 'expired';

/** One look at a registered model: what its rows, its scores and its age say. */
export interface MonitoringReport {
  readonly name: string;
  readonly version: number;
  readonly modelHash: string;
  /** Close of the newest bar. */
  readonly asOf: string;
  readonly expiresAt: string | null;
  /** Predictions after its training, how many of them have a label, and the share of rows unlike the training rows. */
  readonly predictions: number;
  readonly labelled: number;
  readonly novelShare: number | null;
  /** What that share is in the training rows. */
  readonly novelExpected: number;
  /** Null for a model without a training reference, or without a new row; `reasons` says which. */
  readonly features: FeatureDrift | null;
  /** Scores of labelled live predictions beside those of the training's out-of-sample record. */
  readonly scores: { readonly live: ScoreValues; readonly expected: ScoreValues } | null;
  readonly expectation: Expectation | null;
  readonly decay: ScoreDecay | null;
  readonly alarms: readonly Alarm[];
  /** Why something is null. */
  readonly reasons: readonly string[];
}

export interface WatchedState {
  readonly version: ModelVersion;
  readonly experiment: Experiment;
  readonly ensemble: SerialisedEnsemble;
  readonly built: BuiltDataset;
  /** Out-of-sample predictions of its training. */
  readonly record: StoredPredictions;
  readonly live: StoredLivePredictions;
  readonly newestMs: number;
}

/** Looks at a model. Pure: the same state gives the same report. */
export function monitoringReport(state: WatchedState): MonitoringReport {
  const { version, experiment, live, newestMs } = state;
  const reasons: string[] = [];
  const features = driftOf(state, reasons);
  const labelled = rowsWithLabels(live);
  const expectation = expectationOf(firstPath(state.record), {
    horizonBars: experiment.labels.horizonBars,
    random: createRandom(experiment.seed).fork('monitoring'),
  });
  const decay =
    expectation === null || labelled.y.length === 0
      ? null
      : scoreDecay(labelled, expectation, {
          horizonBars: experiment.labels.horizonBars,
          falseAlarmRate: experiment.monitoring.falseAlarmRate,
        });
  if (decay === null) reasons.push('decay: no label of a prediction after the training is known yet.');
  const known = live.novelty.filter((value) => !Number.isNaN(value));
  const expired = version.expiresAt !== null && newestMs > version.expiresAt.getTime();
  const raised: Record<Alarm, boolean> = {
    features: features?.alarm ?? false,
    score: decay?.score.alarm ?? false,
    calibration: decay?.calibration.alarm ?? false,
    expired,
  };
  return {
    name: version.name,
    version: version.version,
    modelHash: version.modelHash,
    asOf: new Date(newestMs).toISOString(),
    expiresAt: version.expiresAt?.toISOString() ?? null,
    predictions: live.length,
    labelled: labelled.y.length,
    novelShare: known.length === 0 ? null : known.filter((value) => value > NOVEL_ABOVE).length / known.length,
    novelExpected: 1 - NOVEL_ABOVE,
    features,
    scores:
      labelled.y.length === 0
        ? null
        : { live: scoreValues(scorePredictions(labelled).scores), expected: scoresOf(state.record) },
    expectation,
    decay,
    alarms: (Object.keys(raised) as Alarm[]).filter((name) => raised[name]),
    reasons,
  };
}

function driftOf({ ensemble, built, experiment }: WatchedState, reasons: string[]): FeatureDrift | null {
  if (ensemble.reference === undefined) {
    reasons.push('features: the model was trained before models kept a reference of their rows; train it again.');
    return null;
  }
  const rows = rowsSince(built, ensemble.trainedToMs);
  if (rows.rows === 0) {
    reasons.push('features: there is no bar after the training yet.');
    return null;
  }
  const drift = featureDrift(ensemble.reference, rows, experiment.monitoring.falseAlarmRate);
  if (drift.reason !== null) reasons.push(`features: ${drift.reason}.`);
  return drift;
}

/** Labelled and waiting rows decided at or after `timeMs`, in order. */
function rowsSince({ dataset, inferenceRows }: BuiltDataset, timeMs: number): Parameters<typeof featureDrift>[1] {
  const parts = [after(dataset, timeMs), after(inferenceRows, timeMs)];
  const order = parts
    .flatMap((part) => Array.from({ length: part.rows }, (_, row) => ({ part, row })))
    .sort((a, b) => a.part.decisionTimeMs[a.row]! - b.part.decisionTimeMs[b.row]!);
  const { width, featureNames } = dataset;
  const x = new Float64Array(order.length * width);
  order.forEach(({ part, row }, at) => x.set(part.x.subarray(row * width, (row + 1) * width), at * width));
  const decisionTimeMs = Float64Array.from(order, ({ part, row }) => part.decisionTimeMs[row]!);
  return { x, rows: order.length, width, featureNames, decisionTimeMs };
}

type Scored = LabelledRows & { readonly score: Float64Array; readonly realisedReturn: Float64Array };

function rowsWithLabels(live: StoredLivePredictions): Scored {
  return taken(live, (row) => !Number.isNaN(live.y[row]!));
}

/** One prediction per row and time: a combinatorial split has several paths. */
function firstPath(record: StoredPredictions): Scored {
  return taken(record, (row) => record.path[row] === 0);
}

function taken(from: Scored & { readonly length: number }, keep: (row: number) => boolean): Scored {
  const rows = Array.from({ length: from.length }, (_, row) => row).filter(keep);
  const column = (name: keyof Scored): Float64Array => Float64Array.from(rows, (row) => from[name][row]!);
  return {
    decisionTimeMs: column('decisionTimeMs'),
    probability: column('probability'),
    y: column('y'),
    score: column('score'),
    realisedReturn: column('realisedReturn'),
  };
}

function scoresOf(record: StoredPredictions): ScoreValues {
  return scoreValues(scorePredictions(firstPath(record)).scores);
}
