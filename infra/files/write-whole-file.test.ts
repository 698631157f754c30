import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
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
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeWholeFile } from './write-whole-file.ts';
import { SOURCE_ARGUMENTS } from '../testing/source-arguments.ts';

const isRoot = process.getuid?.() === 0;
const WRITER = new URL('./write-whole-file.ts', import.meta.url).href;

describe('a file that is written whole', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'whole-'));
    path = join(folder, 'out.csv');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const text = (): string => readFileSync(path, 'utf8');

  /** A process that runs `script`, in which `write` is the writer. */
  const start = (script: string, stdio: 'ignore' | 'pipe' = 'pipe') => {
    const code = `const { writeWholeFile: write } = await import(${JSON.stringify(WRITER)});
      async function* slow() {
        for (let n = 0; n < 3000; n++) {
          yield 'x'.repeat(1e5);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
      ${script}`;
    return spawn(process.execPath, [...SOURCE_ARGUMENTS, '--input-type=module', '-e', code], {
      stdio: ['ignore', stdio, 'inherit'],
    });
  };

  it('is read by its owner only, also where an open one stood, and leaves nothing else', async () => {
    writeFileSync(path, 'before');
    chmodSync(path, 0o666);
    await writeWholeFile(path, ['a,b\n', '1,2\n']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(text()).toBe('a,b\n1,2\n');
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });

  it('takes text, bytes and pieces that come later, and packs by name or on demand', async () => {
    await writeWholeFile(path, 'text');
    expect(text()).toBe('text');
    await writeWholeFile(path, new Uint8Array([104, 105]));
    expect(text()).toBe('hi');
    async function* later(): AsyncGenerator<string> {
      for (const piece of ['x', 'y']) yield piece;
    }
    await writeWholeFile(`${path}.gz`, later());
    expect(gunzipSync(readFileSync(`${path}.gz`)).toString()).toBe('xy');
    await writeWholeFile(path, 'packed', { gzip: true });
    expect(gunzipSync(readFileSync(path)).toString()).toBe('packed');
  });

  it('stays as it was when the pieces fail, whose error comes through', async () => {
    writeFileSync(path, 'before');
    function* failing(): Generator<string> {
      yield 'half of it';
      throw new RangeError('no more');
    }
    await expect(writeWholeFile(path, failing())).rejects.toBeInstanceOf(RangeError);
    expect(text()).toBe('before');
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });

  it('is refused with the path and a remedy where it cannot be written', async () => {
    const nowhere = join(folder, 'missing', 'out.csv');
    await expect(writeWholeFile(nowhere, 'x')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/Cannot write .*out\.csv/),
    });
    mkdirSync(path);
    await expect(writeWholeFile(path, 'x')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/it is a folder/),
    });
  });

  it('does not replace one that came into being meanwhile, where it must be new', async () => {
    function* meanwhile(): Generator<string> {
      writeFileSync(path, 'theirs');
      yield 'ours';
    }
    const attempt = writeWholeFile(path, meanwhile(), { mustBeNew: true });
    await expect(attempt).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(/exists already/) });
    expect(text()).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });

  it('never shows half of itself when its writer is killed, and the next one clears up', async () => {
    writeFileSync(path, 'before');
    const script = `await write(${JSON.stringify(path)}, slow());`;
    const child = start(script);
    const parts = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.part'));
    while (parts().length === 0 || statSync(join(folder, parts()[0]!)).size === 0) await sleep(5);
    expect(statSync(join(folder, parts()[0]!)).mode & 0o777).toBe(0o600);
    // One that is being written is left alone.
    await writeWholeFile(path, 'between');
    expect(parts()).toHaveLength(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(text()).toBe('between');
    expect(parts()).toHaveLength(1);
    await writeWholeFile(path, 'after');
    expect(text()).toBe('after');
    expect(parts()).toEqual([]);
  });

  it('follows a link of the user, whatever it names', async () => {
    const real = join(folder, 'real.csv');
    symlinkSync('real.csv', path);
    for (const content of ['new', 'again']) {
      await writeWholeFile(path, content);
      expect(lstatSync(path).isSymbolicLink()).toBe(true);
      expect(readFileSync(real, 'utf8')).toBe(content);
    }
    symlinkSync('circle', join(folder, 'circle'));
    await expect(writeWholeFile(join(folder, 'circle'), 'x')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/circle/),
    });
  });

  it.runIf(isRoot)('does not follow the link of another user', async () => {
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, path);
    lchownSync(path, 65_534, 65_534);
    await expect(writeWholeFile(path, 'x')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/link of another user/),
    });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  it('goes to a pipe, a device and standard output as it comes', async () => {
    execFileSync('mkfifo', [path]);
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'ignore'] });
    let read = '';
    reader.stdout.on('data', (chunk: Buffer) => (read += chunk.toString()));
    const closed = once(reader, 'close');
    await writeWholeFile(path, ['one ', 'two']);
    await closed;
    expect(read).toBe('one two');
    expect(lstatSync(path).isFIFO()).toBe(true);
    await writeWholeFile('/dev/null', 'nothing');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    const child = start(`await write('/dev/stdout', ['three ', 'four']); process.stdout.write(' five');`);
    let printed = '';
    child.stdout!.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await once(child, 'close');
    expect(printed).toBe('three four five');
    expect(existsSync('/dev/stdout')).toBe(true);
  });

  it('has a name as long as the disk allows', async () => {
    const long = join(folder, `${'n'.repeat(251)}.csv`);
    await writeWholeFile(long, 'x');
    expect(readFileSync(long, 'utf8')).toBe('x');
  });
});
