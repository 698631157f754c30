import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import axios from 'axios';
import { Redis } from 'ioredis';
import { checkProvider, checkSeal } from './auth/auth-checks.ts';
import { describeCache } from './cache/cache-check.ts';
import type { Config } from './config.ts';
import { makeDataFolder } from './files/private-folder.ts';
import { findChromium, findPython } from './installed.ts';
import { maskSecrets } from './logging/mask-secrets.ts';
import { packageRoot } from './package-root.ts';
import { addressOf } from './postgres/connection.ts';
import { openDatabase } from './postgres/database.ts';
import { assertNotNewer, migrationStatus } from './postgres/migrate.ts';
import { checkAlpaca, checkBinance, checkPolygon } from './vendor-checks.ts';

/** One thing that was looked at. `off`: not configured or not installed, and nothing needs it. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'off' | 'broken';
  readonly detail: string;
  /** What to do, where something is broken. */
  readonly remedy: string;
}

const TIMEOUT_MS = 10_000;
const NODE_MIN = [20, 19] as const;

type Check = (config: Config) => Promise<Omit<Finding, 'name' | 'remedy'>>;

const CHECKS: Readonly<Record<string, Check>> = {
  node: checkNode,
  'data folder': checkDataFolder,
  database: checkDatabase,
  redis: checkRedis,
  cache: async (config) => ({ state: 'ok', detail: await describeCache(config) }),
  mlflow: checkMlflow,
  alpaca: checkAlpaca,
  polygon: checkPolygon,
  binance: checkBinance,
  'sealed secrets': checkSeal,
  'identity provider': checkProvider,
  tensorflow: checkTensorflow,
  python: async ({ programPath }) =>
    found(findPython(programPath), 'not found: `signalbox tracking` needs Python 3.10'),
  chromium: async ({ programPath }) => found(findChromium(programPath), 'not found: only the page tests need it'),
};

/** Looks at everything that is configured; a check that throws is a finding, never an error of the command. */
export async function examine(config: Config): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      findings.push({ name, remedy: '', ...(await check(config)) });
    } catch (error) {
      const { message = String(error), remedy = '' } = error as { message?: string; remedy?: string };
      findings.push({ name, state: 'broken', detail: maskSecrets(message || String(error)), remedy });
    }
  }
  return findings;
}

/** An error whose remedy `examine` shows. */
function broken(message: string, remedy: string): Error {
  return Object.assign(new Error(message), { remedy });
}

function found(path: string | null, missing: string): Awaited<ReturnType<Check>> {
  return path === null ? { state: 'off', detail: missing } : { state: 'ok', detail: path };
}

async function checkNode(): ReturnType<Check> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const old = major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1]);
  if (old) throw broken(`Node ${process.versions.node}`, `Install Node ${NODE_MIN.join('.')} or later.`);
  return { state: 'ok', detail: `${process.versions.node} on ${process.platform} ${process.arch}` };
}

async function checkDataFolder({ dataDir }: Config): ReturnType<Check> {
  try {
    makeDataFolder(dataDir);
    accessSync(dataDir, constants.W_OK);
  } catch (error) {
    throw broken(`${dataDir} cannot be written: ${(error as Error).message}`, 'Set SIGNALBOX_HOME to another folder.');
  }
  return { state: 'ok', detail: dataDir };
}

async function checkDatabase(config: Config): ReturnType<Check> {
  const database = await openDatabase(config, { migrate: false });
  try {
    const client = await database.pool.connect();
    try {
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
      const status = await migrationStatus(client);
      assertNotNewer(status);
      const where = database.embedded ? 'embedded' : addressOf(database.url);
      const pending = status.pending.length === 0 ? '' : `, ${status.pending.length} to apply (the next run does it)`;
      const detail = `${where}, PostgreSQL ${rows[0]!.server_version}, ${status.applied.length} migrations${pending}`;
      return { state: 'ok', detail };
    } finally {
      client.release();
    }
  } finally {
    await database.close();
  }
}

async function checkRedis({ redisUrl }: Config): ReturnType<Check> {
  if (redisUrl === null) return { state: 'off', detail: 'REDIS_URL is not set: the job queue runs on PostgreSQL' };
  const client = new Redis(redisUrl, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
  });
  let reason = '';
  // ioredis tells the cause here and rejects with "Connection is closed."
  client.on('error', (error: Error) => (reason = error.message));
  try {
    await client.connect();
    const version = /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'of unknown version';
    return { state: 'ok', detail: `${new URL(redisUrl).host}, Redis ${version}` };
  } catch (error) {
    throw broken(
      `${new URL(redisUrl).host}: ${reason || (error as Error).message}`,
      'Start Redis, correct REDIS_URL, or unset it.',
    );
  } finally {
    client.disconnect();
  }
}

async function checkMlflow({ mlflowTrackingUri, mlflowUsername, mlflowPassword }: Config): ReturnType<Check> {
  if (mlflowTrackingUri === null) {
    return { state: 'off', detail: 'MLFLOW_TRACKING_URI is not set: runs wait in the outbox' };
  }
  const base = mlflowTrackingUri.replace(/\/+$/, '');
  const auth = mlflowUsername === null ? undefined : { username: mlflowUsername, password: mlflowPassword ?? '' };
  try {
    await axios.post(`${base}/api/2.0/mlflow/experiments/search`, { max_results: 1 }, { auth, timeout: TIMEOUT_MS });
    return { state: 'ok', detail: maskSecrets(base) };
  } catch (error) {
    const { message, code } = error as { message: string; code?: string };
    throw broken(
      `${base}: ${message || code}`,
      'Start the server, correct MLFLOW_TRACKING_URI and its user, or unset it: what was logged stays in the outbox.',
    );
  }
}

async function checkTensorflow({ tfBackend }: Config): ReturnType<Check> {
  const native = tfBackend === 'wasm' ? 'not tried' : nativeProblem();
  if (native === null) return { state: 'ok', detail: 'native (@tensorflow/tfjs-node loads)' };
  if (tfBackend === 'native') {
    throw broken(`SIGNALBOX_TF_BACKEND asks for native: ${native}`, 'Install @tensorflow/tfjs-node or use auto.');
  }
  createRequire(join(packageRoot(), 'package.json')).resolve('@tensorflow/tfjs-backend-wasm');
  return { state: 'ok', detail: `wasm (native: ${native})` };
}

/** Why the native backend does not load, or null. Tried in a process of its own: a bad addon can end the process. */
function nativeProblem(): string | null {
  const root = packageRoot();
  if (!existsSync(join(root, 'node_modules', '@tensorflow', 'tfjs-node'))) return 'not installed';
  const trial = spawnSync(process.execPath, ['-e', "require('@tensorflow/tfjs-node')"], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (trial.status === 0) return null;
  return /^\w*Error: .*$/m.exec(trial.stderr)?.[0] ?? `it ended with ${trial.status ?? trial.signal}`;
}
