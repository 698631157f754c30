import type { Clock } from '../../infra/clock.ts';
import type { Config } from '../../infra/config.ts';
import { InputError, SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { Progress } from '../../infra/terminal/progress.ts';
import { readLivePredictions } from '../../models/monitoring/live-prediction-store.ts';
import { monitoringReport, type MonitoringReport } from '../../models/monitoring/monitoring-report.ts';
import { alertOfModel } from './worker-alerts.ts';
import { writeAction, writeReport, type MonitoringAction } from '../../models/monitoring/monitoring-store.ts';
import { predictLive } from '../../models/monitoring/predict-live.ts';
import type { SupervisionKind } from '../../models/monitoring/supervision-schedule.ts';
import {
  finalModelOf,
  findVersion,
  listVersions,
  newestTrainedToMs,
  readModel,
  type ModelVersion,
  aliasHolder,
} from '../../models/registry/model-store.ts';
import { readPredictions } from '../../models/registry/prediction-store.ts';
import { readDecisions } from '../../models/promotion/decision-store.ts';
import { applyDecision } from '../../models/promotion/promote.ts';
import { decidePromotion, type PromotionDecision } from '../../models/promotion/promotion-gate.ts';
import { backtestExperiment } from '../experiment/experiment-backtest.ts';
import { huntOnce } from '../research/leakage-hunt.ts';
import type { PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import { promotionEvidence } from '../promotion/promotion-evidence.ts';
import { trainExperiment } from '../../models/training/train-experiment.ts';
import { noteEvidence } from '../promotion/version-evidence.ts';

export interface SuperviseOptions {
  readonly config: Config;
  readonly database: Database;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The experiment file as the user wrote it, for the record of a training. */
  readonly experimentText: string;
  /** `retrain` trains a challenger without an alarm. */
  readonly kind: SupervisionKind;
  /** False: look only. */
  readonly act: boolean;
}

/** What a look found and what followed from it. */
export interface Supervision {
  readonly report: MonitoringReport;
  /**
   * The challenger that is shadowed now: how many of its live predictions have a label, and how many the gate waits
   * for.
   */
  readonly shadow: { readonly version: number; readonly labelledBars: number; readonly wantedBars: number } | null;
  readonly action: MonitoringAction | null;
  readonly decision: PromotionDecision | null;
}

/**
 * One look at an experiment's champion, and what follows: champion and challenger predict the new bars, the champion's
 * rows, scores and age are judged; a challenger that has been shadowed long enough is offered to the gate; without one,
 * an alarm (or the schedule) trains a challenger on the newer data. At most one action a look; a look that was killed
 * is repeated by the next. InputError without a champion.
 */
export async function supervise(prepared: PreparedExperiment, options: SuperviseOptions): Promise<Supervision> {
  const { database, clock } = options;
  const { name } = prepared.experiment;
  const champion = await aliasHolder(database.pool, name, 'champion');
  if (champion === null) {
    const newest = (await listVersions(database.pool, name)).at(-1)?.version;
    throw new InputError(
      `${name} has no champion to watch.`,
      newest === undefined
        ? `Train one: signalbox run ${name}.`
        : `See why with signalbox models show ${name}@${newest}; signalbox models promote ${name}@${newest} offers it again.`,
    );
  }
  const report = await look(prepared, champion, options);
  await writeReport(database.pool, report, clock());
  await alertOfModel(database.pool, report, options);
  const challenger = await waitingChallenger(database, name);
  const shadow = challenger === null ? null : await shadowOf(prepared, challenger, options);
  const unchanged = { report, shadow, action: null, decision: null };
  if (!options.act) return unchanged;
  if (challenger !== null && shadow !== null) {
    if (shadow.labelledBars < shadow.wantedBars) return unchanged;
    return { report, shadow, ...(await offer(challenger, report, options)) };
  }
  const because = options.kind === 'retrain' ? ['schedule'] : report.alarms;
  if (because.length === 0 || !(await hasNewBars(prepared, options))) return unchanged;
  return {
    report,
    shadow: null,
    decision: null,
    action: await trainChallenger(prepared, report, { options, because }),
  };
}

const newestMsOf = ({ bars }: PreparedExperiment): number =>
  Math.max(...bars.map(({ closeTimeMs, length }) => closeTimeMs[length - 1] ?? -Infinity));

async function look(
  prepared: PreparedExperiment,
  version: ModelVersion,
  { database, clock }: SuperviseOptions,
): Promise<MonitoringReport> {
  const watched = { modelHash: version.modelHash, role: 'champion' } as const;
  const { model, ensemble } = await predictLive(database, watched, { built: prepared, madeAtMs: clock() });
  return monitoringReport({
    version,
    experiment: prepared.experiment,
    ensemble,
    built: prepared,
    record: await readPredictions(database.pool, model.trainingHash),
    live: await readLivePredictions(database.pool, version.modelHash),
    newestMs: newestMsOf(prepared),
  });
}

/** The challenger of a name that no decision has been made about. */
async function waitingChallenger(database: Database, name: string): Promise<ModelVersion | null> {
  const challenger = await aliasHolder(database.pool, name, 'challenger');
  if (challenger === null) return null;
  const decisions = await readDecisions(database.pool, name, challenger.modelHash);
  return decisions.length === 0 ? challenger : null;
}

/** Lets the challenger predict beside the champion; what it says is stored and traded by nobody. */
async function shadowOf(
  prepared: PreparedExperiment,
  { modelHash, version }: ModelVersion,
  { database, clock }: SuperviseOptions,
): Promise<NonNullable<Supervision['shadow']>> {
  await predictLive(database, { modelHash, role: 'challenger' }, { built: prepared, madeAtMs: clock() });
  const live = await readLivePredictions(database.pool, modelHash);
  const labelled = live.decisionTimeMs.filter((_, row) => !Number.isNaN(live.y[row]!));
  const wantedBars = prepared.experiment.monitoring.shadowBars;
  return { version, labelledBars: new Set(labelled).size, wantedBars };
}

async function offer(
  challenger: ModelVersion,
  report: MonitoringReport,
  { database, clock }: SuperviseOptions,
): Promise<{ action: MonitoringAction; decision: PromotionDecision }> {
  const decision = decidePromotion(await promotionEvidence(database, challenger, clock()), clock());
  await applyDecision(database, decision);
  const detail = { version: challenger.version, outcome: decision.outcome };
  const action = { name: report.name, asOf: report.asOf, kind: 'offered', detail } as const;
  await writeAction(database.pool, action, clock());
  return { action, decision };
}

/**
 * False while the newest training of the name has seen all but a window of bars: another one would learn next to
 * nothing new.
 */
async function hasNewBars(prepared: PreparedExperiment, { database }: SuperviseOptions): Promise<boolean> {
  const { name, monitoring } = prepared.experiment;
  const trainedToMs = (await newestTrainedToMs(database.pool, name)) ?? -Infinity;
  const closes = new Set(prepared.bars.flatMap(({ closeTimeMs }) => [...closeTimeMs.filter((ms) => ms > trainedToMs)]));
  return closes.size >= monitoring.windowBars;
}

async function trainChallenger(
  prepared: PreparedExperiment,
  report: MonitoringReport,
  { options, because }: { options: SuperviseOptions; because: readonly string[] },
): Promise<MonitoringAction> {
  const { database, clock } = options;
  const trained = await trainExperiment(prepared, { ...options, fresh: false });
  await huntOnce(database, prepared, trained.trainingHash);
  const { result } = await backtestExperiment(database, prepared, trained);
  await noteEvidence(database, trained, result, clock());
  const model = await finalModelOf(database.pool, trained.trainingHash);
  if (model === null) throw new SignalboxError('The training has no final model.', { remedy: 'Look again.' });
  const version = await versionOf(database, report.name, model.hash);
  const detail = { because, version, trainingHash: trained.trainingHash, verdict: result.verdict };
  const action = { name: report.name, asOf: report.asOf, kind: 'trained', detail } as const;
  await writeAction(database.pool, action, clock());
  return action;
}

async function versionOf(database: Database, name: string, modelHash: string): Promise<number> {
  const challenger = await findVersion(database.pool, `${name}@challenger`);
  const { hash } = await readModel(database.pool, modelHash);
  if (challenger.modelHash === hash) return challenger.version;
  throw new SignalboxError(`${name} was trained by somebody else meanwhile.`, { remedy: 'Look again.' });
}
