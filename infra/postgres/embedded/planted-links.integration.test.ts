import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clusterOf, ensureCluster, openControl, readPassword } from './cluster.ts';
import { acquireEmbeddedServer } from './embedded-server.ts';
import { disownPostmaster, readPostmaster, runningPostmaster } from './postmaster-file.ts';
import { serverUser } from './server-user.ts';
import { sharedFolder } from './shared-folder.ts';

const PID_FILE = ['4194302', 'folder', '0', '5432', '', '127.0.0.1', '0 0', 'ready', ''].join('\n');

/** Only root hands the data to another user, so only root has one to beware of. */
describe.runIf(process.getuid?.() === 0)('links that the database user plants for root', () => {
  let seed: string;
  let home: string;
  let cluster: string;
  let victim: string;
  let ids: { uid: number; gid: number };

  const makeFolder = (): string => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-planted-')));
    chmodSync(folder, 0o711);
    return folder;
  };
  beforeAll(async () => {
    seed = makeFolder();
    await (await acquireEmbeddedServer({ dataDir: seed })).release();
  });
  afterAll(() => rmSync(seed, { recursive: true, force: true }));

  beforeEach(() => {
    home = makeFolder();
    execFileSync('cp', ['-a', join(seed, 'postgres'), home]);
    cluster = join(home, 'postgres', 'cluster');
    const { uid, gid } = statSync(cluster);
    ids = { uid, gid };
    victim = join(home, 'victim');
    writeFileSync(victim, PID_FILE, { mode: 0o600 });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const expectUntouched = (): void => {
    expect(readFileSync(victim, 'utf8')).toBe(PID_FILE);
    expect(statSync(victim)).toMatchObject({ uid: 0, gid: 0 });
    expect(statSync(victim).mode & 0o777).toBe(0o600);
  };

  it.each([
    ['a link', (at: string): void => symlinkSync(victim, at)],
    ['a second name', (at: string): void => linkSync(victim, at)],
    ['a pipe', (at: string): void => void execFileSync('mkfifo', [at])],
    ['a file of root', (at: string): void => writeFileSync(at, PID_FILE)],
  ])('%s for postmaster.pid is refused by name, and nothing is written', async (_what, plant) => {
    const path = join(cluster, 'postmaster.pid');
    plant(path);
    expect(() => disownPostmaster(cluster)).toThrow(path);
    await expect(acquireEmbeddedServer({ dataDir: home })).rejects.toThrow(path);
    expectUntouched();
  });

  it('postmaster.pid of a dead server stays its user’s and is closed to others', () => {
    const path = join(cluster, 'postmaster.pid');
    writeFileSync(path, PID_FILE);
    chownSync(path, ids.uid, ids.gid);
    disownPostmaster(cluster);
    expect(readPostmaster(cluster)!.pid).toBe(process.pid);
    expect(statSync(path)).toMatchObject(ids);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('PG_VERSION is not read through a link', async () => {
    const path = join(cluster, 'PG_VERSION');
    rmSync(path);
    symlinkSync(victim, path);
    await expect(acquireEmbeddedServer({ dataDir: home })).rejects.toThrow(/PG_VERSION is a link/);
  });

  it('a process of somebody else is not taken for the server, whatever it is called', async () => {
    const stranger = spawn('sleep', ['600'], { argv0: 'postgres' });
    const path = join(cluster, 'postmaster.pid');
    writeFileSync(path, PID_FILE.replace('4194302', String(stranger.pid)));
    chownSync(path, ids.uid, ids.gid);
    try {
      expect(runningPostmaster(cluster)).toBeNull();
    } finally {
      stranger.kill();
      await once(stranger, 'exit');
    }
  });

  it('a draft is emptied by its own user, who cannot make root remove anything else', async () => {
    const control = openControl(home);
    renameSync(cluster, join(home, 'kept'));
    const draft = join(control.folder, 'draft-0a1b2c3d');
    const taken = join(draft, 'taken');
    mkdirSync(taken, { recursive: true });
    writeFileSync(join(taken, 'precious'), 'of root');
    chownSync(draft, ids.uid, ids.gid);
    const user = serverUser(join(home, 'kept'));
    const binaries = { postgres: '', initdb: '/bin/false', version: '18', majorVersion: 18 };
    const make = (): Promise<string> => ensureCluster({ control, binaries, user, onStage: () => undefined });
    await expect(make()).rejects.toThrow(/draft-0a1b2c3d cannot be emptied by its owner/);
    expect(readFileSync(join(taken, 'precious'), 'utf8')).toBe('of root');
    rmSync(taken, { recursive: true });
    symlinkSync(home, join(draft, 'link'));
    await expect(make()).rejects.toThrow(/initdb/);
    expect(existsSync(draft)).toBe(false);
    expectUntouched();
  });

  it('a draft that an initdb without its parent still writes to is removed with what it adds', async () => {
    const draft = join(home, 'draft');
    mkdirSync(draft);
    chownSync(draft, ids.uid, ids.gid);
    // As the rest of an initdb does: it adds a file whenever those before are gone, until there is no folder.
    const write = `const { readdirSync, writeFileSync } = require('node:fs');
      writeFileSync('0', '');
      console.log('writing');
      for (let file = 1; file < 12; ) if (readdirSync('.').length === 0) writeFileSync(String(file++), '');`;
    const writer = spawn(process.execPath, ['-e', write], { ...ids, cwd: draft, stdio: ['ignore', 'pipe', 'ignore'] });
    await once(writer.stdout, 'data');
    await serverUser(cluster).remove(draft);
    expect(existsSync(draft)).toBe(false);
    writer.kill();
  });

  it('files beside the data are replaced or refused, never followed', () => {
    const control = openControl(home);
    for (const path of [control.password, control.location]) {
      rmSync(path, { force: true });
      symlinkSync(victim, path);
    }
    expect(() => readPassword(control)).toThrow(/password is a link/);
    expect(() => clusterOf(control)).toThrow(/location is a link/);
  });

  it('a folder for all that is a link, or that others may write to, is neither used nor opened', () => {
    const closed = join(home, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const link = join(home, 'link');
    symlinkSync(closed, link);
    const open = join(home, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    expect(sharedFolder([link, open, join(home, 'good')])).toBe(join(home, 'good'));
    expect([closed, open, join(home, 'good')].map((path) => statSync(path).mode & 0o777)).toEqual([
      0o700, 0o777, 0o711,
    ]);
  });
});
