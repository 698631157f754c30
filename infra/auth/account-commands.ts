import type { CommandContext, CommandOutput } from '../command.ts';
import { operatorOf } from '../audit/operator.ts';
import { InputError } from '../errors.ts';
import { plainTable } from '../terminal/plain-table.ts';
import {
  alterUser,
  createToken,
  createUser,
  endToken,
  listedUsers,
  renewLink,
  requireSecondFactor,
  resetSecondFactor,
} from './accounts.ts';
import { listTokens } from './token-store.ts';

export interface TokenOptions {
  readonly role: string;
  readonly session?: readonly string[];
  readonly days: string;
}

export interface UserOptions {
  readonly role?: string;
  readonly session?: readonly string[];
  readonly disable?: boolean;
  readonly enable?: boolean;
  readonly allSessions?: boolean;
  readonly providerSubject?: string;
}

const doing = async (context: CommandContext) => ({
  database: await context.database(),
  clock: context.clock,
  actor: operatorOf(context.config),
});

const moment = (at: Date | null): string | null => at?.toISOString().slice(0, 16).replace('T', ' ') ?? null;
const sessionsText = (sessions: readonly string[] | null): string => sessions?.join(', ') ?? 'all';

/** `tokens create`: the secret is shown once. */
export async function createTokenCommand(
  context: CommandContext,
  { role, session, days }: TokenOptions,
  name: string,
): Promise<CommandOutput> {
  const made = await createToken(await doing(context), { name, role, sessions: session, days: Number(days) });
  const until = moment(made.token.expiresAt)!;
  return { value: made, text: () => `${made.value}\n(token "${name}", ${role}, until ${until} UTC; shown this once)` };
}

/** `tokens list` */
export async function listTokensCommand(context: CommandContext): Promise<CommandOutput> {
  const tokens = await listTokens((await context.database()).pool);
  const rows = tokens.map(({ name, role, sessions, madeBy, madeAt, expiresAt, revokedAt }) => [
    name,
    role,
    sessionsText(sessions),
    madeBy,
    moment(madeAt),
    moment(expiresAt),
    moment(revokedAt),
  ]);
  const head = ['token', 'role', 'sessions', 'made by', 'made', 'expires', 'revoked'];
  return { value: { tokens }, text: () => (rows.length === 0 ? 'No token.' : plainTable(head, rows)) };
}

/** `tokens revoke` */
export async function revokeTokenCommand(context: CommandContext, name: string): Promise<CommandOutput> {
  const token = await endToken(await doing(context), name);
  return { value: token, text: () => `The token "${name}" is revoked.` };
}

/** `users list` */
export async function listUsersCommand(context: CommandContext): Promise<CommandOutput> {
  const users = await listedUsers(await context.database());
  const rows = users.map(({ name, role, sessions, hasPassword, secondFactor, createdAt, disabledAt }) => [
    name,
    role,
    sessionsText(sessions),
    hasPassword ? 'chosen' : 'not chosen yet',
    secondFactor ? 'yes' : 'no',
    moment(createdAt),
    moment(disabledAt),
  ]);
  const head = ['user', 'role', 'sessions', 'password', 'code', 'since', 'disabled'];
  return { value: { users }, text: () => (rows.length === 0 ? 'No user.' : plainTable(head, rows)) };
}

/** `users add` */
export async function addUserCommand(
  context: CommandContext,
  { role = 'viewer', session }: UserOptions,
  name: string,
): Promise<CommandOutput> {
  const made = await createUser(await doing(context), { name, role, sessions: session });
  return { value: made, text: () => linkText(name, made.link) };
}

/** `users link` */
export async function linkCommand(context: CommandContext, name: string): Promise<CommandOutput> {
  const made = await renewLink(await doing(context), name);
  return { value: made, text: () => linkText(made.user.name, made.link) };
}

const linkText = (name: string, link: string): string =>
  `${link}\n(one-time link of "${name}", good for a day: /welcome#${link} at the address of the service)`;

/** `users change` */
export async function changeUserCommand(
  context: CommandContext,
  { role, session, disable = false, enable = false, allSessions = false, providerSubject }: UserOptions,
  name: string,
): Promise<CommandOutput> {
  if (disable && enable) throw new InputError('--disable and --enable are one too many.', 'Leave one out.');
  const sessions = allSessions ? null : session;
  const disabled = disable ? true : enable ? false : undefined;
  const user = await alterUser(await doing(context), name, { role, sessions, disabled, providerSubject });
  const how = user.disabledAt === null ? '' : ', is let in no more';
  return { value: user, text: () => `${user.name}: ${user.role}, sessions ${sessionsText(user.sessions)}${how}.` };
}

/** `users reset-code` */
export async function resetCodeCommand(context: CommandContext, name: string): Promise<CommandOutput> {
  const user = await resetSecondFactor(await doing(context), name);
  return { value: user, text: () => `${user.name} is asked for no code any more; their sign-ins have ended.` };
}

/** `users require-code` */
export async function requireCodeCommand(
  context: CommandContext,
  { off = false }: { readonly off?: boolean },
  role: string,
): Promise<CommandOutput> {
  const value = { role: await requireSecondFactor(await doing(context), role, !off), needed: !off };
  const words = off ? 'may do without a second factor' : 'do nothing before they have a second factor';
  return { value, text: () => `Users with the role ${value.role} ${words}.` };
}
