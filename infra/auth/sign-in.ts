import { createHmac } from 'node:crypto';
import type pg from 'pg';
import { appendAudit } from '../audit/audit-store.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../postgres/database.ts';
import { hashPassword, isPassword } from './passwords.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import { signShortToken } from './short-token.ts';
import {
  addRefresh,
  beginSignIn,
  endSignIns,
  failuresSince,
  forgetFailures,
  lockTries,
  noteFailure,
  takeFailureBack,
  useRefresh,
} from './sign-in-store.ts';
import { changeUser, findUser, passwordHashOf, useLink, type User } from './user-store.ts';

/** A browser that nobody uses for so long has to sign in again. */
export const REFRESH_SECONDS = 14 * 24 * 3_600;
/** Failures within so long count: of a name and of an address. */
const WINDOW_MS = 15 * 60_000;
const BY_NAME_MAX = 5;
const BY_ADDRESS_MAX = 50;

/** What a browser is given: secrets for its cookies, and what proves that a request is of our own page. */
export interface Admission {
  readonly user: User;
  readonly token: string;
  readonly refresh: string;
  readonly csrf: string;
}

/** Why nobody was let in: wrong name, password, link or token; or too many tries. */
export type NoAdmission = 'refused' | 'too-many';

/** What sign-ins need. */
export interface SignInOptions {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly secret: Uint8Array;
  readonly clock: Clock;
}

/** What proves that a request comes from a page that could read the answer to the sign-in. */
export function csrfOf(secret: Uint8Array, signIn: number): string {
  return createHmac('sha256', secret).update(`csrf ${signIn}`).digest('base64url');
}

/** Signs users in and keeps them signed in; all of it is in the audit. */
export class SignIns {
  readonly #options: SignInOptions;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /** Lets in whoever knows a name and its password. */
  async byPassword(name: string, password: string, address: string): Promise<Admission | NoAdmission> {
    const { pool } = this.#options.database;
    const who = [`name ${name.toLowerCase()}`, `address ${address}`];
    // It counts before the password is looked at: however many come at once, so many are looked at and no more.
    const at = this.#now();
    if (!(await this.#mayTry(who, at))) {
      await this.#note(name, 'sign-in-limited', { address });
      return 'too-many';
    }
    const user = await findUser(pool, { name });
    const hash = user === undefined ? null : await passwordHashOf(pool, user.id);
    const isRight = await isPassword(hash, password);
    if (user === undefined || !isRight || user.disabledAt !== null) {
      await this.#note(name, 'sign-in-refused', { address });
      return 'refused';
    }
    await takeFailureBack(pool, who, at);
    await forgetFailures(pool, new Date(this.#options.clock() - WINDOW_MS), [who[0]!]);
    return this.#admit(user, address, 'sign-in');
  }

  /** Lets in whoever has a one-time link, and sets the password that they choose. @throws InputError for a poor one */
  async byLink(link: string, password: string, address: string): Promise<Admission | NoAdmission> {
    const { database } = this.#options;
    const who = [`address ${address}`];
    if (await this.#isLimited([...who, ...who], database.pool)) return 'too-many';
    const passwordHash = await hashPassword(password);
    const user = await database.transaction(async (client) => {
      const id = await useLink(client, hashOfSecret(link), this.#now());
      const found = id === null ? undefined : await findUser(client, { id });
      if (found === undefined || found.disabledAt !== null) return null;
      await endSignIns(client, { user: found.id }, { at: this.#now(), why: 'password-change' });
      return changeUser(client, found.id, { passwordHash });
    });
    if (user === null) {
      await noteFailure(database.pool, who, this.#now());
      await this.#note('nobody', 'sign-in-link-refused', { address });
      return 'refused';
    }
    return this.#admit(user, address, 'sign-in-by-link');
  }

  /** Gives the next tokens for a refresh token, once. One that is presented again ends all that followed from it. */
  async byRefresh(refresh: string, address: string): Promise<Admission | NoAdmission> {
    const { database, clock } = this.#options;
    const next = newSecret('sbr_');
    const used = await database.transaction(async (client) => {
      const found = await useRefresh(client, hashOfSecret(refresh), this.#now());
      if (found.is === 'replayed') await endSignIns(client, { id: found.signIn }, { at: this.#now(), why: 'replay' });
      if (found.is === 'good') {
        const expiresAt = new Date(clock() + REFRESH_SECONDS * 1_000);
        await addRefresh(client, hashOfSecret(next), found.signIn, expiresAt);
      }
      return found;
    });
    if (used.is === 'unknown') return 'refused';
    const user = await findUser(database.pool, { id: used.user });
    if (used.is === 'replayed') {
      await this.#note(user?.name ?? 'nobody', 'refresh-replayed', { address, signIn: used.signIn });
      return 'refused';
    }
    if (user === undefined || user.disabledAt !== null) return 'refused';
    return this.#admission(user, used.signIn, next);
  }

  /** Ends a sign-in with all that follows from it. */
  async end(signIn: number, name: string): Promise<void> {
    await endSignIns(this.#options.database.pool, { id: signIn }, { at: this.#now(), why: 'sign-out' });
    await this.#note(name, 'sign-out', { signIn });
  }

  /** Notes a try as a failure, until it is known to be none; false, and nothing noted, where there were too many. */
  async #mayTry(who: readonly string[], at: Date): Promise<boolean> {
    return this.#options.database.transaction(async (client) => {
      await lockTries(client, who);
      if (await this.#isLimited(who, client)) return false;
      await noteFailure(client, who, at);
      return true;
    });
  }

  async #isLimited(who: readonly string[], client: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
    const since = new Date(this.#options.clock() - WINDOW_MS);
    const [byName, byAddress] = await failuresSince(client, who, since);
    return (who[0] === who[1] ? false : byName! >= BY_NAME_MAX) || byAddress! >= BY_ADDRESS_MAX;
  }

  async #admit(user: User, address: string, action: string): Promise<Admission> {
    const { database, clock } = this.#options;
    const refresh = newSecret('sbr_');
    const signIn = await database.transaction(async (client) => {
      const id = await beginSignIn(client, { user: user.id, address, at: this.#now() });
      await addRefresh(client, hashOfSecret(refresh), id, new Date(clock() + REFRESH_SECONDS * 1_000));
      const actor = { kind: 'operator', name: user.name } as const;
      await appendAudit(client, [{ actor, action, sessionId: null, reason: '', details: { address, signIn: id } }]);
      return id;
    });
    return this.#admission(user, signIn, refresh);
  }

  async #admission(user: User, signIn: number, refresh: string): Promise<Admission> {
    const { secret, clock } = this.#options;
    const token = await signShortToken(secret, { user: user.id, signIn }, clock());
    return { user, token, refresh, csrf: csrfOf(secret, signIn) };
  }

  #now(): Date {
    return new Date(this.#options.clock());
  }

  async #note(name: string, action: string, details: Readonly<Record<string, unknown>>): Promise<void> {
    const actor = { kind: 'operator', name } as const;
    await appendAudit(this.#options.database.pool, [{ actor, action, sessionId: null, reason: '', details }]);
  }
}
