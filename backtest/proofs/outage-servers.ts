import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Config } from '../../infra/config.ts';
import { InputError } from '../../infra/errors.ts';
import { findRedisServer } from '../../infra/installed.ts';
import { ensureTrackingServer } from '../../infra/mlflow/tracking-server.ts';
import { makeDataFolder } from '../../infra/files/private-folder.ts';

/** A server that can go away and come back at its address. */
export interface Breakable {
  readonly url: string;
  /** Ends it: in order, or as `kill -9` does. */
  end(how: 'order' | 'kill'): Promise<void>;
  /** Starts it again with what it kept; `empty`: it has lost everything. */
  start(empty?: boolean): Promise<void>;
}

/** The three servers of a training, each with its data in a folder below one. */
export interface OutageServers {
  readonly postgres: Breakable;
  readonly redis: Breakable;
  readonly mlflow: Breakable;
  stop(): Promise<void>;
}

/** Starts all three. InputError when a program is missing that is not installed with us. */
export async function startOutageServers(folder: string, config: Config): Promise<OutageServers> {
  if (findRedisServer(config.programPath) === null) {
    throw new InputError('There is no redis-server on PATH.', 'Install Redis 7; this proof restarts one of its own.');
  }
  const starting = [
    startPostgres(join(folder, 'home')),
    startRedis(join(folder, 'redis')),
    startMlflow(folder, config),
  ];
  const started = await Promise.allSettled(starting);
  const stop = async (): Promise<void> => {
    const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    await Promise.all(running.map((server) => server.end('order')));
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const [postgres, redis, mlflow] = await Promise.all(starting);
  return { postgres: postgres!, redis: redis!, mlflow: mlflow!, stop };
}

async function startPostgres(dataDir: string): Promise<Breakable> {
  // A test server's file: no part of what is installed for use.
  const { startBreakablePostgres } = await import('../../infra/testing/breakable-postgres.ts');
  return startBreakablePostgres(dataDir);
}

async function startRedis(folder: string): Promise<Breakable> {
  // A test server's file: no part of what is installed for use.
  const { startRedisServer } = await import('../../infra/testing/redis-server.ts');
  makeDataFolder(folder);
  let server = await startRedisServer(undefined, folder);
  const { url, port } = server;
  const end = async (how: 'order' | 'kill'): Promise<void> => {
    if (how === 'order') await shutDown(url);
    await server.stop();
  };
  const start = async (empty = false): Promise<void> => {
    if (empty) rmSync(folder, { recursive: true });
    makeDataFolder(folder);
    server = await startRedisServer(port, folder);
  };
  return { url, end, start };
}

/** Returns when the server has closed its file and gone: its last answer is the end of the connection. */
async function shutDown(url: string): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => null });
  client.on('error', () => undefined);
  const closed = new Promise((resolve) => client.once('end', resolve));
  void client.shutdown().catch(() => undefined);
  await closed;
}

async function startMlflow(folder: string, { dataDir, programPath }: Config): Promise<Breakable> {
  const options = { dataDir, programPath, storeDir: join(folder, 'mlflow') };
  let server = await ensureTrackingServer(options);
  const url = server.uri;
  const end = (): Promise<void> => server.stop();
  const start = async (): Promise<void> => {
    server = await ensureTrackingServer({ ...options, port: Number(new URL(url).port) });
  };
  return { url, end, start };
}
