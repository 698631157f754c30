import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { findPython } from '../installed.ts';
import { describeWith } from '../testing/requirements.ts';
import { SOURCE_ARGUMENTS } from '../testing/source-arguments.ts';
import { PipProgress } from './pip-progress.ts';
import { ensurePython } from './python-environment.ts';

describe('PipProgress', () => {
  it('tells packages and bytes from what pip writes, in whatever pieces', () => {
    const progress = new PipProgress();
    expect(progress.describe()).toBe('asking for the packages');
    progress.take('Collecting one==1.0\n  Downloading one-1.0-py3-none-any.whl.metadata (9.1 kB)\n  Downlo');
    expect(progress.describe()).toBe('asking for the packages');
    progress.take('ading one-1.0-py3-none-any.whl (12.5 MB)\nUsing cached two-2.tar.gz (500 kB)\n');
    expect(progress.describe()).toBe('fetching package 2 (13 MB so far)');
    progress.take('Installing collected packages: one, two, three\n');
    expect(progress.describe()).toBe('unpacking 3 packages (13 MB)');
  });
});

/** A wheel made by hand: pip installs it without a network. */
const WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    wheel.writestr('planted.py', 'ANSWER = 42')
    wheel.writestr('planted-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: planted\\nVersion: 1.0\\n')
    wheel.writestr('planted-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('planted-1.0.dist-info/RECORD', '')
`;

describeWith('python', 'ensurePython', () => {
  const { programPath } = loadConfig();
  let dataDir: string;
  let notes: string[];
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'signalbox-python-'));
    notes = [];
    const wheel = join(dataDir, 'planted-1.0-py3-none-any.whl');
    expect(spawnSync(findPython(programPath)!, ['-c', WHEEL, wheel]).status).toBe(0);
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const options = () => ({
    name: 'try',
    packages: [join(dataDir, 'planted-1.0-py3-none-any.whl')],
    purpose: 'a package (1 kB, once)',
    remedy: 'Install it.',
    dataDir,
    programPath,
  });
  const ensure = () => ensurePython({ ...options(), tellEveryMs: 100, onStage: (text) => void notes.push(text) });
  const answer = (python: string): string =>
    spawnSync(python, ['-c', 'import planted; print(planted.ANSWER)'], { encoding: 'utf8' }).stdout.trim();

  it('says how far it is, and is there at once the second time', async () => {
    expect(answer(await ensure())).toBe('42');
    expect(notes[0]).toMatch(/Making a Python environment in .*: a package \(1 kB, once\)/);
    expect(notes.slice(1, -1).every((note) => /^Python environment: .*, \d+ s$/.test(note))).toBe(true);
    expect(notes.at(-1)).toMatch(/^Python environment: ready in \d+ s$/);
    notes.length = 0;
    expect(answer(await ensure())).toBe('42');
    expect(notes).toEqual([]);
  });

  it('is made again where it was killed on the way', async () => {
    const script = `
      import { ensurePython } from './infra/python/python-environment.ts';
      await ensurePython({ ...${JSON.stringify(options())}, onStage: () => undefined });`;
    const args = [...SOURCE_ARGUMENTS, '--input-type=module', '--eval', script];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const folder = join(dataDir, 'try-venv');
    while (!existsSync(join(folder, 'bin', 'python'))) await sleep(5);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(join(folder, 'signalbox-complete'))).toBe(false);
    writeFileSync(join(folder, 'left'), '');
    expect(answer(await ensure())).toBe('42');
    expect(existsSync(join(folder, 'left'))).toBe(false);
  });

  it('keeps what pip said of a failure', async () => {
    rmSync(options().packages[0]!);
    await expect(ensure()).rejects.toThrow(/pip install[\s\S]*planted-1\.0/);
    expect(existsSync(join(dataDir, 'try-venv', 'signalbox-complete'))).toBe(false);
  });
});
