import { appendAudit, type Actor } from '../audit/audit-store.ts';
import type { Clock } from '../clock.ts';
import { InputError } from '../errors.ts';
import type { Database } from '../postgres/database.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import { endSignIns } from './sign-in-store.ts';
import { addToken, revokeToken, type ApiToken } from './token-store.ts';
import { ROLES, type Role } from './roles.ts';
import { addLink, addUser, changeUser, countUsers, findUser, type User, type UserChange } from './user-store.ts';

/** How long a one-time link is good for. */
const LINK_MS = 24 * 3_600_000;
const DAYS_MAX = 730;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,99}$/u;
/** The user that a first start makes. */
const FIRST = 'admin';

interface Doing {
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
  wanted: Wanted & { readonly days: number },
): Promise<{ readonly value: string; readonly token: ApiToken }> {
  const { days } = wanted;
  if (!(days > 0 && days <= DAYS_MAX)) {
    throw new InputError(`A token is good for up to ${DAYS_MAX} days, not ${days}.`, 'Name its days: --days 90.');
  }
  const { name, role, sessions } = requireWanted(wanted);
  const value = newSecret('sbx_');
  const madeAt = new Date(clock());
  const expiresAt = new Date(clock() + days * 24 * 3_600_000);
  const made = { name, role, sessions, madeBy: actor.name, madeAt, expiresAt, hash: hashOfSecret(value) };
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
    const user = await requireUser(client, name);
    await appendAudit(client, [{ actor, action: 'user-link', sessionId: null, reason: '', details: { name } }]);
    return { user, link: await linkFor(client, user, doing.clock) };
  });
}

/** Changes role or sessions of a user, or lets them in no more: then their sign-ins end. @throws InputError */
export async function alterUser(
  { database, clock, actor }: Doing,
  name: string,
  {
    role,
    sessions,
    disabled,
  }: { role?: string | undefined; sessions?: readonly string[] | null | undefined; disabled?: boolean | undefined },
): Promise<User> {
  return database.transaction(async (client) => {
    const before = await requireUser(client, name);
    const wanted = sessions === undefined ? before.sessions : sessions;
    const change: UserChange = {
      ...(role === undefined ? {} : { role: requireRole(role, wanted) }),
      ...(sessions === undefined ? {} : { sessions }),
      ...(disabled === undefined ? {} : { disabledAt: disabled ? new Date(clock()) : null }),
    };
    if (role === undefined) requireRole(before.role, wanted);
    const user = (await changeUser(client, before.id, change))!;
    if (disabled === true) await endSignIns(client, { user: user.id }, { at: new Date(clock()), why: 'disabled' });
    const details = { name: user.name, role: user.role, sessions: user.sessions, disabled: user.disabledAt !== null };
    await appendAudit(client, [{ actor, action: 'user-change', sessionId: null, reason: '', details }]);
    return user;
  });
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

async function requireUser(client: Client, name: string): Promise<User> {
  const user = await findUser(client, { name });
  if (user !== undefined) return user;
  throw new InputError(`There is no user "${name}".`, 'signalbox users list shows who there is.');
}

async function linkFor(client: Client, { id }: User, clock: Clock): Promise<string> {
  const link = newSecret('sbl_');
  await addLink(client, hashOfSecret(link), id, new Date(clock() + LINK_MS));
  return link;
}
