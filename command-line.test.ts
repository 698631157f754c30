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

describe('the command line', () => {
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

  it('prints its version, and its help where nothing is asked', async () => {
    expect((await outputOf(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const nothing = await outputOf([]);
    expect(nothing.code).toBe(2);
    expect(nothing.stderr).toContain('Usage: signalbox');
  });
});
