import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../infra/config.ts';
import { writePrivateFile } from '../../infra/files/private-file.ts';
import { drainOutbox } from '../../infra/mlflow/drain.ts';
import { MlflowClient } from '../../infra/mlflow/mlflow-client.ts';
import { openDatabase } from '../../infra/postgres/database.ts';
import { readLineage } from '../../models/registry/training-store.ts';
import { rowCounts } from '../testing/killed-run.ts';
import { startSignalbox, type RunningProcess } from '../testing/run-process.ts';
import { writeSmallExperiment } from '../testing/small-experiment.ts';
import { outcomeOf } from '../testing/training-place.ts';
import { startOutageServers, type Breakable, type OutageServers } from './outage-servers.ts';
import { trackedContent } from './tracked-content.ts';

const NAME = 'small';
/** Enough for two workers to train for some seconds: time to lose a server in. */
const TREES = 400;

/** How a server goes away. */
export interface Outage {
  readonly name: string;
  readonly server: Exclude<keyof OutageServers, 'stop'>;
  readonly how: 'order' | 'kill';
  /** It comes back with nothing of what it held. */
  readonly empty?: boolean;
  /** It is away from before the run to after its end. */
  readonly throughout?: boolean;
}

/** What a run left behind, in parts that can be told apart. */
export interface Left {
  /** The result document, journal hash included. */
  readonly result: unknown;
  /** Folds, predictions, models, versions of the training, and rows by table. */
  readonly stored: unknown;
  /** What the tracking server holds once everything is delivered. */
  readonly tracked: unknown;
}

export interface OutageRun {
  readonly left: Left;
  /** Why the run had to be started again; empty: it came to its end by itself. */
  readonly failure: string;
  /** The worker beside it never ended by itself. */
  readonly workerLives: boolean;
  readonly trainingMs: number;
  /** Whether training was under way when the server went. */
  readonly during: boolean;
}

export interface Disturbance {
  readonly outage: Outage;
  /** From the beginning of training. */
  readonly atMs: number;
  readonly downMs: number;
}

/** A run over two workers, its own and one beside it, on servers of its own. Null: undisturbed. */
export async function runThroughOutage(config: Config, disturbance: Disturbance | null): Promise<OutageRun> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-outage-'));
  // Open to the server's user, so that root's data lies inside and goes with the folder.
  chmodSync(folder, 0o711);
  try {
    const servers = await startOutageServers(folder, config);
    try {
      return await runOn(servers, { folder, path: config.programPath, disturbance });
    } finally {
      await servers.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runOn(
  servers: OutageServers,
  { folder, path, disturbance }: { folder: string; path: string; disturbance: Disturbance | null },
): Promise<OutageRun> {
  const experiment = writeSmallExperiment(folder, NAME);
  writePrivateFile(experiment, readFileSync(experiment, 'utf8').replace('trees: 40', `trees: ${TREES}`));
  const env = {
    SIGNALBOX_HOME: join(folder, 'home'),
    DATABASE_URL: servers.postgres.url,
    REDIS_URL: servers.redis.url,
    MLFLOW_TRACKING_URI: servers.mlflow.url,
    SIGNALBOX_WORKERS: '1',
    PATH: path,
  };
  const throughout = disturbance?.outage.throughout === true ? servers[disturbance.outage.server] : null;
  await throughout?.end('order');
  const processes: RunningProcess[] = [];
  const start = (...args: readonly string[]): RunningProcess => {
    const started = startSignalbox(args, {}, env);
    processes.push(started);
    return started;
  };
  try {
    const worker = start('worker', '--concurrency', '1');
    await worker.said('Ctrl-C stops it');
    const first = start('run', experiment, '--once');
    await first.said('train ');
    const startedMs = performance.now();
    const trained = first.said('backtest, baselines').then(() => performance.now() - startedMs);
    let trainingMs: number | null = null;
    trained.then((ms) => (trainingMs = ms)).catch(() => undefined);
    const back = disturbance === null || throughout !== null ? null : disturb(servers, disturbance);
    const during =
      back === null ? true : await back.then(({ goneMs }) => trainingMs === null || goneMs < startedMs + trainingMs);
    let ended = await first.ended;
    const failure = ended.code === 0 ? '' : (/error: .*/.exec(ended.stderr)?.[0] ?? `exit code ${ended.code}`);
    if (failure !== '') ended = await start('run', experiment, '--once').ended;
    if (ended.code !== 0) throw new Error(`the run ended with ${ended.code}:\n${ended.stderr}`);
    await throughout?.start();
    const workerLives = worker.child.exitCode === null && worker.child.signalCode === null;
    return { left: await leftBehind(servers, folder), failure, workerLives, trainingMs: trainingMs ?? 0, during };
  } finally {
    for (const one of processes) one.kill();
    await Promise.all(processes.map(({ ended }) => ended));
  }
}

/** Ends the server at the moment and starts it again a while later. Resolves, when it is back, to when it went. */
async function disturb(servers: OutageServers, { outage, atMs, downMs }: Disturbance): Promise<{ goneMs: number }> {
  const server: Breakable = servers[outage.server];
  await sleep(atMs);
  const goneMs = performance.now();
  await server.end(outage.how);
  await sleep(downMs);
  await server.start(outage.empty);
  return { goneMs };
}

async function leftBehind(servers: OutageServers, folder: string): Promise<Left> {
  const database = await openDatabase({ databaseUrl: servers.postgres.url, dataDir: '' });
  try {
    const client = new MlflowClient({ uri: servers.mlflow.url });
    const { pending, refused } = await drainOutbox(database, client);
    const trainings = await readLineage(database.pool);
    const { trainingHash } = trainings[0]!;
    return {
      result: JSON.parse(
        readFileSync(join(folder, 'home', 'reports', `${NAME}-${trainingHash.slice(0, 8)}`, 'result.json'), 'utf8'),
      ),
      stored: {
        trainings: trainings.length,
        outcome: await outcomeOf(database, trainingHash),
        rows: await rowCounts(database),
        undelivered: pending + refused.length,
      },
      tracked: await trackedContent(client, NAME),
    };
  } finally {
    await database.close();
  }
}
