import { appendAudit, type Actor } from '../audit/audit-store.ts';
import type { Clock } from '../clock.ts';
import { InputError } from '../errors.ts';
import type { Database } from '../postgres/database.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import { endSignIns } from './sign-in-store.ts';
import { addToken, revokeToken, type ApiToken } from './token-store.ts';
import { ROLES, type Role } from './roles.ts';
import { removeFactor, setRoleNeeds, usersWithFactor } from './second-factor/second-factor-store.ts';
import {
  addLink,
  addUser,
  changeUser,
  countUsers,
  findUser,
  userNamed,
  listUsers,
  type User,
  type UserChange,
} from './user-store.ts';

/** How long a one-time link is good for. */
const LINK_MS = 24 * 3_600_000;
const DAYS_MAX = 730;
/** What the name of a user or token looks like. */
export const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,99}$/u;
/** The user that a first start makes. */
const FIRST = 'admin';

export interface Doing {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly clock: Clock;
  /** Who does it, for the audit. */
  readonly actor: Actor;
}

/** Whom a token or user is to be, in the words of options or of a request. */
export interface Wanted {
  readonly name: string;
  readonly role: string;
  readonly sessions?: readonly string[] | null | undefined;
}

function requireWanted({ name, role, sessions = null }: Wanted): {
  name: string;
  role: Role;
  sessions: readonly string[] | null;
} {
  if (!NAME.test(name)) {
    throw new InputError(`"${name}" is no name.`, 'Take letters, digits, spaces and ._@+-, 100 characters at most.');
  }
  return { name, role: requireRole(role, sessions), sessions };
}

function requireRole(role: string, sessions: readonly string[] | null): Role {
  const known = ROLES.find((one) => one === role);
  if (known === undefined) throw new InputError(`"${role}" is no role.`, `Name one of: ${ROLES.join(', ')}.`);
  if (known === 'strategy' && sessions === null) {
    throw new InputError('A strategy has sessions of its own.', 'Name them: --session ID.');
  }
  return known;
}

/** Makes a token for a program. It is returned once and kept nowhere. @throws InputError */
export async function createToken(
  { database, clock, actor }: Doing,
  wanted: Wanted & { readonly days: number; readonly owner?: number },
): Promise<{ readonly value: string; readonly token: ApiToken }> {
  const { days, owner = null } = wanted;
  if (!(days > 0 && days <= DAYS_MAX)) {
    throw new InputError(`A token is good for up to ${DAYS_MAX} days, not ${days}.`, 'Name its days: --days 90.');
  }
  const { name, role, sessions } = requireWanted(wanted);
  const value = newSecret('sbx_');
  const madeAt = new Date(clock());
  const expiresAt = new Date(clock() + days * 24 * 3_600_000);
  const made = { name, role, sessions, madeBy: actor.name, madeAt, expiresAt, owner, hash: hashOfSecret(value) };
  const token = await database.transaction(async (client) => {
    const added = await addToken(client, made);
    if (added === null) throw new InputError(`There is a token "${name}".`, 'Take another name: names are kept.');
    const details = { name, role, sessions, expiresAt: expiresAt.toISOString() };
    await appendAudit(client, [{ actor, action: 'token-create', sessionId: null, reason: '', details }]);
    return added;
  });
  return { value, token };
}

/** @throws InputError where there is none of that name */
export async function endToken({ database, clock, actor }: Doing, name: string): Promise<ApiToken> {
  return database.transaction(async (client) => {
    const token = await revokeToken(client, name, new Date(clock()));
    if (token === null)
      throw new InputError(`There is no token "${name}".`, 'signalbox tokens list shows what there is.');
    await appendAudit(client, [{ actor, action: 'token-revoke', sessionId: null, reason: '', details: { name } }]);
    return token;
  });
}

/** Adds a user, who chooses a password by the one-time link that is returned once. @throws InputError */
export async function createUser(
  doing: Doing,
  wanted: Wanted,
): Promise<{ readonly user: User; readonly link: string }> {
  const asked = requireWanted(wanted);
  const { database, actor } = doing;
  return database.transaction(async (client) => {
    const user = await addUser(client, asked);
    if (user === null) throw new InputError(`There is a user "${asked.name}".`, 'Take another name.');
    await appendAudit(client, [{ actor, action: 'user-create', sessionId: null, reason: '', details: asked }]);
    return { user, link: await linkFor(client, user, doing.clock) };
  });
}

/** A new one-time link for a user, which replaces earlier ones. @throws InputError */
export async function renewLink(doing: Doing, name: string): Promise<{ readonly user: User; readonly link: string }> {
  const { database, actor } = doing;
  return database.transaction(async (client) => {
    const user = await userNamed(client, name);
    await appendAudit(client, [{ actor, action: 'user-link', sessionId: null, reason: '', details: { name } }]);
    return { user, link: await linkFor(client, user, doing.clock) };
  });
}

/** What is changed of a user. */
export interface Alteration {
  readonly role?: string | undefined;
  readonly sessions?: readonly string[] | null | undefined;
  readonly disabled?: boolean | undefined;
  /** Issuer and subject at the identity provider, as a refused sign-in has them in the audit. */
  readonly providerSubject?: string | undefined;
}

/** Changes role or sessions of a user, or lets them in no more: then their sign-ins end. @throws InputError */
export async function alterUser(
  { database, clock, actor }: Doing,
  name: string,
  { role, sessions, disabled, providerSubject }: Alteration,
): Promise<User> {
  return database.transaction(async (client) => {
    const before = await userNamed(client, name);
    const wanted = sessions === undefined ? before.sessions : sessions;
    const change: UserChange = {
      ...(role === undefined ? {} : { role: requireRole(role, wanted) }),
      ...(sessions === undefined ? {} : { sessions }),
      ...(providerSubject === undefined ? {} : { providerSubject }),
      ...(disabled === undefined ? {} : { disabledAt: disabled ? new Date(clock()) : null }),
    };
    if (role === undefined) requireRole(before.role, wanted);
    await requireFree(client, before, providerSubject);
    const user = (await changeUser(client, before.id, change))!;
    if (disabled === true) await endSignIns(client, { user: user.id }, { at: new Date(clock()), why: 'disabled' });
    const { name: known, role: now, sessions: seen, providerSubject: subject } = user;
    const details = {
      name: known,
      role: now,
      sessions: seen,
      disabled: user.disabledAt !== null,
      providerSubject: subject,
    };
    await appendAudit(client, [{ actor, action: 'user-change', sessionId: null, reason: '', details }]);
    return user;
  });
}

/** A user as lists of users have them. */
export interface ListedUser extends User {
  readonly secondFactor: boolean;
}

/** All users, by name, each with whether a second factor is asked of them. */
export async function listedUsers({ pool }: Pick<Database, 'pool'>): Promise<ListedUser[]> {
  const [users, enrolled] = [await listUsers(pool), await usersWithFactor(pool)];
  return users.map((user) => ({ ...user, secondFactor: enrolled.has(user.id) }));
}

/** Forgets the second factor of somebody who has lost it, and ends their sign-ins. @throws InputError */
export async function resetSecondFactor({ database, clock, actor }: Doing, name: string): Promise<User> {
  return database.transaction(async (client) => {
    const user = await userNamed(client, name);
    if (!(await removeFactor(client, user.id))) {
      throw new InputError(`"${user.name}" has no second factor.`, 'Nothing is to be done.');
    }
    await endSignIns(client, { user: user.id }, { at: new Date(clock()), why: 'second-factor-reset' });
    const details = { name: user.name };
    await appendAudit(client, [{ actor, action: 'second-factor-reset', sessionId: null, reason: '', details }]);
    return user;
  });
}

/** Whether users of a role have to have a second factor from now on. @throws InputError */
export async function requireSecondFactor({ database, actor }: Doing, role: string, needed: boolean): Promise<Role> {
  const known = requireRole(role, []);
  await database.transaction(async (client) => {
    await setRoleNeeds(client, known, needed);
    const details = { role: known, needed };
    await appendAudit(client, [{ actor, action: 'second-factor-rule', sessionId: null, reason: '', details }]);
  });
  return known;
}

/** Where there is no user yet: makes the administrator and returns their link; else null. */
export async function firstLink(doing: Doing): Promise<string | null> {
  const { pool } = doing.database;
  if ((await countUsers(pool)) === 0) return (await createUser(doing, { name: FIRST, role: 'admin' })).link;
  const first = await findUser(pool, { name: FIRST });
  const waits =
    first !== undefined && !first.hasPassword && first.disabledAt === null && (await countUsers(pool)) === 1;
  return waits ? (await renewLink(doing, FIRST)).link : null;
}

type Client = Parameters<Parameters<Database['transaction']>[0]>[0];

async function linkFor(client: Client, { id }: User, clock: Clock): Promise<string> {
  const link = newSecret('sbl_');
  await addLink(client, hashOfSecret(link), id, new Date(clock() + LINK_MS));
  return link;
}

/** @throws InputError for a subject that is somebody else's */
async function requireFree(client: Client, { id }: User, providerSubject: string | undefined): Promise<void> {
  const other = providerSubject === undefined ? undefined : await findUser(client, { providerSubject });
  if (other === undefined || other.id === id) return;
  throw new InputError(`"${providerSubject}" is the user "${other.name}".`, 'Nobody is two users.');
}
