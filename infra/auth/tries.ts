import type { Clock } from '../clock.ts';
import type { Database } from '../postgres/database.ts';
import { failuresSince, forgetFailures, lockTries, noteFailure, takeFailureBack } from './sign-in-store.ts';

/** Failures within so long count: of a name and of an address. */
const WINDOW_MS = 15 * 60_000;
const BY_NAME_MAX = 5;
const BY_ADDRESS_MAX = 50;

/** A try that counts as a failure until it is known to be none. */
export interface Try {
  readonly who: readonly string[];
  readonly at: Date;
}

/** Counts tries of passwords, links and codes. */
export class Tries {
  readonly #database: Pick<Database, 'pool' | 'transaction'>;
  readonly #clock: Clock;

  constructor({ database, clock }: { database: Pick<Database, 'pool' | 'transaction'>; clock: Clock }) {
    this.#database = database;
    this.#clock = clock;
  }

  /**
   * Notes a try of somebody's secret as a failure; null, and nothing noted, where there were too many. It counts before
   * anything is looked at: however many come at once, so many are looked at and no more.
   */
  async begin(name: string, address: string): Promise<Try | null> {
    const who = [`name ${name.toLowerCase()}`, `address ${address}`];
    const at = new Date(this.#clock());
    return this.#database.transaction(async (client) => {
      await lockTries(client, who);
      const [byName, byAddress] = await failuresSince(client, who, this.#since());
      if (byName! >= BY_NAME_MAX || byAddress! >= BY_ADDRESS_MAX) return null;
      await noteFailure(client, who, at);
      return { who, at };
    });
  }

  /** It was no failure. What failed before it still counts. */
  async takeBack({ who, at }: Try): Promise<void> {
    await takeFailureBack(this.#database.pool, who, at);
  }

  /** Whoever it was has proven who they are: what failed of that name counts no more. */
  async succeed(one: Try): Promise<void> {
    await this.takeBack(one);
    await forgetFailures(this.#database.pool, this.#since(), [one.who[0]!]);
  }

  /** Whether too much has failed from an address. */
  async isLimited(address: string): Promise<boolean> {
    const [failures] = await failuresSince(this.#database.pool, [`address ${address}`], this.#since());
    return failures! >= BY_ADDRESS_MAX;
  }

  /** Notes a failure that is nobody's. */
  async fail(address: string): Promise<void> {
    await noteFailure(this.#database.pool, [`address ${address}`], new Date(this.#clock()));
  }

  #since(): Date {
    return new Date(this.#clock() - WINDOW_MS);
  }
}
