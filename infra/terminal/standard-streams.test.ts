import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { CUT_SHORT } from './standard-streams.ts';
import { SOURCE_ARGUMENTS } from '../testing/source-arguments.ts';

const PROGRAM = join(packageRoot(), 'signalbox.mjs');
const module = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);

let home: string;
let bars: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'streams-'));
  bars = join(home, 'bars.csv');
  const days = Array.from({ length: 5000 }, (_, day) =>
    new Date(Date.UTC(2000, 0, 1 + day)).toISOString().slice(0, 10),
  );
  writeFileSync(bars, ['time,open,high,low,close,volume', ...days.map((day) => `${day},10,11,9,10,100`)].join('\n'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs node; `unread` streams are closed by their reader before the process has written anything. */
function node(
  args: readonly string[],
  { unread = [], env = {} }: { unread?: string[]; env?: object } = {},
): Promise<Said> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, SIGNALBOX_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    if (unread.includes(name)) child[name].destroy();
    else child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
  });
}

/** Runs `work` under the guard, as the body of a module. */
const guarded = (work: string, options = {}): Promise<Said> =>
  node(
    [
      ...SOURCE_ARGUMENTS,
      '--input-type=module',
      '--eval',
      `
      import { guardStandardStreams } from ${module('./standard-streams.ts')};
      guardStandardStreams();
      ${work}`,
    ],
    options,
  );

describe('standard output and standard error', () => {
  it('let no control character out, whoever writes it', async () => {
    const nasty = 'a\\u001b[2Jb\\u009bc\\u202ed';
    const { stdout, stderr } = await guarded(`
      import { createLogger } from ${module('../logging/log.ts')};
      process.stdout.write(${JSON.stringify('out ')} + "${nasty}\\n");
      process.stdout.write(Buffer.from("bytes \\u001b\\n"));
      console.error("${nasty}");
      createLogger({ logLevel: 'info' }).warn("${nasty}");
      setTimeout(() => { throw new Error("${nasty}"); });`);
    const shown = `a${'\\'}u001b[2Jb${'\\'}u009bc${'\\'}u202ed`;
    expect(stdout).toBe(`out ${shown}\nbytes \\u001b\n`);
    const [first, log, ...rest] = stderr.split('\n');
    expect(first).toBe(shown);
    expect(JSON.parse(log!)).toMatchObject({ msg: 'a\u001b[2Jb\u009bc\u202ed' });
    expect(rest.join('\n')).toContain(`error: Error: ${shown}`);
    for (const text of [stdout, stderr]) expect(text).not.toMatch(/[\u001b\u009b\u202e]/);
  });

  it('show no secret on standard error', async () => {
    const { stderr } = await guarded(
      `import { loadConfig } from ${module('../config.ts')};
      loadConfig();
      console.error('vendor said ' + process.env.POLYGON_API_KEY + ' ' + btoa('x:' + process.env.POLYGON_API_KEY));
      throw new Error('cannot reach redis://:sesame@host');`,
      { env: { POLYGON_API_KEY: 'hunter2-hunter2' } },
    );
    expect(stderr).toContain('vendor said ***');
    expect(stderr).not.toMatch(/hunter2|sesame|aHVudGVy/);
    expect(stderr).not.toContain(btoa('x:hunter2-hunter2').slice(4, -4));
  });

  it('show what a user’s files hold without letting it act', async () => {
    const file = join(home, 'nasty\u001b[31m.yaml');
    writeFileSync(file, 'name: "\\e[2J"\n"\\u009bkey\\u202e": 1\n');
    const { code, stdout, stderr } = await node([PROGRAM, 'backtest', file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('nasty\\u001b[31m.yaml');
    expect(stderr).not.toMatch(/[\u001b\u009b\u202e]/);
  });
});

describe('a reader that has gone', () => {
  it.each([
    ['--help'],
    ['features --list'],
    ['features --list --json'],
    ['bench risk --json'],
    ['backtest --bars BARS --strategy buy-and-hold --json'],
    ['features --bars BARS --features sma(5) --out /dev/stdout'],
  ])('of standard output ends the command quietly: %s', async (words) => {
    const args = words.split(' ').map((word) => (word === 'BARS' ? bars : word));
    const { code, stderr } = await node([PROGRAM, ...args], { unread: ['stdout'] });
    expect([0, 2, CUT_SHORT]).toContain(code);
    expect(stderr).not.toMatch(/EPIPE|^error|^\s+at /m);
  });

  it('of standard error too', async () => {
    expect(await node([PROGRAM, 'no-such-command'], { unread: ['stdout', 'stderr'] })).toMatchObject({ code: 2 });
    expect(
      (await node([PROGRAM, 'backtest', '--bars', bars, '--strategy', 'no-such'], { unread: ['stderr'] })).code,
    ).toBe(2);
  });

  it('stops a command that would go on for ever', async () => {
    const { code, stderr } = await guarded(
      `import { Command } from 'commander';
      import { addCommand, bindAction, runCommandLine } from ${module('../command.ts')};
      const program = new Command('test').exitOverride();
      bindAction(addCommand(program, 'forever', 'never ends'), ({ print, signal }) =>
        new Promise((_, reject) => {
          const timer = setInterval(() => print('more'), 10);
          signal.addEventListener('abort', () => (clearInterval(timer), reject(signal.reason)));
        }));
      process.exitCode = await runCommandLine(program, ['forever']);`,
      { unread: ['stdout'] },
    );
    expect({ code, stderr }).toEqual({ code: CUT_SHORT, stderr: '' });
  });

  it('is not a disk that is full', async () => {
    if (!existsSync('/dev/full')) return;
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [PROGRAM, 'features', '--list'], { stdio: ['ignore', full, 'pipe'] });
    let stderr = '';
    child.stderr!.on('data', (text: Buffer) => (stderr += text.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    closeSync(full);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'error: The result cannot be written to standard output (ENOSPC).\n',
    });
  });
});
