import { availableParallelism } from 'node:os';
import { stringify } from 'yaml';
import type { CommandContext } from '../../infra/command.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { sourceState } from '../../infra/git.ts';
import { collectGarbage } from '../../infra/release-memory.ts';
import { configuredClient } from '../../infra/mlflow/configured-client.ts';
import { drainOutbox } from '../../infra/mlflow/drain.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { assertQueueReachable, createQueueFactory } from '../../infra/redis/queue.ts';
import { experimentPath } from '../../models/experiment/experiment-names.ts';
import { reportEntry } from '../../models/training/tracking-entries.ts';
import { streamOf } from '../../models/registry/training-names.ts';
import { recordedText } from '../../models/experiment/replaced-data.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { requireEnoughBars } from '../../models/training/require-enough-bars.ts';
import { checkedExperiment, type BarsFiles } from '../../models/experiment/checked-experiment.ts';
import type { MonteCarloSettings } from '../statistics/monte-carlo.ts';
import { analysedBacktest, type ExperimentBacktest } from './experiment-backtest.ts';
import { offerFirst, type RegisteredVersion } from '../promotion/first-champion.ts';
import { huntOnce } from '../research/leakage-hunt.ts';
import { noteEvidence } from '../promotion/version-evidence.ts';
import { decisionRecord } from './decision-record.ts';
import { sessionDefinition } from '../../trading/sessions/experiment-session.ts';
import { latestSignals } from './latest-signals.ts';
import { prepareExperiment, type PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import type { ReportInput } from '../report/report-input.ts';
import { keepReport } from '../report/keep-report.ts';
import { runCurves } from '../report/run-curves.ts';
import { runRecord } from '../report/run-record.ts';
import { renderReport } from '../report/render-report.ts';
import type { BacktestResult } from '../judgement/result.ts';
import { trainExperiment, type TrainedExperiment } from '../../models/training/train-experiment.ts';

export interface RunOptions extends BarsFiles {
  /** File or name of an experiment. */
  readonly experiment: string;
  readonly fresh: boolean;
  /** What a user asks to be drawn beside the result. */
  readonly monteCarlo?: Partial<MonteCarloSettings>;
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

/** Predictions from which what a stage leaves behind is worth a look before the next. */
const LARGE_ROWS = 500_000;

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
  if (trained.predictions.length >= LARGE_ROWS) collectGarbage();
  await huntOnce(database, prepared, trained.trainingHash, work);
  const stage = progress.stage('backtest, baselines and statistics');
  const latest = await latestSignals(database, prepared, trained.trainingHash);
  const backtest = await analysedBacktest(database, prepared, trained, {
    ...work,
    latest,
    monteCarlo: options.monteCarlo,
  });
  stage.done(`${backtest.result.trades} trades, verdict: ${backtest.result.verdict}`);
  await noteEvidence(database, trained, backtest.result, context.clock());
  if (trained.predictions.length >= LARGE_ROWS) collectGarbage();
  const training = { hash: trained.trainingHash, name: prepared.experiment.name };
  const atHand = { trainingHash: trained.trainingHash, loaded: prepared, predictions: trained.predictions };
  const registered = await offerFirst(database, training, context.clock, { atHand, progress });
  const report = reportInput(prepared, trained, backtest);
  const session = sessionDefinition(prepared, trained, 'backtest').id;
  const reportPath = await writeReport(context, { report, trained, database, session });
  return { result: backtest.result, report, reportPath, trained, prepared, registered };
}

/** The stages up to and including training: what a backtest and a paper session have in common. */
async function trainPrepared(
  context: CommandContext,
  options: RunOptions,
): Promise<{ prepared: PreparedExperiment; trained: TrainedExperiment }> {
  const { config, progress, clock, signal } = context;
  const { experiment: _name, fresh, monteCarlo: _drawn, ...bars } = options;
  const files = { ...bars, vendors: systemVendorAccess(config.vendors) };
  const path = experimentPath(options.experiment);
  const experiment = await checkedExperiment(path, files, requireEnoughBars);
  const database = await context.database();
  await requireRedis(config, database);
  const prepared = await prepareExperiment(database, { experiment, ...files, progress, fresh, signal });
  signal.throwIfAborted();
  const experimentText = recordedText(path, experiment, files.barsFiles);
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
  { result, evaluation, analysis }: ExperimentBacktest,
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
    analysis,
    decision: decisionRecord(prepared.dataset, trained.predictions),
  };
}

interface WrittenReport {
  readonly report: ReportInput;
  readonly trained: TrainedExperiment;
  readonly database: Database;
  readonly session: string;
}

async function writeReport(
  context: CommandContext,
  { report, trained, database, session }: WrittenReport,
): Promise<string> {
  const stage = context.progress.stage('report');
  const name = `${report.title}-${trained.trainingHash.slice(0, 8)}`;
  const html = await renderReport(report);
  const { dataDir } = context.config;
  const record = runRecord(report, { kind: 'experiment', session, madeAtMs: context.clock() });
  const curves = runCurves(report.evaluation);
  const path = await keepReport({ dataDir, name, html, result: JSON.stringify(report.result), record, curves });
  stage.done(path);
  const { trainingHash, plan } = trained;
  const entry = reportEntry(trainingHash, plan.experimentHash.slice(0, 12), Buffer.from(html));
  await enqueue(database.pool, streamOf(trainingHash), [entry]);
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
