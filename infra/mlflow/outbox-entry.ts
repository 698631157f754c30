/** Text by text, as MLflow keeps parameters and tags. */
export type TextMap = Readonly<Record<string, string>>;

export interface MetricPoint {
  readonly key: string;
  /** NaN and the infinities are allowed. */
  readonly value: number;
  readonly step: number;
  /** Milliseconds since the epoch; a repeat must carry the same one. */
  readonly timestampMs: number;
}

/** A dataset that a run has read: name and digest identify it on the server. */
export interface DatasetInput {
  readonly name: string;
  /** At most 36 characters reach the server: a longer digest is cut. */
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema?: string;
  readonly profile?: string;
  /** `mlflow.data.context`: training, validation, ... */
  readonly context?: string;
}

interface CreateExperiment {
  readonly kind: 'createExperiment';
  readonly experimentName: string;
  readonly tags?: TextMap;
}

interface CreateRun {
  readonly kind: 'createRun';
  /** Unique among all streams: later entries, of any stream, refer to the run by it. */
  readonly runKey: string;
  /** Makes this a nested run; the parent must have been enqueued before. */
  readonly parentRunKey?: string;
  /** Created when the server does not have it. */
  readonly experimentName: string;
  readonly runName: string;
  readonly startTimeMs: number;
  readonly tags?: TextMap;
}

interface LogBatch {
  readonly kind: 'logBatch';
  readonly runKey: string;
  /** Names this batch within its run (`params`, `epochs`, ...): the same part of the same run is stored once. */
  readonly part: string;
  readonly params?: TextMap;
  readonly metrics?: readonly MetricPoint[];
  readonly tags?: TextMap;
}

interface LogInputs {
  readonly kind: 'logInputs';
  readonly runKey: string;
  readonly part: string;
  readonly datasets: readonly DatasetInput[];
}

interface LogArtifact {
  readonly kind: 'logArtifact';
  readonly runKey: string;
  /** Given: the file belongs to this logged model instead of to the run. */
  readonly modelKey?: string;
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

/** A logged model of MLflow 3, an output of its run. Servers before that are not told, nor of its files. */
interface LogModel {
  readonly kind: 'logModel';
  readonly modelKey: string;
  readonly runKey: string;
  readonly name: string;
  readonly modelType: string;
  readonly params?: TextMap;
  readonly tags?: TextMap;
}

/** A version of a registered model (created when it is not there), and the alias that then names it. */
interface RegisterModel {
  readonly kind: 'registerModel';
  readonly modelName: string;
  /** Unique among all streams. */
  readonly versionKey: string;
  readonly runKey: string;
  /**
   * Folder of the run's artifacts that holds the model; ignored where `modelKey` is given and the server has logged
   * models.
   */
  readonly artifactPath: string;
  readonly modelKey?: string;
  readonly description?: string;
  readonly tags?: TextMap;
  readonly alias?: string;
}

/** Moves an alias to a version registered before: promotion and rollback. */
interface SetAlias {
  readonly kind: 'setAlias';
  readonly modelName: string;
  readonly versionKey: string;
  readonly alias: string;
  /** Names this move: going back to an earlier version is a new move. */
  readonly part: string;
}

/** Takes an alias away; nothing happens where it is not there. A new move like `setAlias`, hence `part`. */
interface DeleteAlias {
  readonly kind: 'deleteAlias';
  readonly modelName: string;
  readonly alias: string;
  readonly part: string;
}

interface FinishRun {
  readonly kind: 'finishRun';
  readonly runKey: string;
  readonly status: 'FINISHED' | 'FAILED' | 'KILLED';
  readonly endTimeMs: number;
}

/** One thing the tracking server shall be told. */
export type OutboxEntry =
  | CreateExperiment
  | CreateRun
  | LogBatch
  | LogInputs
  | LogArtifact
  | LogModel
  | RegisterModel
  | SetAlias
  | DeleteAlias
  | FinishRun;

export type EntryOf<Kind extends OutboxEntry['kind']> = Extract<OutboxEntry, { kind: Kind }>;

/** The entry's key within its stream: equal for the same thing told again by a retried job, whatever the clock said. */
export function entryKeyOf(entry: OutboxEntry): string {
  switch (entry.kind) {
    case 'createExperiment':
      return `createExperiment/${entry.experimentName}`;
    case 'createRun':
      return `createRun/${entry.runKey}`;
    case 'finishRun':
      // With the status: a job that failed and was then retried to its end is told twice.
      return `finishRun/${entry.runKey}/${entry.status}`;
    case 'logBatch':
    case 'logInputs':
      return `${entry.kind}/${entry.runKey}/${entry.part}`;
    case 'logArtifact':
      return `logArtifact/${entry.modelKey ?? entry.runKey}/${entry.path}`;
    case 'logModel':
      return `logModel/${entry.modelKey}`;
    case 'registerModel':
      return `registerModel/${entry.versionKey}`;
    case 'setAlias':
      return `setAlias/${entry.modelName}/${entry.alias}/${entry.part}`;
    case 'deleteAlias':
      return `deleteAlias/${entry.modelName}/${entry.alias}/${entry.part}`;
  }
}
