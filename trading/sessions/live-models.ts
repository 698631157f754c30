import { InputError, SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { loadEnsemble, type EnsembleModel } from '../../models/ensemble/ensemble-model.ts';
import { decodeEnsemble } from '../../models/ensemble/serialised-ensemble.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { liveReasons } from '../../models/explain/row-reasons.ts';
import { listVersions, readModel, type ModelVersion, aliasHolder } from '../../models/registry/model-store.ts';
import { noveltyOf } from '../../models/monitoring/novelty.ts';
import { lifeMsOf, plannedSpans } from '../../models/promotion/model-life.ts';
import { experimentWindow } from '../../models/registry/experiment-window.ts';
import { useBackendOf } from '../../models/registry/tensor-backend.ts';
import { readTraining, trainedExperiments, type TrainingPlan } from '../../models/registry/training-store.ts';
import type { DecidingModel } from './live-predictor.ts';

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
  #loaded: LiveModel | null = null;

  constructor(database: Database, rows: SessionRows) {
    this.#database = database;
    this.#rows = rows;
  }

  /**
   * The version that holds `champion` now, checked and loaded: `models promote` and `models rollback` take effect at
   * the next close. InputError where none holds it, or where it was trained on other rows than the session has.
   */
  async champion(): Promise<LiveModel> {
    const version = await requireChampion(this.#database, this.#rows);
    return this.#of(version.modelHash, version);
  }

  /** A model that decided an earlier close. SignalboxError where the registry does not have it any more. */
  async recorded(hash: string): Promise<LiveModel> {
    if (this.#loaded?.hash === hash) return this.#loaded;
    const versions = await listVersions(this.#database.pool, this.#rows.experiment.name);
    const version = versions.find(({ modelHash }) => modelHash === hash);
    if (version === undefined) {
      throw new SignalboxError(`Model ${hash.slice(0, 12)}, which decided earlier bars of this session, is gone.`, {
        remedy: 'Start a new session (--session ID), or restore the database from a backup.',
      });
    }
    return this.#of(hash, version);
  }

  /** Rows of a symbol that the models of this name look at, those of every training included. */
  async keptRows(): Promise<number> {
    const trained = await trainedExperiments(this.#database.pool, this.#rows.experiment.name);
    const experiments = [this.#rows.experiment, ...trained];
    return Math.max(KEPT_ROWS_MIN, ...experiments.map((experiment) => experimentWindow(experiment)));
  }

  async #of(hash: string, version: ModelVersion): Promise<LiveModel> {
    if (this.#loaded?.hash === hash) return this.#loaded;
    // The store checks the bytes against the hash, decoding and loading the checksums of ensemble and members.
    const stored = await readModel(this.#database.pool, hash);
    const plan = await readTraining(this.#database.pool, stored.trainingHash);
    const label = `${version.name}@${version.version}`;
    requireFit(label, plan, this.#rows);
    await useBackendOf(plan);
    const serialised = decodeEnsemble(stored.content);
    const model = await loadEnsemble(serialised);
    const novelty = serialised.reference?.novelty ?? null;
    const width = serialised.featureNames.length;
    const lifeMs = lifeMsOf(plan.experiment, plannedSpans(plan.folds));
    this.#loaded?.model.dispose();
    this.#loaded = {
      hash,
      label,
      model,
      // Versions registered before models expired have no date on record: their plan says it.
      expiresAtMs: version.expiresAt?.getTime() ?? stored.trainToMs + lifeMs,
      reasonsOf: liveReasons(model),
      noveltyOf: (row) => (novelty === null ? null : noveltyOf(novelty, { x: row, rows: 1, width })[0]!),
    };
    return this.#loaded;
  }
}

/** InputError naming each difference between the rows that a version was trained on and those of the session. */
function requireFit(label: string, plan: TrainingPlan, { experiment, featureSetHash, symbols }: SessionRows): void {
  const sorted = (list: readonly string[]): string => [...list].sort().join(', ');
  const own = sorted(symbols);
  const trained = sorted(plan.series.map(({ symbol }) => symbol));
  const adjusted = plan.experiment.data.adjust;
  const differences = [
    ...(plan.featureSetHash === featureSetHash ? [] : ['another feature set']),
    ...(trained === own ? [] : [`another universe (${trained}; the experiment has ${own})`]),
    ...(adjusted === experiment.data.adjust ? [] : [`prices adjusted for ${adjusted}, not ${experiment.data.adjust}`]),
  ];
  if (differences.length === 0) return;
  throw new InputError(
    `${label}, the champion, does not fit the experiment: it was trained on ${differences.join(' and ')}.`,
    'Give the changed experiment a name of its own and run it, or take back the change.',
  );
}
