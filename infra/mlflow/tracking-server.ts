import type { ChildProcess } from 'node:child_process';
import { existsSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../config.ts';
import { InputError, SignalboxError } from '../errors.ts';
import { openPrivateLog, writePrivateFile } from '../files/private-file.ts';
import { privateFolder } from '../files/private-folder.ts';
import { findFreePort, isPortFree } from '../postgres/embedded/free-port.ts';
import { MlflowClient } from './mlflow-client.ts';
import { MlflowError } from './mlflow-error.ts';
import { ensurePython } from '../python/python-environment.ts';
import { spawnWatched } from '../python/python-watchdog.ts';

/** 3.18.0 asks for a package that the index does not have; the `skinny` package has no server. */
export const MLFLOW = {
  name: 'mlflow',
  packages: ['mlflow==3.17.2'],
  purpose: 'MLflow 3.17.2 (850 MB, once)',
  remedy: 'Install it, or set MLFLOW_TRACKING_URI to a server that runs elsewhere.',
};

/** The first start makes the SQLite schema: 4 to 6 s on two idle cores, over 2 minutes at a load average of 15. */
const START_MS_MAX = 300_000;

export interface TrackingServerOptions {
  /** Holds the Python environment, `mlflow-venv`. */
  readonly dataDir: string;
  /** Holds the server's database, artifacts and log. Default: `mlflow` below `dataDir`. */
  readonly storeDir?: string;
  /** Default: the port of the last time if it is free, else any free one. */
  readonly port?: number | undefined;
  readonly onStage?: (text: string) => void;
  /** Folders where Python is looked for; default: those of the environment. */
  readonly programPath?: string;
  /** Aborted: the start is given up, nothing stays behind. */
  readonly signal?: AbortSignal;
}

export interface TrackingServer {
  readonly uri: string;
  /** Resolves when the server has ended by itself, with the last of its log. */
  readonly ended: Promise<string>;
  /** Resolves when no process of the server is left. */
  stop(): Promise<void>;
}

/**
 * Starts a local MLflow server on loopback (SQLite and artifacts below `storeDir`, job execution and telemetry off, one
 * worker) and waits until it answers; makes its Python environment first when needed. The server never outlives this
 * process, even when that is killed.
 */
export async function ensureTrackingServer(options: TrackingServerOptions): Promise<TrackingServer> {
  const { dataDir, onStage = () => undefined, signal, programPath = loadConfig().programPath } = options;
  const python = await ensurePython({ ...MLFLOW, dataDir, programPath, onStage, signal });
  const storeDir = options.storeDir === undefined ? privateFolder(dataDir, 'mlflow') : privateFolder(options.storeDir);
  const port = await choosePort(options.port, storeDir);
  onStage(`Starting MLflow on port ${port}`);
  const logFile = join(storeDir, 'server.log');
  const child = spawnServer(python, { storeDir, port, logFile });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const server: TrackingServer = {
    uri: `http://127.0.0.1:${port}`,
    ended: closed.then(() => lastLines(logFile)),
    stop: async () => {
      child.stdin!.end();
      await closed;
    },
  };
  try {
    await waitUntilHealthy(server, logFile, signal);
  } catch (error) {
    await server.stop();
    throw error;
  }
  writePrivateFile(join(storeDir, 'port'), String(port));
  return server;
}

function spawnServer(python: string, where: { storeDir: string; port: number; logFile: string }): ChildProcess {
  const { storeDir, port, logFile } = where;
  const args = [
    ...['--backend-store-uri', `sqlite:///${join(storeDir, 'mlflow.db')}`],
    ...['--artifacts-destination', join(storeDir, 'artifacts')],
    ...['--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
    // The default takes every private address for a name of this server, and lets other pages of this machine frame it
    // and ask it.
    ...['--allowed-hosts', `127.0.0.1:${port},localhost:${port}`, '--x-frame-options', 'DENY'],
  ];
  const log = openPrivateLog(logFile);
  try {
    return spawnWatched(python, ['-m', 'mlflow', 'server', ...args], log);
  } finally {
    closeSync(log);
  }
}

async function choosePort(wanted: number | undefined, storeDir: string): Promise<number> {
  if (wanted !== undefined) {
    if (await isPortFree(wanted)) return wanted;
    throw new InputError(`Port ${wanted} is in use.`, 'Give another with --port, or none.');
  }
  const file = join(storeDir, 'port');
  const last = existsSync(file) ? Number(readFileSync(file, 'utf8')) : NaN;
  return Number.isInteger(last) && (await isPortFree(last)) ? last : findFreePort();
}

async function waitUntilHealthy(server: TrackingServer, logFile: string, signal?: AbortSignal): Promise<void> {
  const client = new MlflowClient({ uri: server.uri, timeoutMs: 2000, failuresMax: Number.MAX_SAFE_INTEGER });
  const deadline = performance.now() + START_MS_MAX;
  let endedEarly: string | undefined;
  void server.ended.then((text) => (endedEarly = text));
  while (endedEarly === undefined && performance.now() < deadline) {
    signal?.throwIfAborted();
    try {
      await client.checkHealth();
      return;
    } catch (error) {
      if (!(error instanceof MlflowError)) throw error;
      await sleep(100);
    }
  }
  throw new SignalboxError(`The MLflow server did not start:\n${endedEarly ?? lastLines(logFile)}`, {
    remedy: `Its whole log is in ${logFile}.`,
  });
}

function lastLines(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}
