import { SignalboxError } from '../errors.ts';

/** A user's code did not answer in time: its thread was ended. Asked again it would hold everybody up again. */
export class SilentCodeError extends SignalboxError {
  /** How long its answer was waited for. */
  readonly waitedMs: number;

  constructor(message: string, { waitedMs = 0, ...more }: { waitedMs?: number; remedy?: string } = {}) {
    super(message, more);
    this.waitedMs = waitedMs;
  }
}

/** Whether an error, or what it arose from, is that a user's code did not answer. */
export function isSilence(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) if (one instanceof SilentCodeError) return true;
  return false;
}
