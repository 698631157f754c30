import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { completionScript } from './completion-script.ts';

function program(): Command {
  const made = new Command('signalbox').option('-V, --version', 'the version');
  const models = made.command('models').description("a registry: what's there");
  models.command('promote').option('--reason <TEXT>', 'why').option('--force', 'whatever the gate says');
  made.command('monitor').option('--json', 'one document');
  made.command('hidden', { hidden: true });
  return made;
}

/** What bash offers for the last of the words. */
function offered(...words: string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(' ');
  const asked = `COMP_WORDS=(signalbox ${list}); COMP_CWORD=${words.length}; _signalbox; echo "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', `${completionScript(program(), 'bash')}\n${asked}`]);
  expect(String(stderr)).toBe('');
  return String(stdout).split(/\s+/).filter(Boolean);
}

describe('bash', () => {
  it('offers commands, what stands below them, and options', () => {
    expect(offered('mo')).toEqual(['models', 'monitor']);
    expect(offered('models', '')).toContain('promote');
    expect(offered('models', 'promote', '--')).toEqual(['--reason', '--force', '--help']);
    expect(offered('monitor', '--js')).toEqual(['--json']);
    expect(offered('hid')).toEqual([]);
  });

  it('offers files, of which it knows nothing, for the value of an option', () => {
    expect(offered('models', 'promote', '--reason', '')).toEqual([]);
    expect(offered('models', 'promote', '--reason', 'models', '--f')).toEqual(['--force']);
  });
});

it('fish is told of every command with what it does, and of options where they are', () => {
  const lines = completionScript(program(), 'fish').trimEnd().split('\n');
  const registry = "-a models -d 'a registry: what\\'s there'";
  expect(lines).toContain(`complete -c signalbox -f -n '__fish_use_subcommand' ${registry}`);
  const reason = lines.filter((line) => line.includes('-l reason'));
  expect(reason).toEqual([
    "complete -c signalbox -n '__fish_seen_subcommand_from models; and __fish_seen_subcommand_from promote' " +
      "-l reason -r -d 'why'",
  ]);
});

it('zsh takes the script of bash, without the names that it has a meaning of its own for', () => {
  const script = completionScript(program(), 'zsh');
  expect(script).toContain('bashcompinit');
  expect(script).not.toMatch(/\b(path|words|status)=/);
});
