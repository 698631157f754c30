import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/**
 * Time counts in steps: a process that computes for long without a pause must not take its own silence for the
 * server's.
 */
const STEP_MS = 1_000;
/** Steps without a byte after which a server is asked for a sign of life. */
const SILENT_STEPS = 4;
/** Steps that it has to take a new connection. A server with load 30 on two cores did so within one. */
const SIGN_STEPS = 8;

/** A server that answers nothing, not even a new connection. Its code is that of a connection that timed out. */
class SilentServerError extends Error {
  readonly code = 'ETIMEDOUT';
}

/** A connection as the watch sees it. */
export interface Watchable {
  readonly config: pg.ClientConfig;
  /** True while an answer is due. */
  readonly isWaiting: boolean;
  /** Bytes in and out so far: while they grow the server is there. */
  readonly traffic: number;
  /** Ends the connection; what waits on it fails with `reason`. */
  drop(reason: Error): void;
}

interface Watched {
  traffic: number;
  silentSteps: number;
}

class ServerWatch {
  readonly #clients = new Map<Watchable, Watched>();
  #timer: NodeJS.Timeout | null = null;
  #asking = false;

  add(client: Watchable): () => void {
    this.#clients.set(client, { traffic: client.traffic, silentSteps: 0 });
    this.#timer ??= setInterval(() => void this.#step(), STEP_MS).unref();
    return () => {
      this.#clients.delete(client);
      if (this.#clients.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  }

  async #step(): Promise<void> {
    for (const [client, watched] of this.#clients) {
      const { traffic } = client;
      const silent = client.isWaiting && traffic === watched.traffic;
      Object.assign(watched, { traffic, silentSteps: silent ? watched.silentSteps + 1 : 0 });
    }
    const [waiting] = this.#silent();
    if (waiting === undefined || this.#asking) return;
    this.#asking = true;
    const lives = await givesSign(waiting.config);
    this.#asking = false;
    const steps = SILENT_STEPS + SIGN_STEPS;
    const reason = (): Error =>
      new SilentServerError(`no answer for ${(steps * STEP_MS) / 1000} s, nor a new connection`);
    for (const client of this.#silent()) {
      if (lives) this.#clients.get(client)!.silentSteps = 0;
      else client.drop(reason());
    }
  }

  #silent(): Watchable[] {
    return [...this.#clients].filter(([, { silentSteps }]) => silentSteps >= SILENT_STEPS).map(([client]) => client);
  }
}

const watches = new Map<string, ServerWatch>();

/**
 * Watches `client` until the function that comes back is called: a long query is not disturbed, but when nothing moves
 * on its connection for some seconds and its server takes no new connection either, the query fails with
 * SilentServerError.
 */
export function watchServer(client: Watchable): () => void {
  const { connectionString = '' } = client.config;
  let watch = watches.get(connectionString);
  if (watch === undefined) watches.set(connectionString, (watch = new ServerWatch()));
  return watch.add(client);
}

/** Whether the server takes a connection, or says why it does not. */
async function givesSign(config: pg.ClientConfig): Promise<boolean> {
  const probe = new pg.Client({ ...config, connectionTimeoutMillis: 0 });
  probe.on('error', () => undefined);
  let answer: boolean | null = null;
  probe.connect().then(
    () => (answer = true),
    // A refusal in the server's own words is a sign of life: no connection left, or it is starting.
    (error: unknown) => (answer = error instanceof pg.DatabaseError),
  );
  for (let step = 0; step < SIGN_STEPS * 10 && answer === null; step++)
    await sleep(STEP_MS / 10, undefined, { ref: false });
  const { stream } = (probe as unknown as { connection: { stream: { destroy(): void } } }).connection;
  if (answer === true) await Promise.race([probe.end(), sleep(STEP_MS, undefined, { ref: false })]);
  stream.destroy();
  return answer === true;
}
