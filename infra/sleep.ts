import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits `milliseconds`; rejects with the signal's reason where that comes first. Only edges take one, and tests pass
 * their own.
 */
export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** The machine's timer. */
export const systemSleep: Sleep = async (milliseconds, signal) => {
  try {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  }
};
