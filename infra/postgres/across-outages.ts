import { setTimeout as sleep } from 'node:timers/promises';
import { isOutage } from './database-error.ts';

/** A database that restarts is waited for as long as this. */
export const OUTAGE_MS_MAX = 60_000;

export interface AcrossOutagesOptions {
  /** Aborted: no further attempt; the last failure is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** From the first failure. Default `OUTAGE_MS_MAX`. */
  readonly waitMsMax?: number;
  /** Between two attempts. Default 500. */
  readonly pauseMs?: number;
}

/**
 * Does `work`, which must be safe to repeat, again while the database is away: a job whose queue lives elsewhere would
 * use up its attempts within seconds of a restart. Any other failure, and an outage that lasts, is thrown.
 */
export async function acrossOutages<T>(work: () => Promise<T>, options: AcrossOutagesOptions = {}): Promise<T> {
  const { signal, waitMsMax = OUTAGE_MS_MAX, pauseMs = 500 } = options;
  let firstMs: number | null = null;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      firstMs ??= performance.now();
      if (!isOutage(error) || signal?.aborted === true || performance.now() - firstMs > waitMsMax) throw error;
    }
    await sleep(pauseMs);
  }
}
