import { maskSecrets } from './logging/mask-secrets.ts';

/** Exit codes of the command line: 1 the work failed, 2 the user's words or files were wrong. */
export type ExitCode = 1 | 2;

/** What an outside server may say of itself in a message: more helps nobody. */
const MESSAGE_MAX = 20_000;

/** An error a user can act on: what was wrong, where, and what to do. Secrets in its words are masked. */
export class SignalboxError extends Error {
  readonly exitCode: ExitCode;
  readonly remedy: string;

  constructor(message: string, options: { remedy?: string; exitCode?: ExitCode; cause?: unknown } = {}) {
    super(maskSecrets(message, MESSAGE_MAX), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.exitCode = options.exitCode ?? 1;
    this.remedy = maskSecrets(options.remedy ?? '', MESSAGE_MAX);
  }
}

/** Wrong usage or wrong input: exit code 2. The message names the file, line or key. */
export class InputError extends SignalboxError {
  constructor(message: string, remedy = '', cause?: unknown) {
    super(message, { remedy, exitCode: 2, cause });
  }
}
