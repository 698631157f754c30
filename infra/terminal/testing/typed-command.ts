import { Command } from 'commander';
import { vi } from 'vitest';
import { runCommandLine } from '../../command.ts';

/** What a user sees of a command: its exit code and both streams. */
export interface TypedCommand {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface TypedOptions {
  /** Adds the commands of a room. */
  readonly register: (program: Command) => void;
  /** Variables for the time of the command; what it does not name stays as it is. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs a command line in this process as a shell would: options parsed, settings from the environment, database opened
 * and closed. One at a time.
 */
export async function typeCommand({ register, env }: TypedOptions, ...argv: readonly string[]): Promise<TypedCommand> {
  const said = { out: '', err: '' };
  const into = (stream: keyof typeof said) => (text: string | Uint8Array) => {
    said[stream] += String(text);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(into('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(into('err')),
  ];
  const before = process.exitCode;
  process.exitCode = 0;
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    const program = new Command('signalbox').exitOverride();
    register(program);
    return { code: await runCommandLine(program, argv), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
    process.exitCode = before;
  }
}
