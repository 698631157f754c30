import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCommandLine } from './command-line.ts';
import { runCommandLine } from './infra/command.ts';

/** Every command that does something, as the words a user types. */
function commandsOf(command: Command, words: readonly string[] = []): string[][] {
  return command.commands.flatMap((sub) => {
    const own = [...words, sub.name()];
    // A command with commands below it may do something itself, as `tracking` does.
    const acts = sub.options.some(({ long }) => long === '--json');
    return [...(acts ? [own] : []), ...commandsOf(sub, own)];
  });
}

async function outputOf(argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    });
  }
  const code = await runCommandLine(createCommandLine(), argv);
  vi.restoreAllMocks();
  return { code, ...said };
}

afterEach(() => vi.restoreAllMocks());

const COMMANDS = commandsOf(createCommandLine()).map((words) => [words.join(' ')] as const);

/** Every line of a README that a user may type, without its comment. */
const DOCUMENTED = execFileSync('git', ['ls-files', '*README.md'], { cwd: import.meta.dirname, encoding: 'utf8' })
  .trim()
  .split('\n')
  .flatMap((file) => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    const shown = [...text.matchAll(/npx signalbox ([^`\n#]+)/g)].map(([, words]) => [file, words!.trim()] as const);
    return shown.filter(([, words]) => words !== '--help');
  });

/** The words of a command as a shell splits them; the file that its output goes to is none of them. */
const shellWords = (text: string): string[] =>
  [...text.replace(/ > \S+$/, '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare!,
  );

/** The command line with every command understood and none run. */
function understanding(): { program: Command; understood: string[] } {
  const program = createCommandLine();
  const understood: string[] = [];
  const replace = (command: Command): void => {
    for (const sub of command.commands) {
      replace(sub);
      if (sub.options.some(({ long }) => long === '--json')) sub.action(() => void understood.push(sub.name()));
    }
  };
  replace(program);
  return { program, understood };
}

describe('the command line', () => {
  it.each(DOCUMENTED)('understands what %s shows: %s', async (_, words) => {
    const { program, understood } = understanding();
    await program.parseAsync(shellWords(words), { from: 'user' });
    expect(understood).toHaveLength(1);
  });

  it('finds commands in the READMEs', () => expect(DOCUMENTED.length).toBeGreaterThan(10));

  it('has the commands of the contract', () => {
    const names = COMMANDS.map(([words]) => words);
    const promised = [
      ...['run', 'ingest', 'check', 'materialize', 'features', 'train', 'walk-forward', 'backtest', 'worker', 'doctor'],
      ...['bench', 'models list', 'models show', 'models promote', 'models rollback'],
      ...['db migrate', 'db status', 'db backup', 'db restore', 'tracking', 'tracking drain', 'tracking status'],
    ];
    expect(names).toEqual(expect.arrayContaining(promised));
  });

  it.each(COMMANDS)('explains itself: %s --help', async (words) => {
    const { code, stdout, stderr } = await outputOf([...words.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: signalbox ${words}`);
    for (const option of ['--json', '--config <FILE>', '--help']) expect(stdout).toContain(option);
  });

  it.each(COMMANDS)('refuses an option it does not know: %s', async (words) => {
    const { code, stdout, stderr } = await outputOf([...words.split(' '), '--no-such-option']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    // Where an option is required, its absence is noticed first.
    expect(stderr).toMatch(/error: (unknown option '--no-such-option'|required option '--\w+ <\w+>' not specified)/);
    expect(stderr).toContain('(add --help for the usage)');
  });

  it('says every option’s value in brackets, or it would take none', () => {
    const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
    const bare = all(createCommandLine())
      .flatMap(({ options }) => options.map(({ flags }) => flags))
      .filter((flags) => /\s[A-Z]/.test(flags));
    expect(bare).toEqual([]);
  });

  it('shows commands in groups, none beside them', async () => {
    const { stdout } = await outputOf(['--help']);
    const headings = stdout.split('\n').filter((line) => /^[A-Z].*:$/.test(line));
    expect(headings).toEqual(['Options:', 'Research:', 'Data:', 'Checking the work:', 'Running it:', 'Trading:']);
  });

  it('prints its version, and its help where nothing is asked', async () => {
    expect((await outputOf(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const nothing = await outputOf([]);
    expect(nothing.code).toBe(2);
    expect(nothing.stderr).toContain('Usage: signalbox');
  });
});
