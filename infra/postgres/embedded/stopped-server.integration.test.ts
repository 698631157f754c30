import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PG_MIGRATE_LOCK_ID } from 'node-pg-migrate';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../package-root.ts';
import { signalTree } from '../../testing/stopped-process.ts';
import { isOutage } from '../database-error.ts';
import { connect, type Database } from '../database.ts';
import { acquireEmbeddedServer, type EmbeddedServer } from './embedded-server.ts';
import { readPostmaster } from './postmaster-file.ts';
import { stopServer } from './server-process.ts';

/** Far more than it takes, for busy machines, and far less than for ever. */
const SECONDS_MAX = 60;

describe('a PostgreSQL that is stopped', () => {
  let folder: string;
  let server: EmbeddedServer;
  let database: Database;
  let pid: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stopped-'));
    chmodSync(folder, 0o711);
    server = await acquireEmbeddedServer({ dataDir: folder, settings: ['fsync=off'] });
    pid = readPostmaster(join(folder, 'postgres', 'cluster'))!.pid;
  });
  beforeEach(async () => {
    database = await connect(server.url, { migrate: false }, null);
  });
  afterEach(async () => {
    signalTree(pid, 'SIGCONT');
    await database.close();
  });
  afterAll(async () => {
    await server.release();
    rmSync(folder, { recursive: true, force: true });
  });

  const within = async (work: () => Promise<unknown>): Promise<unknown> => {
    const beganMs = performance.now();
    const outcome = await work().then(
      () => new Error('it ended as if nothing were wrong'),
      (error: unknown) => error,
    );
    expect((performance.now() - beganMs) / 1000).toBeLessThan(SECONDS_MAX);
    expect(outcome).toMatchObject({ message: expect.stringContaining('does not answer') });
    expect(isOutage(outcome)).toBe(true);
    return outcome;
  };

  it('is named by a query under way, and serves again when it goes on', async () => {
    await database.pool.query('SELECT 1');
    await within(() =>
      database.transaction(async (client) => {
        signalTree(pid, 'SIGSTOP');
        await client.query('SELECT 1');
      }),
    );
    signalTree(pid, 'SIGCONT');
    expect((await database.pool.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
  });

  it('is named by a COPY under way', async () => {
    await within(() =>
      database.transaction(async (client) => {
        await client.query('CREATE TABLE IF NOT EXISTS public.copied (id int)');
        const stream = client.query(copyFrom('COPY public.copied FROM STDIN'));
        const failed = once(stream, 'error');
        signalTree(pid, 'SIGSTOP');
        stream.end('1\n2\n');
        throw (await failed)[0];
      }),
    );
  });

  it('is named by who connects, and closing does not hang', async () => {
    await database.pool.query('SELECT 1');
    signalTree(pid, 'SIGSTOP');
    const beganMs = performance.now();
    await database.close();
    expect((performance.now() - beganMs) / 1000).toBeLessThan(SECONDS_MAX);
    await within(() => connect(server.url, { migrate: false }, null));
  });

  it('is not taken for stopped when a query or a reader takes its time', async () => {
    const client = await database.pool.connect();
    const slow = client.query(copyTo("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 20000)) TO STDOUT"));
    const query = database.pool.query("SELECT pg_sleep(16), 'slept' AS outcome");
    await sleep(16_000);
    let bytes = 0;
    for await (const piece of slow as AsyncIterable<Buffer>) bytes += piece.length;
    client.release();
    expect(bytes).toBe(20_000 * 1001);
    expect((await query).rows[0]).toMatchObject({ outcome: 'slept' });
  });

  const cli = (...args: string[]) => {
    const child = spawn(process.execPath, [join(packageRoot(), 'signalbox.mjs'), ...args], {
      env: { ...process.env, SIGNALBOX_HOME: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    return { child, ended: once(child, 'exit').then(([code]) => ({ code: code as number | null, said })) };
  };

  it('is named on the command line with its process and what to do', async () => {
    signalTree(pid, 'SIGSTOP');
    const { code, said } = await cli('db', 'status').ended;
    expect(code).toBe(1);
    expect(said).toContain(`(process ${pid}) does not answer: it is stopped`);
    expect(said).toContain(`kill -CONT ${pid}`);
  });

  it('does not keep a process from ending at a signal, nor does a query that hangs', async () => {
    const holder = await database.pool.connect();
    for (const signals of [['SIGTERM'], ['SIGINT', 'SIGINT']] as const) {
      // Migrations wait for this lock, without limit of their own.
      await holder.query(`SELECT pg_advisory_lock(${PG_MIGRATE_LOCK_ID})`);
      const { child, ended } = cli('db', 'migrate');
      const waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
      while ((await database.pool.query(waits)).rowCount === 0) await sleep(50);
      for (const [index, name] of signals.entries()) {
        if (index > 0) await sleep(1000);
        child.kill(name);
      }
      const { code, said } = await ended;
      expect(code).toBe(1);
      expect(said).toMatch(signals.length === 1 ? /Stopped by SIGTERM: .*did not end/ : /second signal/);
      await holder.query(`SELECT pg_advisory_unlock(${PG_MIGRATE_LOCK_ID})`);
    }
    holder.release(true);
  });
});

describe('a PostgreSQL that is stopped on its way', () => {
  it('is named while it ends and while it starts, and does both when it goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stopped-'));
    chmodSync(folder, 0o711);
    const cluster = join(folder, 'postgres', 'cluster');
    const options = { dataDir: folder, settings: ['fsync=off'] };
    const stopped = { message: expect.stringContaining('it is stopped'), remedy: expect.stringContaining('-CONT') };
    await acquireEmbeddedServer(options);
    const first = readPostmaster(cluster)!.pid;
    process.kill(first, 'SIGSTOP');
    await expect(stopServer(cluster)).rejects.toMatchObject(stopped);
    process.kill(first, 'SIGCONT');
    await stopServer(cluster);

    const starts = acquireEmbeddedServer(options).then(
      () => null,
      (error: unknown) => error,
    );
    while ((readPostmaster(cluster)?.pid ?? first) === first) await sleep(1);
    const second = readPostmaster(cluster)!.pid;
    process.kill(second, 'SIGSTOP');
    expect(await starts).toMatchObject(stopped);
    process.kill(second, 'SIGCONT');
    await (await acquireEmbeddedServer(options)).release();
    await stopServer(cluster);
    rmSync(folder, { recursive: true, force: true });
  });
});
