import { InputError } from '../../../infra/errors.ts';
import { compileOwnFile } from '../../../infra/own-files/compile-own-file.ts';
import { askOwnFile } from '../../../infra/own-files/evaluate-own-file.ts';
import type { CompiledOwnFile } from '../../../infra/own-files/own-file.ts';
import { ownParameters } from '../../../infra/own-files/own-parameters.ts';
import type { Strategy } from '../strategy.ts';

import { codeOfFile, codeOfObject } from './own-code.ts';
import { OwnSession } from './own-runtime.ts';
import type { OwnStrategy } from './own-strategy.ts';
import { ThreadedSession } from './threaded-session.ts';

/** Seconds that one decision of a user's strategy may take unless told otherwise. */
const DEADLINE_SECONDS = 10;

export interface OwnStrategyOptions {
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly deadlineSeconds?: number | undefined;
  /** Runs it in the thread that asks: for whoever is in a thread of its own, and hunts. */
  readonly inThisThread?: boolean;
}

/** A strategy that came from a file. */
export interface OwnFileStrategy extends Strategy {
  /** Of its text. */
  readonly fileHash: string;
  /** What the file declares; null where it does not. */
  readonly warmUpBars: number | null;
}

/**
 * The strategy of a user's file: checked, compiled, and made anew, module and all, for each session. Sessions ask it in
 * a thread of its own.
 * @throws InputError that lists mistakes as file:line:column, or names the parameter at fault.
 */
export function loadOwnStrategy(file: string, options: OwnStrategyOptions = {}): OwnFileStrategy {
  return ownStrategyOf(compileOwnFile(file, 'strategy'), options);
}

function ownStrategyOf(compiled: CompiledOwnFile, options: OwnStrategyOptions): OwnFileStrategy {
  const code = codeOfFile(compiled);
  const parameters = ownParameters(compiled.name, code.evaluate(), options.parameters ?? {});
  const deadlineMs = 1_000 * (options.deadlineSeconds ?? DEADLINE_SECONDS);
  if (!(deadlineMs >= 1 && deadlineMs < 1e9)) {
    throw new InputError(`--deadline ${options.deadlineSeconds} is no time in seconds.`, 'Give a number above 0.');
  }
  const forSession: Strategy['forSession'] = (views) =>
    options.inThisThread === true
      ? new OwnSession(code, parameters, views)
      : new ThreadedSession({ compiled, parameters, deadlineMs }, views);
  return {
    name: compiled.name,
    parameters,
    fileHash: compiled.hash,
    warmUpBars: warmUpOf(compiled, parameters),
    forSession,
    forSymbol: madeForSession,
  };
}

/**
 * A strategy that the program at hand has made. It runs in this thread, and nobody ends an answer that does not come.
 * @throws InputError that names the parameter at fault, or says what it lacks
 */
export function strategyOfObject(
  name: string,
  strategy: OwnStrategy,
  given: Readonly<Record<string, unknown>> = {},
): Strategy {
  const code = codeOfObject(name, strategy);
  const parameters = ownParameters(name, code.evaluate(), given);
  return {
    name,
    parameters,
    forSession: (views) => new OwnSession(code, parameters, views),
    forSymbol: madeForSession,
  };
}

function madeForSession(): never {
  throw new Error("A user's strategy is made for a session.");
}

/** @throws InputError where the declared warm-up is no number of bars, and where the file does not answer */
function warmUpOf(compiled: CompiledOwnFile, parameters: Strategy['parameters']): number | null {
  const bars = askOwnFile(compiled, 'warmUpBars', { ...parameters });
  if (bars === undefined) return null;
  if (Number.isSafeInteger(bars) && (bars as number) >= 0) return bars as number;
  throw new InputError(
    `${compiled.path}: warmUpBars is not a whole number of bars, but ${String(bars)}`,
    'Correct the file.',
  );
}
