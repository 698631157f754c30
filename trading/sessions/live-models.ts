import { InputError, SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { loadEnsemble, type EnsembleModel } from '../../models/ensemble/ensemble-model.ts';
import { decodeEnsemble } from '../../models/ensemble/serialised-ensemble.ts';
import { fittedFileOf } from '../../models/estimators/own/file-estimator.ts';
import { requireFileAsFitted } from '../../models/estimators/own/known-files.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { liveReasons } from '../../models/explain/row-reasons.ts';
import {
  listVersions,
  readModel,
  type ModelVersion,
  type StoredModel,
  aliasHolder,
} from '../../models/registry/model-store.ts';
import { noveltyOf } from '../../models/monitoring/novelty.ts';
import { lifeMsOf, plannedSpans } from '../../models/promotion/model-life.ts';
import { experimentWindow } from '../../models/registry/experiment-window.ts';
import { useBackendOf } from '../../models/registry/tensor-backend.ts';
import { readTraining, trainedExperiments, type TrainingPlan } from '../../models/registry/training-store.ts';
import type { DecidingModel, UnfitModel } from './live/live-predictor.ts';

/** What a model must have been trained on to be asked about a session's rows. */
export interface SessionRows {
  readonly experiment: Experiment;
  /** What the user calls the experiment: its file or the name of one that comes along. */
  readonly asked: string;
  readonly featureSetHash: string;
  readonly symbols: readonly string[];
}

/** A registered version, loaded. */
export interface LiveModel extends DecidingModel {
  readonly hash: string;
  readonly model: EnsembleModel;
}

/** A registered version that may not be asked: what it was trained on is not what the session has. */
interface UnfitVersion extends UnfitModel {
  readonly hash: string;
  /** What loading it threw, where that is why. */
  readonly cause?: unknown;
}

/** Rows kept at least: a promoted version may look further back than the one that the session began with. */
const KEPT_ROWS_MIN = 64;

/** The version that may trade an experiment. InputError with the remedy where there is none. */
export async function requireChampion(
  { pool }: Pick<Database, 'pool'>,
  { experiment: { name }, asked }: Pick<SessionRows, 'experiment' | 'asked'>,
): Promise<ModelVersion> {
  const champion = await aliasHolder(pool, name, 'champion');
  if (champion !== null) return champion;
  const versions = await listVersions(pool, name);
  const newest = versions.at(-1);
  throw new InputError(
    `${name} has no champion: no model may trade it live.`,
    newest === undefined
      ? `Train one, look at it and offer it to the gate: signalbox run ${asked} --once, then signalbox models promote ${name}@1.`
      : `Offer a version to the gate: signalbox models promote ${name}@${newest.version}.`,
  );
}

/**
 * The models of a live session: at each close the one that the registry names, after a restart the one that was
 * recorded.
 */
export class LiveModels {
  readonly #database: Database;
  readonly #rows: SessionRows;
  #loaded: LiveModel | UnfitVersion | null = null;

  constructor(database: Database, rows: SessionRows) {
    this.#database = database;
    this.#rows = rows;
  }

  /**
   * The version that holds `champion` as a session begins, checked and loaded. InputError where none holds it, or where
   * it was trained on other rows than the session has.
   */
  async requireFitting(): Promise<LiveModel> {
    return this.requireFittingVersion(await requireChampion(this.#database, this.#rows), 'the champion');
  }

  /** A version, checked and loaded. @param role what it is to the session. InputError where it does not fit */
  async requireFittingVersion(version: ModelVersion, role: string): Promise<LiveModel> {
    const model = await this.#of(version.modelHash, version);
    if (!('unfit' in model)) return model;
    if (model.cause !== undefined) throw model.cause;
    throw new InputError(
      `${model.label}, ${role}, does not fit the experiment: ${model.unfit}.`,
      'Give the changed experiment a name of its own and run it, or take back the change.',
    );
  }

  /**
   * The version that holds `champion` now: `models promote` and `models rollback` take effect at the next close. One
   * that does not fit the session is told apart, and null is none: neither ends a session that runs.
   */
  async champion(): Promise<LiveModel | UnfitVersion | null> {
    const version = await aliasHolder(this.#database.pool, this.#rows.experiment.name, 'champion');
    return version === null ? null : this.#of(version.modelHash, version);
  }

  /** A model that decided an earlier close. SignalboxError where the registry does not have it any more. */
  async recorded(hash: string): Promise<LiveModel> {
    // The usual one: the registry is not asked at every bar.
    if (this.#loaded?.hash === hash && 'model' in this.#loaded) return this.#loaded;
    const versions = await listVersions(this.#database.pool, this.#rows.experiment.name);
    const version = versions.find(({ modelHash }) => modelHash === hash);
    if (version === undefined) {
      throw new SignalboxError(`Model ${hash.slice(0, 12)}, which decided earlier bars of this session, is gone.`, {
        remedy: 'Start a new session (--session ID), or restore the database from a backup.',
      });
    }
    const model = await this.#of(hash, version);
    if (!('unfit' in model)) return model;
    throw new SignalboxError(`${model.label} decided earlier bars of this session and cannot be asked again.`, {
      remedy: `Of it: ${model.unfit}. Start a new session (--session ID), or restore the database from a backup.`,
      cause: model.cause,
    });
  }

  /** Rows of a symbol that the models of this name look at, those of every training included. */
  async keptRows(): Promise<number> {
    const trained = await trainedExperiments(this.#database.pool, this.#rows.experiment.name);
    const experiments = [this.#rows.experiment, ...trained];
    return Math.max(KEPT_ROWS_MIN, ...experiments.map((experiment) => experimentWindow(experiment)));
  }

  async #of(hash: string, version: ModelVersion): Promise<LiveModel | UnfitVersion> {
    if (this.#loaded?.hash === hash) return this.#loaded;
    const label = `${version.name}@${version.version}`;
    const found = await this.#load(hash, version, label);
    if (this.#loaded !== null && 'model' in this.#loaded) this.#loaded.model.dispose();
    // One that cannot be loaded is tried again: it may be restored while the session runs.
    this.#loaded = 'cause' in found ? null : found;
    return found;
  }

  /** Where the database is away the error stays one: what cannot be read is no model that does not fit. */
  async #load(hash: string, version: ModelVersion, label: string): Promise<LiveModel | UnfitVersion> {
    const unfit = (error: unknown): UnfitVersion => ({
      hash,
      label,
      unfit: `it cannot be loaded: ${wordsOf(error)}`,
      cause: error,
    });
    let stored: StoredModel;
    let plan: TrainingPlan;
    try {
      // The store checks the bytes against the hash.
      stored = await readModel(this.#database.pool, hash);
      plan = await readTraining(this.#database.pool, stored.trainingHash);
    } catch (error) {
      if (error instanceof SignalboxError) return unfit(error);
      throw error;
    }
    const misfit = misfitOf(plan, this.#rows);
    if (misfit !== null) return { hash, label, unfit: misfit };
    try {
      await useBackendOf(plan);
      return await loaded({ stored, plan, version, label });
    } catch (error) {
      // Whatever its bytes make a library throw: a version that cannot be loaded is refused, and said to be so.
      return unfit(error);
    }
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Decoding and loading check the checksums of ensemble and members. */
async function loaded(of: {
  stored: StoredModel;
  plan: TrainingPlan;
  version: ModelVersion;
  label: string;
}): Promise<LiveModel> {
  const { stored, plan, version, label } = of;
  const serialised = decodeEnsemble(stored.content);
  for (const member of serialised.members) {
    const file = fittedFileOf(member.model);
    // The training's plan knows its text: what trades is what can be read.
    if (file !== null) requireFileAsFitted(file);
  }
  const model = await loadEnsemble(serialised);
  const novelty = serialised.reference?.novelty ?? null;
  const width = serialised.featureNames.length;
  const lifeMs = lifeMsOf(plan.experiment, plannedSpans(plan.folds));
  return {
    hash: stored.hash,
    label,
    model,
    // Versions registered before models expired have no date on record: their plan says it.
    expiresAtMs: version.expiresAt?.getTime() ?? stored.trainToMs + lifeMs,
    reasonsOf: liveReasons(model),
    noveltyOf: (row) => (novelty === null ? null : noveltyOf(novelty, { x: row, rows: 1, width })[0]!),
  };
}

/** Each difference between the rows that a version was trained on and those of the session; null for none. */
function misfitOf(plan: TrainingPlan, { experiment, featureSetHash, symbols }: SessionRows): string | null {
  const sorted = (list: readonly string[]): string => [...list].sort().join(', ');
  const own = sorted(symbols);
  const trained = sorted(plan.series.map(({ symbol }) => symbol));
  const { adjust: adjusted, timeframe } = plan.experiment.data;
  const differences = [
    ...(plan.featureSetHash === featureSetHash ? [] : ['another feature set']),
    ...(trained === own ? [] : [`another universe (${trained}; the experiment has ${own})`]),
    ...(timeframe === experiment.data.timeframe
      ? []
      : [`bars of another size (${timeframe}; the experiment has ${experiment.data.timeframe})`]),
    ...(adjusted === experiment.data.adjust ? [] : [`prices adjusted for ${adjusted}, not ${experiment.data.adjust}`]),
  ];
  return differences.length === 0 ? null : `it was trained on ${differences.join(' and ')}`;
}
