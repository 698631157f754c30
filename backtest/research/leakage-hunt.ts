import type { Database } from '../../infra/postgres/database.ts';
import { readLeakageReports, writeLeakageReport, type LeakageReport } from '../../models/promotion/leakage-store.ts';
import { type LookAheadReport, cutTimes, huntAtCuts, huntedApart, mergeHunts, type HuntAtCuts } from './look-ahead.ts';
import type { PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import { availableParallelism } from 'node:os';
import { silentProgress, type Progress } from '../../infra/terminal/progress.ts';
import { runOnThreads } from '../../models/estimators/threads/thread-pool.ts';
import { integerArray } from '../../models/estimators/trees/shared-array.ts';
import { huntRandom, type HuntedPart, type HuntJob } from './hunt-on-thread.ts';

/** Times from which the bars are corrupted: a feature that looks ahead at all shows at each of them. */
const CUTS = 2;

const JOB = new URL(import.meta.url.endsWith('.ts') ? './hunt-on-thread.ts' : './hunt-on-thread.js', import.meta.url);

/** Bars below which no thread is worth its start. */
const THREADED_BARS_MIN = 200_000;

export interface HuntOptions {
  readonly progress?: Progress | undefined;
  /** As many as the machine runs at once by default. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Hunts for look-ahead in features and labels of what a training rests on, once, and stores what it found. */
export async function huntOnce(
  database: Database,
  prepared: Pick<PreparedExperiment, 'experiment' | 'bars' | 'actions' | 'calendar' | 'ingested' | 'dataset' | 'set'>,
  trainingHash: string,
  options: HuntOptions = {},
): Promise<void> {
  const earlier = await readLeakageReports(database.pool, trainingHash);
  if (earlier.some(({ hunt }) => hunt === 'features-and-labels')) return;
  const report = await huntOnThreads(prepared, options);
  await writeLeakageReport(database.pool, trainingHash, storedReport('features-and-labels', report));
}

/** `huntInFeatures` at times of the dataset, its parts spread over threads; equal for any number of them. */
async function huntOnThreads(
  prepared: Parameters<typeof huntOnce>[1],
  { progress = silentProgress(), threads = availableParallelism(), signal }: HuntOptions,
): Promise<LookAheadReport> {
  const { bars, actions, calendar, ingested, dataset, set } = prepared;
  // Files given by --bars may have another bar size than the experiment says.
  const data = { ...prepared.experiment.data, timeframe: ingested.series[0]!.timeframe };
  const experiment = { ...prepared.experiment, data };
  const cutsMs = cutTimes(distinct(dataset.decisionTimeMs), CUTS, huntRandom(experiment));
  const events = set.graph.readsEvents ? set.events : null;
  const hunt = { experiment, bars, actions, calendar, events };
  const parts = huntedApart(hunt);
  const stage = progress.stage('look for look-ahead in features and labels', parts.length);
  const found: HuntAtCuts[] = [];
  const take = (part: number, own: HuntAtCuts): void => {
    found[part] = own;
    stage.advance();
  };
  if (parts.length === 1 || bars.reduce((sum, { length }) => sum + length, 0) < THREADED_BARS_MIN) {
    parts.forEach((part, at) => take(at, huntAtCuts(part, cutsMs, huntRandom(experiment))));
  } else {
    const control = integerArray(2, true);
    const told = { events: events?.events(), cutsMs, control };
    const job: HuntJob = { experiment, bars, actions, calendar: calendar.name, ...told };
    await runOnThreads({
      job: JOB.href,
      threads: Math.min(threads, parts.length),
      data: () => job,
      onMessage: (message) => take((message as HuntedPart).part, (message as HuntedPart).found),
      onAbort: () => Atomics.store(control, 1, 1),
      ...(signal === undefined ? {} : { signal }),
    });
  }
  const report = mergeHunts(cutsMs, found);
  stage.done(
    `${report.compared.features + report.compared.labels} values compared, ${report.findings.length} findings`,
  );
  return report;
}

/** The distinct values of an ascending column. */
function distinct(ascending: Float64Array): Float64Array {
  return ascending.filter((value, at) => at === 0 || value !== ascending[at - 1]);
}

/** What a hunt found, in the words that are stored. */
export function storedReport(hunt: LeakageReport['hunt'], { compared, findings }: LookAheadReport): LeakageReport {
  return { hunt, compared, findings: findings.map(({ stage, what }) => `${stage}: ${what}`) };
}
