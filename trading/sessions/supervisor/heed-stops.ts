import type pg from 'pg';
import { SignalboxError } from '../../../infra/errors.ts';
import { systemSleep, type Sleep } from '../../../infra/sleep.ts';
import { databaseNow, isStopAsked } from './supervisor-store.ts';

/** How often it is looked for, in wall time. The query takes half a millisecond. */
const EVERY_MS = 500;

/** What aborts when somebody asks for the end of a session; `end` ends the looking. */
export interface Heeded {
  readonly signal: AbortSignal;
  end(): Promise<void>;
}

/**
 * Aborts once `sessions stop` is said of a session after this call, or `outer` does. A database that is away is asked
 * again: whoever needs it fails by itself.
 */
export async function heedStops(
  pool: pg.Pool,
  id: string,
  outer: AbortSignal,
  sleep: Sleep = systemSleep,
): Promise<Heeded> {
  const began = await databaseNow(pool);
  const [asked, ended] = [new AbortController(), new AbortController()];
  const signal = AbortSignal.any([outer, asked.signal]);
  const stop = AbortSignal.any([signal, ended.signal]);
  const looking = (async (): Promise<void> => {
    while (!stop.aborted) {
      const isAsked = await isStopAsked(pool, id, began).catch(() => false);
      if (isAsked) return asked.abort(new SignalboxError(`Session "${id}" was asked to stop.`));
      try {
        await sleep(EVERY_MS, stop);
      } catch (error) {
        if (!stop.aborted) throw error;
      }
    }
  })();
  return {
    signal,
    end: async () => {
      ended.abort();
      await looking;
    },
  };
}
