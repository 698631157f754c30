import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { drainOutbox } from './drain.ts';
import type { MlflowClient } from './mlflow-client.ts';

/** Between two drains: a fold's figures appear on the server within seconds, and one that is down is asked rarely. */
const EVERY_MS = 2_000;

/**
 * Delivers what `work` puts into the outbox while it is at it, so that a long job can be watched on the server. The
 * outcome is that of `work`: a server that is away changes nothing, and what is left waits for the next drain.
 */
export async function drainWhile<T>(
  tracker: { database: { readonly pool: pg.Pool }; client: MlflowClient | null; onError: (error: Error) => void },
  work: () => Promise<T>,
): Promise<T> {
  const { database, client, onError } = tracker;
  if (client === null) return work();
  const controller = new AbortController();
  const { signal } = controller;
  const drain = async (): Promise<void> => {
    while (!signal.aborted) {
      await drainOutbox(database, client, { signal, retriesMax: 0 }).catch(onError);
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const draining = drain();
  try {
    return await work();
  } finally {
    controller.abort();
    await draining;
  }
}
