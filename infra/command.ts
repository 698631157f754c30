import { type Command, CommanderError, type CommandOptions } from 'commander';
import { systemClock, type Clock } from './clock.ts';
import { loadConfig, type Config } from './config.ts';
import { SignalboxError, InputError } from './errors.ts';
import type { Database } from './postgres/database.ts';
import { maskJson, maskSecrets } from './logging/mask-secrets.ts';
import { createProgress, type Progress } from './terminal/progress.ts';
import { CUT_SHORT, isOutputClosed, onOutputClosed } from './terminal/standard-streams.ts';

/**
 * What a command hands back: one JSON document for `--json`, text for people otherwise. Results go to standard output
 * only.
 */
export interface CommandOutput {
  readonly value: unknown;
  readonly text: () => string;
  /** 1 where the command worked and what it found is a failure (`check`, `doctor`). */
  readonly exitCode?: 0 | 1;
}

/** What a command may use. */
export interface CommandContext {
  readonly config: Config;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly json: boolean;
  /** Aborted by Ctrl-C or SIGTERM, and when nobody reads the output any more. */
  readonly signal: AbortSignal;
  /** Opened and migrated at the first call, closed when the command ends. */
  database(): Promise<Database>;
  /** Prints a result before the command has ended (a server that says where it listens); nothing with `--json`. */
  print(text: string): void;
  /** Says before the command has ended where it can be reached: a line of text, or with `--json` one of JSON. */
  announce(text: string, value: unknown): void;
}

export type CommandAction<Options> = (
  context: CommandContext,
  options: Options,
  ...args: string[]
) => Promise<CommandOutput | undefined>;

/** Jobs in hand go back to the queue within 3 s, a server of ours ends within 5. */
const STOP_MS_MAX = 20_000;
const REPEAT_MS = 500;

interface CommonOptions {
  readonly json?: boolean;
  readonly config?: string;
}

/**
 * Adds `name` (with its `<arguments>`) to `program` with the options that every command takes. `isDefault`: it is what
 * `program` does when no command is named.
 */
export function addCommand(program: Command, name: string, description: string, options: CommandOptions = {}): Command {
  return program
    .command(name, options)
    .description(description)
    .option('--json', 'one JSON document on standard output, nothing else there')
    .option('--config <FILE>', 'settings in YAML; the environment wins over it')
    .showHelpAfterError('(add --help for the usage)')
    .exitOverride();
}

/** Binds `action` to `command`: context before, output and clean-up after. */
export function bindAction<Options>(command: Command, action: CommandAction<Options>): void {
  command.action(async (...received: unknown[]) => {
    // A repeatable argument comes as a list.
    const args = received.slice(0, -2).flatMap((value): string[] => {
      if (Array.isArray(value)) return value.map(String);
      return [value === undefined ? '' : String(value)];
    });
    const options = command.opts<Options & CommonOptions>();
    const session = openContext(options);
    try {
      const output = await action(session.context, options, ...args);
      if (output !== undefined) {
        writeOutput(options.json === true ? maskJson(JSON.stringify(output.value)) : maskSecrets(output.text()));
        process.exitCode = output.exitCode ?? 0;
      }
    } catch (error) {
      throw await session.explain(error);
    } finally {
      await session.close();
    }
  });
}

interface CommandSession {
  readonly context: CommandContext;
  /** What went wrong as a user reads it: a query may fail because the server went away or its disk is full. */
  explain(error: unknown): Promise<unknown>;
  close(): Promise<void>;
}

function openContext(options: CommonOptions): CommandSession {
  const config = loadConfig(undefined, { configFile: options.config });
  const progress = createProgress(process.stderr);
  const controller = new AbortController();
  const signals = listenForSignals(controller);
  const unwatch = onOutputClosed((reason) => controller.abort(reason));
  let database: Promise<Database> | null = null;
  let opened: Database | null = null;
  const context: CommandContext = {
    config,
    clock: systemClock,
    progress,
    json: options.json === true,
    signal: controller.signal,
    database: () => (database ??= open(config, progress).then((made) => (opened = made))),
    print: (text) => {
      if (options.json !== true) writeOutput(maskSecrets(text));
    },
    announce: (text, value) => writeOutput(options.json === true ? maskJson(JSON.stringify(value)) : maskSecrets(text)),
  };
  const close = async (): Promise<void> => {
    try {
      if (opened !== null) await opened.close();
    } finally {
      signals.end();
      unwatch();
    }
  };
  const explain = async (error: unknown): Promise<unknown> => {
    if (opened === null) return error;
    const { explainOutage } = await import('./postgres/embedded/embedded-outage.ts');
    return explainOutage(error, opened, config.dataDir);
  };
  return { context, explain, close };
}

/**
 * The first signal asks the command to end: it has seconds to leave things in order. When it does not, or at a second
 * signal, the process ends as it stands, which is what it is built for: nothing is lost that was committed.
 */
function listenForSignals(controller: AbortController): { end(): void } {
  let timer: NodeJS.Timeout | undefined;
  let askedMs = -Infinity;
  const leave = (why: string): never => {
    process.stderr.write(`error: ${why}\n`);
    process.exit(1);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    // npm passes on the Ctrl-C that the terminal has sent to everybody: one signal may come twice.
    if (performance.now() - askedMs < REPEAT_MS) return;
    if (controller.signal.aborted) leave(`Stopped by a second signal (${name}).`);
    askedMs = performance.now();
    const late = `Stopped by ${name}: what was under way did not end within ${STOP_MS_MAX / 1000} s.`;
    timer = setTimeout(() => leave(late), STOP_MS_MAX).unref();
    controller.abort(new SignalboxError(`Stopped by ${name}.`));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    end: () => {
      clearTimeout(timer);
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    },
  };
}

/** Commands without a database need not load its client. */
async function open(config: Config, progress: Progress): Promise<Database> {
  const { openDatabase } = await import('./postgres/database.ts');
  return openDatabase(config, { onStage: (text) => progress.note(text) });
}

function writeOutput(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/**
 * Runs the command line. Returns the exit code: 0 done, 1 failed, 2 wrong usage or wrong input, 141 stopped because
 * nobody reads the output any more. Never throws; errors go to standard error with their remedy, secrets masked.
 */
export async function runCommandLine(program: Command, argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (isOutputClosed(error)) return CUT_SHORT;
    process.stderr.write(`${maskSecrets(describeError(error))}\n`);
    return exitCodeOf(error);
  }
}

/**
 * The error as a user reads it: message, causes that add something, remedy; the stack only for what we did not foresee.
 */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  const remedy = (error as { remedy?: unknown }).remedy;
  const foreseen = error instanceof SignalboxError || typeof remedy === 'string';
  if (!foreseen) return `error: ${error.stack ?? error.message}`;
  const cause = error.cause instanceof Error && !error.message.includes(error.cause.message) ? error.cause.message : '';
  return [
    `error: ${error.message}`,
    ...(cause === '' ? [] : [`  cause: ${cause}`]),
    ...(typeof remedy === 'string' && remedy !== '' ? [`  remedy: ${remedy}`] : []),
  ].join('\n');
}

function exitCodeOf(error: unknown): number {
  const code = (error as { exitCode?: unknown } | null)?.exitCode;
  return code === 2 || error instanceof InputError ? 2 : 1;
}
