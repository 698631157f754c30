import type { Socket } from 'node:net';
import pg from 'pg';
import { watchServer, type Watchable } from './embedded/server-watch.ts';

/**
 * A connection that is not made within this is given up. Making one takes milliseconds; a busy machine may need
 * seconds.
 */
const CONNECT_MS_MAX = 10_000;
/** A server that was told good-bye and does not hang up is left. */
const END_MS_MAX = 3_000;

/** What pg has and its types leave out. */
interface Inside {
  readonly connection: { readonly stream: Socket };
  /** False while a query is under way. */
  readonly readyForQuery: boolean | null;
}

/**
 * A client whose queries end, with an error, when its server stops answering altogether: a query may take as long as it
 * needs, and only a server that takes no new connection either counts as away (see `watchServer`). `end` is bounded
 * too.
 */
export class WatchedClient extends pg.Client implements Watchable {
  readonly config: pg.ClientConfig;

  constructor(config: pg.ClientConfig = {}) {
    super({ ...config, connectionTimeoutMillis: CONNECT_MS_MAX, keepAlive: true, keepAliveInitialDelayMillis: 10_000 });
    this.config = config;
    this.once('connect', () => this.once('end', watchServer(this)));
  }

  get isWaiting(): boolean {
    return this.#inside.readyForQuery === false;
  }

  get traffic(): number {
    const { bytesRead, bytesWritten } = this.#inside.connection.stream;
    return bytesRead + (bytesWritten ?? 0);
  }

  /**
   * One that breaks while it is held, or in the moment after it was made, tells so to nobody, which would end the
   * process. Who holds it learns of it at the next query.
   */
  override emit(name: string | symbol, ...rest: unknown[]): boolean {
    if (name === 'error' && this.listenerCount(name) === 0) return false;
    return super.emit(name, ...(rest as []));
  }

  drop(reason?: Error): void {
    this.#inside.connection.stream.destroy(reason);
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | void {
    const timer = setTimeout(() => this.drop(), END_MS_MAX);
    this.once('end', () => clearTimeout(timer));
    return callback === undefined ? super.end() : super.end(callback);
  }

  get #inside(): Inside {
    return this as unknown as Inside;
  }
}
