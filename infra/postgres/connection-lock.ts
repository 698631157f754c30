import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** The connection of a process that was killed may take a moment to end. */
const TURN_MS = 100;

/** The number by which the server knows the lock of the text that `key` is in SQL. */
export const lockNumberSql = (key: string): string => `hashtextextended(${key}, 0)`;

/**
 * Takes the lock `key` for the connection of `client`: what is asked on it afterwards is asked under the lock. Null
 * where somebody else has it, else what gives it back. It goes with the connection, however this process ends.
 */
export async function tryLock(
  client: Pick<pg.ClientBase, 'query'>,
  key: string,
): Promise<(() => Promise<void>) | null> {
  const { rows } = await client.query<{ held: boolean }>(
    `SELECT pg_try_advisory_lock(${lockNumberSql('$1')}) AS held`,
    [key],
  );
  if (!rows[0]!.held) return null;
  return async () => void (await client.query(`SELECT pg_advisory_unlock(${lockNumberSql('$1')})`, [key]));
}

export interface HoldOptions {
  /** How often the lock is asked for. Default: once. */
  readonly turns?: number;
}

/** A lock on a connection of its own, for work that asks its questions elsewhere. */
export class ConnectionLock {
  readonly #client: pg.PoolClient;
  readonly #unlock: () => Promise<void>;
  readonly #onEnd = (): void => void (this.#lost = true);
  #lost = false;

  constructor(client: pg.PoolClient, unlock: () => Promise<void>) {
    this.#client = client;
    this.#unlock = unlock;
    client.on('error', this.#onEnd);
    client.on('end', this.#onEnd);
  }

  /** Null where somebody else has the lock still after the last turn. */
  static async hold(
    pool: Pick<pg.Pool, 'connect'>,
    key: string,
    { turns = 1 }: HoldOptions = {},
  ): Promise<ConnectionLock | null> {
    const client = await pool.connect();
    try {
      for (let turn = 1; turn <= turns; turn++) {
        const unlock = await tryLock(client, key);
        if (unlock !== null) return new ConnectionLock(client, unlock);
        if (turn < turns) await sleep(TURN_MS);
      }
    } catch (error) {
      client.release(true);
      throw error;
    }
    client.release();
    return null;
  }

  /** Whether the connection has broken: somebody else may have the lock by now. */
  get isLost(): boolean {
    return this.#lost;
  }

  /** Gives the lock back, with the connection where that is broken. */
  async release(): Promise<void> {
    let isBroken = this.#lost;
    // A connection that does not answer is closed, which frees the lock too.
    if (!isBroken) await this.#unlock().catch(() => (isBroken = true));
    this.#client.off('error', this.#onEnd);
    this.#client.off('end', this.#onEnd);
    this.#client.release(isBroken);
  }
}
