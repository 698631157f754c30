import type { EntryOf, MetricPoint, OutboxEntry, TextMap } from '../../infra/mlflow/outbox-entry.ts';
import type { SourceState } from '../../infra/git.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { FINAL_FOLD, MODEL_FOLDER, modelKey, parentKey, versionKey } from '../registry/training-names.ts';
import type { FoldSummary, ScoreValues } from './fold/fold-summary.ts';
import type { TrainingPlan } from '../registry/training-store.ts';
import type { CompiledOwnFile } from '../../infra/own-files/own-file.ts';
import { SCORE_NAMES } from '../scores/score.ts';

// What the tracking server is told of a training. Estimators know nothing of it: the jobs write these entries to the
// outbox in the transaction that stores the results they describe.

const foldKey = (trainingHash: string, fold: number): string =>
  `${parentKey(trainingHash)}/${fold === FINAL_FOLD ? 'final' : `fold/${fold + 1}`}`;

interface Timing {
  readonly startMs: number;
  readonly endMs: number;
}

/** Where a training came from, for its run's tags and inputs. */
export interface Provenance {
  readonly source: SourceState;
  /** What of it was not committed; null for nothing. */
  readonly difference: string | null;
  /** The experiment file's text as the user wrote it. */
  readonly experimentText: string;
  readonly dataStatement: string;
  readonly bars: number;
}

/**
 * The run of the whole training, its parameters, tags, dataset, experiment file and what of the source was not
 * committed: enqueued with the plan.
 */
export function openingEntries(
  trainingHash: string,
  plan: TrainingPlan,
  provenance: Provenance,
  startMs: number,
): OutboxEntry[] {
  const { experiment } = plan;
  const { difference } = provenance;
  const { commit, dirty } = provenance.source;
  const runKey = parentKey(trainingHash);
  const tags: TextMap = {
    'mlflow.source.name': 'signalbox',
    ...(commit === null ? {} : { 'mlflow.source.git.commit': commit }),
    'git.dirty': String(dirty),
    'data.hash': plan.dataHash,
    'features.hash': plan.featureSetHash,
    'experiment.hash': plan.experimentHash,
    'training.hash': trainingHash,
    seed: String(experiment.seed),
    'tensorflow.backend': plan.backend,
  };
  return [
    {
      kind: 'createRun',
      runKey,
      experimentName: experiment.name,
      runName: `${experiment.name} ${trainingHash.slice(0, 8)}`,
      startTimeMs: startMs,
      tags,
    },
    { kind: 'logBatch', runKey, part: 'parameters', params: flatten(experiment) },
    {
      kind: 'logInputs',
      runKey,
      part: 'bars',
      datasets: [
        {
          name: plan.series
            .map(({ symbol }) => symbol)
            .join(',')
            .slice(0, 200),
          digest: plan.dataHash.slice(0, 36),
          sourceType: 'postgres',
          source: JSON.stringify({ table: 'bars', statement: provenance.dataStatement }),
          profile: JSON.stringify({ bars: provenance.bars, symbols: plan.series.length }),
          context: 'training',
        },
      ],
    },
    artifact(runKey, 'experiment.yaml', 'text/yaml', Buffer.from(provenance.experimentText, 'utf8')),
    ...(difference === null ? [] : [artifact(runKey, 'source.diff', 'text/x-diff', Buffer.from(difference, 'utf8'))]),
  ];
}

/**
 * A nested run with the scores of one fold, counted from 1. They stand there alone: under the same names the training's
 * run has those of all folds pooled.
 */
export function foldEntries(
  trainingHash: string,
  plan: TrainingPlan,
  fold: FoldSummary,
  timing: Timing,
): OutboxEntry[] {
  const runKey = foldKey(trainingHash, fold.index);
  const step = fold.index + 1;
  const scores = metricsOf(fold, step, timing.endMs);
  const members = fold.members.flatMap((member) =>
    [
      { key: `${member.name}.weight`, value: member.weight },
      { key: `${member.name}.logLoss`, value: member.logLoss },
      { key: `${member.name}.informationCoefficient`, value: member.informationCoefficient },
    ].flatMap(({ key, value }) => (value === null ? [] : [{ key, value, step, timestampMs: timing.endMs }])),
  );
  const params: TextMap = {
    'train.from': fold.train.from,
    'train.to': fold.train.to,
    'test.from': fold.test.from,
    'test.to': fold.test.to,
    'train.rows': String(fold.trainRows),
    'test.rows': String(fold.testRows),
  };
  return [
    nestedRun(trainingHash, plan, {
      ...{ runKey, runName: `fold ${step}`, startTimeMs: timing.startMs },
      tags: { fold: String(step) },
    }),
    { kind: 'logBatch', runKey, part: 'scores', params, metrics: [...scores, ...members] },
    { kind: 'finishRun', runKey, status: 'FINISHED', endTimeMs: timing.endMs },
  ];
}

function metricsOf(scores: ScoreValues, step: number, timestampMs: number): MetricPoint[] {
  return SCORE_NAMES.flatMap((key) => {
    const value = scores[key];
    return value === null ? [] : [{ key, value, step, timestampMs }];
  });
}

/** A nested run for the final model, and the model itself as an artifact of the training's run. */
export function finalEntries(
  trainingHash: string,
  plan: TrainingPlan,
  content: Uint8Array,
  timing: Timing,
): OutboxEntry[] {
  const runKey = foldKey(trainingHash, FINAL_FOLD);
  const parent = parentKey(trainingHash);
  const description = { kind: 'signalbox-ensemble', features: plan.featureSetHash, backend: plan.backend };
  const described = Buffer.from(JSON.stringify(description), 'utf8');
  const files: [path: string, contentType: string, content: Uint8Array][] = [
    ['ensemble.bin', 'application/octet-stream', content],
    ['description.json', 'application/json', described],
  ];
  return [
    nestedRun(trainingHash, plan, { runKey, runName: 'final model', startTimeMs: timing.startMs }),
    { kind: 'finishRun', runKey, status: 'FINISHED', endTimeMs: timing.endMs },
    ...files.map(([path, contentType, bytes]) => artifact(parent, `${MODEL_FOLDER}/${path}`, contentType, bytes)),
    {
      kind: 'logModel',
      modelKey: modelKey(trainingHash),
      runKey: parent,
      name: plan.experiment.name,
      modelType: 'signalbox-ensemble',
      params: { 'features.hash': plan.featureSetHash, 'tensorflow.backend': plan.backend },
      tags: { 'training.hash': trainingHash, 'experiment.hash': plan.experimentHash, 'data.hash': plan.dataHash },
    },
    ...files.map(([path, contentType, bytes]) => ({
      ...artifact(parent, path, contentType, bytes),
      modelKey: modelKey(trainingHash),
    })),
  ];
}

/** The registered model's version and its alias. */
export function registrationEntries(
  trainingHash: string,
  plan: TrainingPlan,
  registered: { version: number; alias: string },
): OutboxEntry[] {
  return [
    {
      kind: 'registerModel',
      modelName: plan.experiment.name,
      versionKey: versionKey(trainingHash),
      runKey: parentKey(trainingHash),
      artifactPath: MODEL_FOLDER,
      modelKey: modelKey(trainingHash),
      tags: { 'signalbox.version': String(registered.version), 'training.hash': trainingHash },
      alias: registered.alias,
    },
  ];
}

/** What the backtest of a training's predictions showed. */
export interface TrackedBacktest {
  /** Scores of all out-of-sample rows; null where there are none. */
  readonly pooled: ScoreValues | null;
  readonly figures: Readonly<Record<string, number | null>>;
  readonly verdict: string;
  /** Tells apart experiments that share a training and differ in signal rules, sizing, limits or costs. */
  readonly part: string;
  /** Whether it was traded by the rules of the training's own plan. */
  readonly own: boolean;
}

/**
 * Pooled scores, figures and end of the training's run: enqueued when the backtest of its predictions is there. Plain
 * names belong to the training's own rules; those of other rules carry their part.
 */
export function closingEntries(trainingHash: string, backtest: TrackedBacktest, endMs: number): OutboxEntry[] {
  const runKey = parentKey(trainingHash);
  const { pooled, figures, verdict, part, own } = backtest;
  const named = (name: string): string => (own ? name : `rules-${part}.${name}`);
  const metrics = Object.entries(figures).flatMap(([name, value]) =>
    value === null ? [] : [{ key: named(name), value, step: 0, timestampMs: endMs }],
  );
  return [
    { kind: 'logBatch', runKey, part: 'pooled', metrics: pooled === null ? [] : metricsOf(pooled, 0, endMs) },
    { kind: 'logBatch', runKey, part: `backtest-${part}`, metrics, tags: { [named('verdict')]: verdict } },
    { kind: 'finishRun', runKey, status: 'FINISHED', endTimeMs: endMs },
  ];
}

/** The report of a run of an experiment, beside the others of its training. */
export function reportEntry(trainingHash: string, part: string, html: Uint8Array): OutboxEntry {
  return artifact(parentKey(trainingHash), `report-${part}.html`, 'text/html', html);
}

function nestedRun(
  trainingHash: string,
  plan: TrainingPlan,
  run: { runKey: string; runName: string; startTimeMs: number; tags?: TextMap },
): OutboxEntry {
  const { name } = plan.experiment;
  return { kind: 'createRun', parentRunKey: parentKey(trainingHash), experimentName: name, ...run };
}

function artifact(runKey: string, path: string, contentType: string, content: Uint8Array): EntryOf<'logArtifact'> {
  return { kind: 'logArtifact', runKey, path, contentType, content };
}

/** Dotted keys and text values: how MLflow keeps parameters. */
function flatten(experiment: Experiment): TextMap {
  const params: Record<string, string> = {};
  const visit = (prefix: string, value: unknown): void => {
    if (isCompiled(value)) params[prefix] = `${value.path} ${value.hash}`;
    else if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) params[prefix] = value.join(' ');
    else if (Array.isArray(value)) value.forEach((item, index) => visit(`${prefix}.${nameOf(item) ?? index}`, item));
    else if (value !== null && typeof value === 'object') {
      for (const [key, member] of Object.entries(value)) visit(prefix === '' ? key : `${prefix}.${key}`, member);
    } else params[prefix] = String(value);
  };
  visit('', experiment);
  return params;
}

/** A user's file stands by its hash: its text is no parameter. */
function isCompiled(value: unknown): value is CompiledOwnFile {
  return typeof value === 'object' && value !== null && 'script' in value && 'hash' in value;
}

function nameOf(item: unknown): string | null {
  const name = (item as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? name : null;
}
