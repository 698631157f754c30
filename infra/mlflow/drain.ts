import { setTimeout as sleep } from 'node:timers/promises';
import { ExponentialBackoff, handleWhen, retry, type RetryPolicy } from 'cockatiel';
import type pg from 'pg';
import { deliverEntry, MissingIdentifier, type DeliveryState } from './deliver-entry.ts';
import { tryLock } from '../postgres/connection-lock.ts';
import type { MlflowClient } from './mlflow-client.ts';
import { MlflowError, type MlflowFailure } from './mlflow-error.ts';
import {
  findIdentifier,
  markDelivered,
  markFailed,
  markRefused,
  markSent,
  nextPending,
  outboxPrefix,
  outboxStatus,
  pendingStreams,
  type Identifier,
  type PendingEntry,
} from './outbox-store.ts';

export interface DrainOptions {
  /** Aborted: ends after the entry under way. */
  readonly signal?: AbortSignal | undefined;
  /** Tries after the first one, per entry. Default 3. */
  readonly retriesMax?: number;
  /** Wait before the first retry, doubled each time up to ten times as much. Default 200. */
  readonly backoffMs?: number;
  /** How long a request whose answer was lost may still take effect on the server. Default 2,000. */
  readonly settleMs?: number;
  readonly onDelivered?: (entry: { stream: string; entryKey: string; delivered: number }) => void;
}

interface Refusal {
  readonly stream: string;
  readonly entryKey: string;
  readonly answer: string;
}

interface Outage {
  readonly failure: MlflowFailure;
  readonly message: string;
  readonly remedy: string;
}

export interface DrainReport {
  /** Entries the server has now and had not before. */
  readonly delivered: number;
  /** Entries refused for good in this drain; they stay stored with the answer. */
  readonly refused: readonly Refusal[];
  /** Entries left: after an outage, in stalled streams, or with another drainer. */
  readonly pending: number;
  /** Streams that another drainer was delivering. */
  readonly busyStreams: number;
  /** Streams put aside because the server failed on their next entry (5xx) while it answered otherwise. */
  readonly stalled: readonly Refusal[];
  /** Why the drain stopped early; null: it did not. */
  readonly outage: Outage | null;
}

/** A server that fails on the next entry of this many streams in a row is taken to fail on all. */
const STALLED_IN_A_ROW_MAX = 3;

interface Drain {
  readonly connection: pg.PoolClient;
  readonly client: MlflowClient;
  readonly prefix: string;
  readonly policy: RetryPolicy;
  readonly options: DrainOptions;
  readonly refused: Refusal[];
  delivered: number;
}

/**
 * Delivers what waits in the outbox: each stream in order, each entry once, however often drains are killed, answers
 * get lost or drainers meet (a stream is held by an advisory lock of the drainer's connection). Stops at the first
 * outage and says so in the report; an entry that the server refuses for good is recorded and does not hold up the
 * others. Throws only when the database fails.
 */
export async function drainOutbox(
  database: { readonly pool: pg.Pool },
  client: MlflowClient,
  options: DrainOptions = {},
): Promise<DrainReport> {
  const connection = await database.pool.connect();
  let failure: Error | undefined;
  try {
    const prefix = await outboxPrefix(connection);
    const drain: Drain = {
      connection,
      client,
      prefix,
      policy: retryPolicy(options),
      options,
      refused: [],
      delivered: 0,
    };
    return await drainStreams(drain);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // A connection that failed is closed, which frees its locks.
    connection.release(failure);
  }
}

function retryPolicy({ retriesMax = 3, backoffMs = 200 }: DrainOptions): RetryPolicy {
  return retry(
    // A server that kept a call waiting for so long is stopped or overloaded: the next drain asks again.
    handleWhen((error) => error instanceof MlflowError && error.isTransient && error.failure !== 'timeout'),
    { maxAttempts: retriesMax, backoff: new ExponentialBackoff({ initialDelay: backoffMs, maxDelay: backoffMs * 10 }) },
  );
}

async function drainStreams(drain: Drain): Promise<DrainReport> {
  const stalled: Refusal[] = [];
  let stalledInARow = 0;
  let busyStreams = 0;
  const streams = await pendingStreams(drain.connection);
  let outage = streams.length === 0 ? null : await silence(drain.client);
  for (const stream of streams) {
    if (outage !== null || drain.options.signal?.aborted === true) break;
    const ended = await withStreamLock(drain.connection, stream, () => drainStream(drain, stream));
    if (ended === 'busy') busyStreams += 1;
    if (ended === 'busy' || ended === null) continue;
    const { error, entryKey } = ended;
    stalledInARow = error.failure === 'server-error' ? stalledInARow + 1 : 0;
    if (error.failure === 'server-error') stalled.push({ stream, entryKey, answer: error.message });
    if (error.failure !== 'server-error' || stalledInARow >= STALLED_IN_A_ROW_MAX) {
      outage = outageOf(error);
    }
  }
  const { pending } = await outboxStatus(drain.connection, 0);
  return { delivered: drain.delivered, refused: drain.refused, pending, busyStreams, stalled, outage };
}

/**
 * A server that does not answer at all is named within seconds, before an entry is sent whose fate would be uncertain.
 */
async function silence(client: MlflowClient): Promise<Outage | null> {
  try {
    await client.checkAnswers();
    return null;
  } catch (error) {
    if (error instanceof MlflowError) return outageOf(error);
    throw error;
  }
}

function outageOf({ failure, message, remedy }: MlflowError): Outage {
  return { failure, message, remedy };
}

async function withStreamLock<T>(
  connection: pg.PoolClient,
  stream: string,
  work: () => Promise<T>,
): Promise<T | 'busy'> {
  const unlock = await tryLock(connection, `signalbox.tracking.drain/${stream}`);
  if (unlock === null) return 'busy';
  const result = await work();
  // Not in a finally: after an error the connection is closed, and its locks with it.
  await unlock();
  return result;
}

/** Null when the stream is empty or the signal was given, else the error that ended it. */
async function drainStream(drain: Drain, stream: string): Promise<{ error: MlflowError; entryKey: string } | null> {
  const { connection, options } = drain;
  while (options.signal?.aborted !== true) {
    const pending = await nextPending(connection, stream);
    if (pending === undefined) return null;
    const { entryKey } = pending;
    const state: DeliveryState = { mayExist: pending.uncertain };
    try {
      const identifier = await deliverWithRetries(drain, pending, state);
      await markDelivered(connection, pending.id, identifier);
      drain.delivered += 1;
      options.onDelivered?.({ stream, entryKey, delivered: drain.delivered });
    } catch (error) {
      if (error instanceof MissingIdentifier || (error instanceof MlflowError && error.failure === 'refused')) {
        await markRefused(connection, pending.id, { answer: error.message, uncertain: state.mayExist });
        drain.refused.push({ stream, entryKey, answer: error.message });
        continue;
      }
      if (!(error instanceof MlflowError)) throw error;
      await markFailed(connection, pending.id, { answer: error.message, uncertain: state.mayExist });
      return { error, entryKey };
    }
  }
  return null;
}

function deliverWithRetries(drain: Drain, pending: PendingEntry, state: DeliveryState): Promise<Identifier | null> {
  const { connection, client, prefix, options } = drain;
  const context = {
    client,
    prefix,
    state,
    identifier: (kind: Identifier['kind'], localKey: string) => findIdentifier(connection, kind, localKey),
    settle: () => sleep(options.settleMs ?? 2000),
  };
  return drain.policy.execute(async () => {
    await markSent(connection, pending.id);
    return deliverEntry(context, pending);
  });
}
