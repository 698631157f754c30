import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { clientConfig } from './connection.ts';
import { WatchedClient } from './watched-client.ts';

/** Of what something has changed, and of which session; `all` of anything, where notices may have been missed. */
export type Change = { readonly channel: string; readonly session: string | null } | 'all';

const noticeSchema = z.object({ channel: z.string(), session: z.string().nullable() });
/** Between two tries while there is no database. */
const PAUSE_MS = 500;

/**
 * Hears of changes that any process has committed, by a connection of its own. One that breaks is made anew: then
 * everything may have changed.
 */
export class ChangeFeed {
  readonly #url: string;
  readonly #hear: (change: Change) => void;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #client: WatchedClient | null = null;

  constructor(url: string, hear: (change: Change) => void) {
    this.#url = url;
    this.#hear = hear;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#client?.end().catch(() => undefined);
    // One that is being made ends by itself, once it is there.
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#listen();
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Until the connection ends, however it does. */
  async #listen(): Promise<void> {
    const client = new WatchedClient(clientConfig(this.#url));
    const ended = new Promise<void>((resolve) => {
      client.once('end', resolve);
      client.on('error', () => resolve());
    });
    client.on('notification', ({ payload }) => {
      const notice = noticeSchema.safeParse(JSON.parse(payload ?? 'null'));
      this.#hear(notice.success ? notice.data : 'all');
    });
    try {
      await client.connect();
      if (this.#stop.signal.aborted) return;
      this.#client = client;
      await client.query('LISTEN signalbox_changes');
      // What was committed before is not told.
      this.#hear('all');
      await ended;
    } catch {
      // The database is away: it is tried again.
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
