import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { loadConfig } from '../config.ts';
import { findRedisServer } from '../installed.ts';
import { findFreePort } from '../postgres/embedded/free-port.ts';
import { PATIENCE_MS } from './patience.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Of the shell that has the server as its child. */
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * A private Redis on a free port, for one suite or proof: without persistence, or with an append-only file in `keptIn`,
 * which a later one goes on with. Its shell ends it (`kill -9`, as `stop` does) when this process ends, however that
 * happens: the pipe on its standard input closes.
 */
export async function startRedisServer(port?: number, keptIn?: string): Promise<RedisServer> {
  const program = findRedisServer(loadConfig().programPath);
  if (program === null) throw new Error('No redis-server on PATH: guard the suite with describeWith("redis", ...).');
  const chosen = port ?? (await findFreePort());
  const folder = keptIn ?? mkdtempSync(join(tmpdir(), 'signalbox-redis-'));
  const kept = ['--save', '', '--appendonly', keptIn === undefined ? 'no' : 'yes'];
  const flags = ['--port', String(chosen), '--bind', '127.0.0.1', ...kept, '--dir', folder];
  const guard = '"$@" & server=$!; cat > /dev/null; kill -KILL "$server" 2> /dev/null; wait "$server" 2> /dev/null';
  const child = spawn('/bin/sh', ['-c', guard, 'sh', program, ...flags], { stdio: ['pipe', 'ignore', 'inherit'] });
  const stop = async (): Promise<void> => {
    const ended = child.exitCode === null ? once(child, 'exit') : Promise.resolve();
    child.stdin.end();
    await ended;
    if (keptIn === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitForPong(chosen);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `redis://127.0.0.1:${chosen}`, port: chosen, pid: child.pid!, stop };
}

async function waitForPong(port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const client = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.ping();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    } finally {
      client.disconnect();
    }
    await sleep(20);
  }
}
