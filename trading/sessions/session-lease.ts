import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { SignalboxError } from '../../infra/errors.ts';

/** The connection of a process that was killed may take a moment to end. */
const PATIENCE_TURNS = 30;
const TURN_MS = 100;

/** The text whose hash is the advisory lock that a running session's process holds. */
const LEASE_PREFIX = 'signalbox: session is running: ';

/** SQL that is true where a process holds the lease of the session whose id `id` names. */
export function runningSql(id: string): string {
  return `EXISTS (
    SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32 | objid::bigint) = hashtextextended('${LEASE_PREFIX}' || ${id}, 0))`;
}

/**
 * Says that this process runs a session: an advisory lock on a connection of its own, so that it ends with the process
 * however that ends.
 */
export class SessionLease {
  readonly #client: pg.PoolClient;
  readonly #id: string;
  #lost = false;
  readonly #onLost = (): void => {
    this.#lost = true;
  };

  private constructor(client: pg.PoolClient, id: string) {
    this.#client = client;
    this.#id = id;
    client.on('error', this.#onLost);
    client.on('end', this.#onLost);
  }

  /** @throws SignalboxError where another process runs the session. */
  static async take(pool: Pick<pg.Pool, 'connect'>, id: string): Promise<SessionLease> {
    const client = await pool.connect();
    try {
      for (let turn = 0; turn < PATIENCE_TURNS; turn++) {
        const { rows } = await client.query<{ taken: boolean }>(
          'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
          [LEASE_PREFIX + id],
        );
        if (rows[0]!.taken) return new SessionLease(client, id);
        await sleep(TURN_MS);
      }
    } catch (error) {
      client.release(true);
      throw error;
    }
    client.release();
    throw new SignalboxError(`Session "${id}" is running in another process.`, {
      remedy: 'Stop that one first, or begin a session of its own with --session ID.',
    });
  }

  /** @throws SignalboxError where the connection that holds the lease has broken: another process may run it by now. */
  requireHeld(): void {
    if (!this.#lost) return;
    throw new SignalboxError(`Session "${this.#id}" has lost the connection that says that it runs.`, {
      remedy: 'Start it again: it goes on where it stopped.',
    });
  }

  async release(): Promise<void> {
    if (this.#lost) return this.#client.release(true);
    await this.#client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [LEASE_PREFIX + this.#id]);
    // The connection goes back to others: nothing of this session is to listen to it.
    this.#client.off('error', this.#onLost).off('end', this.#onLost);
    this.#client.release();
  }
}
