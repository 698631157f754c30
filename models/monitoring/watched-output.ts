import type { CommandContext } from '../../infra/command.ts';
import { findVersion } from '../registry/model-store.ts';
import { calibrationCurve, type CalibrationBin } from '../scores/calibration-curve.ts';
import { listLivePredictions, readLivePredictions, type ListedPrediction } from './live-prediction-store.ts';
import type { MonitoringReport } from './monitoring-report.ts';
import { readActions, readReports, type MonitoringAction, type StoredReport } from './monitoring-store.ts';

/** Labelled predictions below which a curve shows chance alone. */
const CURVE_ROWS_MIN = 30;

/** One look at a model, as a line of its history. */
interface LookFigures {
  readonly asOf: string;
  readonly reportedAt: Date;
  readonly alarms: MonitoringReport['alarms'];
  readonly predictions: number;
  readonly labelled: number;
  readonly novelShare: number | null;
  readonly novelExpected: number;
  readonly logLoss: number | null;
  readonly logLossExpected: number | null;
  /** Evidence that its scores are worse than expected, and its probabilities off, as shares of what raises an alarm. */
  readonly scoreEvidence: number | null;
  readonly calibrationEvidence: number | null;
}

/** How a version does after its training. */
export interface WatchedModel {
  readonly name: string;
  readonly version: number;
  /** The last look whole; null where nobody has looked. */
  readonly latest: MonitoringReport | null;
  /** Looks, the newest first. */
  readonly looks: readonly LookFigures[];
  /** What followed from looks at any version of the name, the newest first. */
  readonly actions: readonly MonitoringAction[];
  /** Of live predictions whose labels are known; null where there are too few. */
  readonly calibration: readonly CalibrationBin[] | null;
}

/** What is on record of looks at a version. @throws InputError for one that there is not */
export async function watchedOutput(context: CommandContext, reference: string, looks: number): Promise<WatchedModel> {
  const { pool } = await context.database();
  const { name, version, modelHash } = await findVersion(pool, reference);
  const reports = await readReports(pool, modelHash, looks);
  const live = await readLivePredictions(pool, modelHash);
  const known = [...live.y.keys()].filter((row) => !Number.isNaN(live.y[row]!));
  const column = (values: Float64Array): Float64Array => Float64Array.from(known, (row) => values[row]!);
  return {
    name,
    version,
    latest: reports[0]?.report ?? null,
    looks: reports.map(figuresOf),
    actions: (await readActions(pool, name)).reverse(),
    calibration: known.length < CURVE_ROWS_MIN ? null : calibrationCurve(column(live.probability), column(live.y)),
  };
}

function figuresOf({ report, reportedAt }: StoredReport): LookFigures {
  const { asOf, alarms, predictions, labelled, novelShare, novelExpected, scores, decay } = report;
  return {
    ...{ asOf, reportedAt, alarms, predictions, labelled, novelShare, novelExpected },
    logLoss: scores?.live.logLoss ?? null,
    logLossExpected: scores?.expected.logLoss ?? null,
    scoreEvidence: decay === null ? null : decay.score.evidence / decay.score.limit,
    calibrationEvidence: decay === null ? null : decay.calibration.evidence / decay.calibration.limit,
  };
}

/** Live predictions of a version, the newest first, and where the next page begins. */
export async function livePredictionsOutput(
  context: CommandContext,
  reference: string,
  { symbol, limit, cursor }: { symbol?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<{ predictions: ListedPrediction[]; next: string | null }> {
  const { pool } = await context.database();
  const { modelHash } = await findVersion(pool, reference);
  const skip = Number(cursor ?? 0);
  const found = await listLivePredictions(pool, modelHash, { symbol: symbol ?? null, skip, limit: limit + 1 });
  return { predictions: found.slice(0, limit), next: found.length > limit ? String(skip + limit) : null };
}
