import type pg from 'pg';
import { SignalboxError } from '../../infra/errors.ts';
import { ConnectionLock, lockNumberSql } from '../../infra/postgres/connection-lock.ts';

/** Asked for this often: the connection of a process that was killed may take three seconds to end. */
const TURNS = 30;

/** The text whose hash is the advisory lock that a running session's process holds. */
const LEASE_PREFIX = 'signalbox: session is running: ';

/** The same of the process that trades an account. */
const ACCOUNT_PREFIX = 'signalbox: account is traded: ';

/** SQL that is true where a process holds the lease of the session whose id `id` names. */
export function runningSql(id: string): string {
  return `EXISTS (
    SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32 | objid::bigint) = ${lockNumberSql(`'${LEASE_PREFIX}' || ${id}`)})`;
}

/**
 * Says that this process runs a session: a lock on a connection of its own, so that it ends with the process however
 * that ends.
 */
export class SessionLease {
  readonly #pool: Pick<pg.Pool, 'connect'>;
  readonly #key: string;
  #lock: ConnectionLock;

  private constructor(pool: Pick<pg.Pool, 'connect'>, lock: ConnectionLock, key: string) {
    this.#pool = pool;
    this.#lock = lock;
    this.#key = key;
  }

  /** @throws SignalboxError where another process runs the session. */
  static async take(pool: Pick<pg.Pool, 'connect'>, id: string): Promise<SessionLease> {
    const lock = await ConnectionLock.hold(pool, LEASE_PREFIX + id, { turns: TURNS });
    if (lock !== null) return new SessionLease(pool, lock, LEASE_PREFIX + id);
    throw new SignalboxError(`Session "${id}" is running in another process.`, {
      remedy: 'Stop that one first, or begin a session of its own with --session ID.',
    });
  }

  /** Says that this process trades an account at a venue. @throws SignalboxError where another process does. */
  static async takeAccount(pool: Pick<pg.Pool, 'connect'>, account: string): Promise<SessionLease> {
    const lock = await ConnectionLock.hold(pool, ACCOUNT_PREFIX + account, { turns: TURNS });
    if (lock !== null) return new SessionLease(pool, lock, ACCOUNT_PREFIX + account);
    throw new SignalboxError(`The account ${account} is traded by another session.`, {
      remedy: 'Stop that one first: signalbox sessions list shows what runs. Or trade another account.',
    });
  }

  /** The connection that holds the lease has broken: another process may take it by now. */
  get isLost(): boolean {
    return this.#lock.isLost;
  }

  /** Takes the lease again where it was lost. @throws SignalboxError where another process has it */
  async retake(): Promise<void> {
    if (!this.isLost) return;
    const lock = await ConnectionLock.hold(this.#pool, this.#key, { turns: TURNS });
    if (lock === null) {
      throw new SignalboxError(`Another process has taken over while the database was away: ${this.#key}.`, {
        remedy: 'Look at what it does: signalbox sessions list. What this one did is on record or in its local log.',
      });
    }
    await this.#lock.release();
    this.#lock = lock;
  }

  release(): Promise<void> {
    return this.#lock.release();
  }
}
