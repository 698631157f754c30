import { createHmac } from 'node:crypto';
import { appendAudit } from '../audit/audit-store.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../postgres/database.ts';
import { hashPassword, isPassword } from './passwords.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import { readTicket, signShortToken, signTicket } from './short-token.ts';
import { addRefresh, beginSignIn, endSignIns, useRefresh } from './sign-in-store.ts';
import { rolesWithFactor } from './second-factor/second-factor-store.ts';
import type { SecondFactors } from './second-factor/second-factors.ts';
import type { Try, Tries } from './tries.ts';
import { changeUser, findUser, passwordHashOf, useLink, type User } from './user-store.ts';

/** A browser that nobody uses for so long has to sign in again. */
export const REFRESH_SECONDS = 14 * 24 * 3_600;
/** What a browser is given: secrets for its cookies, and what proves that a request is of our own page. */
export interface Admission {
  readonly user: User;
  readonly token: string;
  readonly refresh: string;
  readonly csrf: string;
  /** Their role needs a second factor that they do not have yet. */
  readonly mustEnrol: boolean;
}

/** A right password or link of whoever has a second factor: the ticket goes along with a code. */
interface CodeWanted {
  readonly ticket: string;
}

/** What comes of a first step. */
export type Entered = Admission | CodeWanted | NoAdmission;

/** Why nobody was let in: wrong name, password, link or token; or too many tries. */
export type NoAdmission = 'refused' | 'too-many';

/** What sign-ins need. */
export interface SignInOptions {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly factors: SecondFactors;
  readonly tries: Tries;
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

  /** Lets in whoever knows a name and its password, and has no second factor. */
  async byPassword(name: string, password: string, address: string): Promise<Entered> {
    const { database, tries } = this.#options;
    const one = await tries.begin(name, address);
    if (one === null) {
      await this.#note(name, 'sign-in-limited', { address });
      return 'too-many';
    }
    const user = await findUser(database.pool, { name });
    const hash = user === undefined ? null : await passwordHashOf(database.pool, user.id);
    const isRight = await isPassword(hash, password);
    if (user === undefined || !isRight || user.disabledAt !== null) {
      await this.#note(name, 'sign-in-refused', { address });
      return 'refused';
    }
    return this.#enter(user, { address, how: 'sign-in', one });
  }

  /** Lets in whoever has a one-time link, and sets the password that they choose. @throws InputError for a poor one */
  async byLink(link: string, password: string, address: string): Promise<Entered> {
    const { database, tries } = this.#options;
    if (await tries.isLimited(address)) return 'too-many';
    const passwordHash = await hashPassword(password);
    const user = await database.transaction(async (client) => {
      const id = await useLink(client, hashOfSecret(link), this.#now());
      const found = id === null ? undefined : await findUser(client, { id });
      if (found === undefined || found.disabledAt !== null) return null;
      await endSignIns(client, { user: found.id }, { at: this.#now(), why: 'password-change' });
      return changeUser(client, found.id, { passwordHash });
    });
    if (user === null) {
      await tries.fail(address);
      await this.#note('nobody', 'sign-in-link-refused', { address });
      return 'refused';
    }
    return this.#enter(user, { address, how: 'sign-in-by-link' });
  }

  /** Lets in whom the identity provider has vouched for. */
  async byProvider(user: User, address: string): Promise<Entered> {
    return this.#enter(user, { address, how: 'sign-in-by-provider' });
  }

  /** The second step: a code of the app or a recovery code, with the ticket of the first. */
  async byCode(ticket: string, code: string, address: string): Promise<Admission | NoAdmission> {
    const { database, clock, secret, tries, factors } = this.#options;
    const said = await readTicket(secret, ticket, clock());
    const user = said === null ? undefined : await findUser(database.pool, { id: said.user });
    if (said === null || user === undefined || user.disabledAt !== null) return 'refused';
    const one = await tries.begin(user.name, address);
    if (one === null) {
      await this.#note(user.name, 'sign-in-limited', { address });
      return 'too-many';
    }
    if (!(await factors.take(user, code))) {
      await this.#note(user.name, 'second-factor-refused', { address });
      return 'refused';
    }
    await tries.succeed(one);
    return this.#admit(user, address, said.how);
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

  async #enter(user: User, { address, how, one }: { address: string; how: string; one?: Try }): Promise<Entered> {
    const { factors, tries, secret, clock } = this.#options;
    if (await factors.isEnrolled(user.id)) {
      // The password alone is no proof yet: what failed before it still counts.
      if (one !== undefined) await tries.takeBack(one);
      return { ticket: await signTicket(secret, { user: user.id, how }, clock()) };
    }
    if (one !== undefined) await tries.succeed(one);
    return this.#admit(user, address, how);
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
    const { secret, clock, factors } = this.#options;
    const token = await signShortToken(secret, { user: user.id, signIn }, clock());
    const { pool } = this.#options.database;
    const mustEnrol = (await rolesWithFactor(pool)).includes(user.role) && !(await factors.isEnrolled(user.id));
    return { user, token, refresh, csrf: csrfOf(secret, signIn), mustEnrol };
  }

  #now(): Date {
    return new Date(this.#options.clock());
  }

  async #note(name: string, action: string, details: Readonly<Record<string, unknown>>): Promise<void> {
    const actor = { kind: 'operator', name } as const;
    await appendAudit(this.#options.database.pool, [{ actor, action, sessionId: null, reason: '', details }]);
  }
}
