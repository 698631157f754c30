import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { CommandContext } from '../../infra/command.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { sourceState } from '../../infra/git.ts';
import { configuredClient } from '../../infra/mlflow/configured-client.ts';
import { drainOutbox } from '../../infra/mlflow/drain.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { assertQueueReachable, createQueueFactory } from '../../infra/redis/queue.ts';
import { experimentPath } from '../../models/experiment/load-experiment.ts';
import { closingEntries } from '../../models/training/tracking-entries.ts';
import { streamOf } from '../../models/registry/training-names.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { checkedExperiment, type BarsFiles } from '../../models/experiment/checked-experiment.ts';
import { privateFolder } from '../../infra/files/private-folder.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { backtestExperiment, type ExperimentBacktest } from './experiment-backtest.ts';
import { offerFirst, type RegisteredVersion } from '../promotion/first-champion.ts';
import { huntOnce } from '../research/leakage-hunt.ts';
import { noteEvidence } from '../promotion/version-evidence.ts';
import { latestSignals } from './latest-signals.ts';
import { prepareExperiment, type PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import type { ReportInput } from '../report/report-input.ts';
import { renderReport } from '../report/render-report.ts';
import type { BacktestResult } from '../judgement/result.ts';
import { trainExperiment, type TrainedExperiment } from '../../models/training/train-experiment.ts';

export interface RunOptions extends BarsFiles {
  /** File or name of an experiment. */
  readonly experiment: string;
  readonly fresh: boolean;
}

/** Everything a run of an experiment leaves behind. */
export interface ExperimentRun {
  readonly result: BacktestResult;
  readonly report: ReportInput;
  readonly reportPath: string;
  readonly trained: TrainedExperiment;
  readonly prepared: PreparedExperiment;
  /** Where the version that was trained stands in the registry. */
  readonly registered: RegisteredVersion;
}

/** Backtest figures that the tracking server is told. */
const TRACKED = [
  ...(['totalReturn', 'cagr', 'volatility', 'sharpe', 'sortino', 'maxDrawdown', 'exposure', 'turnover'] as const),
  ...(['trades', 'probabilisticSharpe', 'deflatedSharpe', 'trials'] as const),
];

/**
 * The main job: bars in, features materialised, folds trained on the queue, predictions traded, result judged, the
 * version offered to the gate where there is no champion, report written, tracking server told. Each stage does only
 * what is missing; a killed run is finished by the next.
 */
export async function runExperiment(context: CommandContext, options: RunOptions): Promise<ExperimentRun> {
  const { progress } = context;
  const { prepared, trained } = await trainPrepared(context, options);
  const database = await context.database();
  const threads = context.config.workers ?? availableParallelism();
  const work = { progress, threads, signal: context.signal };
  await huntOnce(database, prepared, trained.trainingHash, work);
  const stage = progress.stage('backtest, baselines and statistics');
  const latest = await latestSignals(database, prepared, trained.trainingHash);
  const backtest = await backtestExperiment(database, prepared, trained, { ...work, latest });
  stage.done(`${backtest.result.trades} trades, verdict: ${backtest.result.verdict}`);
  await noteEvidence(database, trained, backtest.result);
  const training = { hash: trained.trainingHash, name: prepared.experiment.name };
  const registered = await offerFirst(database, training, context.clock);
  const report = reportInput(prepared, trained, backtest);
  const reportPath = await writeReport(context, { report, trained, database });
  return { result: backtest.result, report, reportPath, trained, prepared, registered };
}

/** The stages up to and including training: what a backtest and a paper session have in common. */
async function trainPrepared(
  context: CommandContext,
  options: RunOptions,
): Promise<{ prepared: PreparedExperiment; trained: TrainedExperiment }> {
  const { config, progress, clock, signal } = context;
  const { barsFiles, barsCalendar, fresh } = options;
  const files = { barsFiles, barsCalendar, vendors: systemVendorAccess(config.vendors) };
  const path = experimentPath(options.experiment);
  const experiment = await checkedExperiment(path, files);
  const database = await context.database();
  await requireRedis(config, database);
  const prepared = await prepareExperiment(database, { experiment, ...files, progress, fresh, signal });
  signal.throwIfAborted();
  const experimentText = readFileSync(path, 'utf8');
  const training = { config, database, progress, clock, signal, fresh, experimentText };
  return { prepared, trained: await trainExperiment(prepared, training) };
}

/**
 * A Redis that does not answer is found before anything is written. The PostgreSQL backend answers where the database
 * does.
 */
async function requireRedis(config: CommandContext['config'], database: Database): Promise<void> {
  if (config.redisUrl === null) return;
  let reason: Error | null = null;
  const queues = createQueueFactory(config, database, (error) => (reason = error));
  try {
    await assertQueueReachable(queues);
  } catch (error) {
    if (reason === null || !(error instanceof SignalboxError)) throw error;
    throw new SignalboxError(error.message, { remedy: error.remedy, cause: reason });
  } finally {
    await queues.close();
  }
}

function reportInput(
  prepared: PreparedExperiment,
  trained: TrainedExperiment,
  { result, evaluation }: ExperimentBacktest,
): ReportInput {
  const { experiment, ingested } = prepared;
  const [first] = ingested.series;
  const source = sourceState();
  const symbols = ingested.series.map(({ symbol }) => symbol);
  const named = symbols.length > 4 ? `${symbols.length} symbols` : symbols.join(', ');
  return {
    title: experiment.name,
    description: experiment.description,
    result,
    evaluation,
    data: {
      title: `${named}, ${first!.source}`,
      statement: prepared.sourceStatement,
      url: /https?:\/\/[^\s)]+/.exec(prepared.sourceStatement)?.[0] ?? null,
      simulated: first!.source === 'simulated',
      timeframe: first!.timeframe,
    },
    costs: experiment.costs,
    currency: prepared.instruments[0]!.currency,
    source: stringify(experiment),
    identification: [
      { label: 'Training hash', value: trained.trainingHash },
      { label: 'Experiment hash', value: trained.plan.experimentHash },
      { label: 'Data hash', value: ingested.dataHash },
      { label: 'Feature set hash', value: prepared.set.hash },
      { label: 'Seed', value: String(experiment.seed) },
      { label: 'TensorFlow.js backend', value: trained.plan.backend },
      { label: 'Node', value: process.versions.node },
      {
        label: 'Git commit',
        value: source.commit === null ? 'none' : `${source.commit}${source.dirty ? ', modified' : ''}`,
      },
    ],
    writtenAtMs: null,
  };
}

async function writeReport(
  context: CommandContext,
  { report, trained, database }: { report: ReportInput; trained: TrainedExperiment; database: Database },
): Promise<string> {
  const stage = context.progress.stage('report');
  const name = `${report.title}-${trained.trainingHash.slice(0, 8)}`;
  const folder = privateFolder(context.config.dataDir, 'reports', name);
  const html = await renderReport(report);
  const path = join(folder, 'report.html');
  await writeWholeFile(join(folder, 'result.json'), JSON.stringify(report.result));
  await writeWholeFile(path, html);
  stage.done(path);
  const { result } = report;
  const metrics = Object.fromEntries(TRACKED.map((name) => [name, result[name]]));
  const closing = { html: Buffer.from(html), verdict: result.verdict, part: trained.plan.experimentHash.slice(0, 12) };
  await enqueue(
    database.pool,
    streamOf(trained.trainingHash),
    closingEntries(trained.trainingHash, metrics, closing, context.clock()),
  );
  await tellTracker(context, database);
  return path;
}

/**
 * Delivers the outbox where a server is configured. One that is down is no failure: the entries wait for the next
 * drain.
 */
async function tellTracker(context: CommandContext, database: Database): Promise<void> {
  const client = configuredClient(context.config);
  if (client === null) return;
  const stage = context.progress.stage(`tell MLflow at ${client.address}`);
  const { delivered, pending, refused, outage } = await drainOutbox(database, client, { signal: context.signal });
  const left = pending > 0 ? `, ${pending} wait in the outbox` : '';
  const no = refused.length > 0 ? `, ${refused.length} refused (see \`signalbox tracking status\`)` : '';
  stage.done(`${delivered} delivered${left}${no}${outage === null ? '' : `: ${outage.message}`}`);
}
