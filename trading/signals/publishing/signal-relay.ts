import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { SignalboxError } from '../../../infra/errors.ts';
import { STREAM_LENGTH, streamOf, type PublishedSignal } from './published-signal.ts';

/** An answer takes less than a millisecond; a machine that swaps may need seconds. */
const ANSWER_MS_MAX = 5_000;
/** Between two tries while there is no Redis. */
const PAUSE_MS = 1_000;
/** Signals told at once. */
const PIECE = 500;

export interface SignalRelayOptions {
  readonly url: string;
  readonly sessionId: string;
  /** Recorded signals after a sequence, in order, at most so many. */
  readonly read: (after: number, limit: number) => Promise<readonly PublishedSignal[]>;
  /** Sequence of the newest signal but so many; -1 where there are fewer. */
  readonly newestBut: (count: number) => Promise<number>;
  readonly note: (text: string) => void;
}

/**
 * Tells Redis of a session's signals once they are recorded: each entry of the stream has its sequence for an id, so
 * that Redis itself refuses one that is there, and says where to go on. It reads the table, so that a Redis that is
 * away delays and loses nothing, and never makes the session wait.
 */
export class SignalRelay {
  readonly #options: SignalRelayOptions;
  readonly #client: Redis;
  readonly #stop = new AbortController();
  #woken = false;
  #running: Promise<void> | null = null;
  #silent = false;

  constructor(options: SignalRelayOptions) {
    this.#options = options;
    this.#client = new Redis(options.url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: ANSWER_MS_MAX,
      commandTimeout: ANSWER_MS_MAX,
      retryStrategy: () => null,
    });
    // Whoever asks is told.
    this.#client.on('error', () => undefined);
  }

  /** Signals were recorded: they are told of in their own time. */
  wake(): void {
    this.#woken = true;
    this.#running ??= this.#run().finally(() => (this.#running = null));
  }

  /** Tells what there is, now. Returns how many entries were new. @throws SignalboxError where Redis does not answer */
  async publish(): Promise<number> {
    try {
      if (this.#client.status !== 'ready') await this.#client.connect();
      return await this.#publish();
    } catch (cause) {
      // A connection that is half open would be waited for again.
      this.#client.disconnect();
      const { host } = new URL(this.#options.url);
      throw new SignalboxError(`Redis at ${host} does not answer: ${(cause as Error).message}`, {
        remedy: 'Start it, correct REDIS_URL, or unset it: the signals are in the table signals.',
        cause,
      });
    }
  }

  /** Ends it, once all is told or `waitMs` have passed. Says what was left. */
  async close(waitMs: number): Promise<void> {
    const late = sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    if (this.#running !== null) await Promise.race([this.#running, late]);
    const left = this.#running !== null;
    this.#stop.abort();
    await this.#running;
    this.#client.disconnect();
    if (left) {
      const { note, sessionId } = this.#options;
      note(`Redis was not told of all signals. When it is there: signalbox publish --session ${sessionId}`);
    }
  }

  async #run(): Promise<void> {
    const { note, url } = this.#options;
    while (this.#woken && !this.#stop.signal.aborted) {
      this.#woken = false;
      try {
        await this.publish();
        if (this.#silent) note(`Redis at ${new URL(url).host} answers again and has the signals.`);
        this.#silent = false;
      } catch (error) {
        this.#woken = true;
        if (!this.#silent) note(`${(error as Error).message} Signals wait for it; the session goes on.`);
        this.#silent = true;
        await sleep(PAUSE_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  async #publish(): Promise<number> {
    const { read } = this.#options;
    let told = 0;
    for (let after = await this.#newestTold(); ;) {
      const signals = await read(after, PIECE);
      if (signals.length === 0) return told;
      told += await this.#add(signals);
      after = signals.at(-1)!.sequence;
      if (signals.length < PIECE) return told;
    }
  }

  async #add(signals: readonly PublishedSignal[]): Promise<number> {
    const key = streamOf(this.#options.sessionId);
    const pipeline = this.#client.pipeline();
    for (const signal of signals) {
      const entry = ['MAXLEN', '~', STREAM_LENGTH, entryId(signal.sequence), 'signal', JSON.stringify(signal)] as const;
      pipeline.xadd(key, ...entry);
    }
    let added = 0;
    for (const [error] of (await pipeline.exec()) ?? []) {
      // Another process told of it first.
      if (error === null) added += 1;
      else if (!/equal or smaller/.test(error.message)) throw error;
    }
    return added;
  }

  /** Sequence of the last signal that Redis was told of; where it knows of none, that before those that it keeps. */
  async #newestTold(): Promise<number> {
    const { sessionId, newestBut } = this.#options;
    const [last] = await this.#client.xrevrange(streamOf(sessionId), '+', '-', 'COUNT', 1);
    return last === undefined ? newestBut(STREAM_LENGTH) : sequenceOf(last[0]);
  }
}

/** Redis takes no id 0-0. */
const entryId = (sequence: number): string => `${sequence}-1`;
const sequenceOf = (id: string): number => Number(id.split('-')[0]);
