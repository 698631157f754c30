import { SignalboxError } from '../errors.ts';
import { isOutage } from '../postgres/database-error.ts';

/**
 * What went wrong with a job in words that are its answer. Throws anew what is none: an outage, which is tried again,
 * and what was not foreseen.
 */
export function problemOfJob(error: unknown): string {
  if (!(error instanceof SignalboxError) || isOutage(error)) throw error;
  return `${error.message} ${error.remedy}`.trim();
}
