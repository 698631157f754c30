import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  appendPrivateFile,
  createPrivateFile,
  openPrivateLog,
  readPlainFile,
  writePrivateFile,
} from './private-file.ts';
import { makeDataFolder, privateFolder } from './private-folder.ts';

const isRoot = process.getuid?.() === 0;
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

let folder: string;
let victim: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'private-'));
  victim = join(folder, 'victim');
  path = join(folder, 'ours');
  writeFileSync(victim, 'precious\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a private file', () => {
  it('is closed to others, whole, and alone', () => {
    writeFileSync(path, 'open');
    chmodSync(path, 0o644);
    writePrivateFile(path, 'closed');
    expect([modeOf(path), readFileSync(path, 'utf8')]).toEqual(['600', 'closed']);
    expect(readdirSync(folder).sort()).toEqual(['ours', 'victim']);
  });

  it('replaces a link and writes to nothing behind it', () => {
    symlinkSync(victim, path);
    writePrivateFile(path, 'ours');
    expect(readFileSync(victim, 'utf8')).toBe('precious\n');
    expect(readPlainFile(path)!.text).toBe('ours');
  });

  it('is not made, added to or read through a link, a second name or a pipe', () => {
    const attempts = [
      () => createPrivateFile(path, 'x', null),
      () => appendPrivateFile(path, 'x'),
      () => closeSync(openPrivateLog(path)),
      () => readPlainFile(path),
    ];
    const plants = [
      () => symlinkSync(victim, path),
      () => linkSync(victim, path),
      () => execFileSync('mkfifo', [path]),
    ];
    for (const plant of plants) {
      plant();
      for (const attempt of attempts) expect(attempt).toThrow();
      rmSync(path);
    }
    expect(readFileSync(victim, 'utf8')).toBe('precious\n');
    expect(readPlainFile(path)).toBeNull();
  });

  it('grows by what is added, and is closed where an older version left it open', () => {
    writeFileSync(path, 'one\n');
    chmodSync(path, 0o644);
    appendPrivateFile(path, 'two\n');
    expect([modeOf(path), readFileSync(path, 'utf8')]).toEqual(['600', 'one\ntwo\n']);
  });
});

describe('the folders of ours', () => {
  it('are closed to others; that of all data lets root’s server through', () => {
    const home = join(folder, 'a', 'home');
    const made = privateFolder(home, 'reports', 'one');
    expect(made).toBe(join(home, 'reports', 'one'));
    expect([made, join(home, 'reports')].map(modeOf)).toEqual(['700', '700']);
    expect([home, join(folder, 'a')].map(modeOf)).toEqual(isRoot ? ['711', '711'] : ['700', '700']);
  });

  it('are closed where an older version left them open; the user’s own folder stays', () => {
    const home = join(folder, 'home');
    mkdirSync(join(home, 'reports'), { recursive: true });
    chmodSync(home, 0o755);
    chmodSync(join(home, 'reports'), 0o755);
    privateFolder(home, 'reports');
    expect([home, join(home, 'reports')].map(modeOf)).toEqual(['755', '700']);
  });

  it('are not made where a file stands', () => {
    expect(() => privateFolder(folder, 'victim')).toThrow(/victim cannot be made \(EEXIST\)/);
    expect(() => makeDataFolder(join(victim, 'below'))).toThrow(/victim is in the way: a folder is needed there/);
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(() => makeDataFolder(pipe)).toThrow(/pipe is in the way: a folder is needed there/);
    expect(existsSync(join(victim, 'below'))).toBe(false);
  });
});
