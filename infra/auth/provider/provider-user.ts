import { appendAudit, type AuditNote } from '../../audit/audit-store.ts';
import { SYSTEM } from '../../audit/operator.ts';
import type { Database } from '../../postgres/database.ts';
import { NAME } from '../accounts.ts';
import type { ProviderSettings } from '../auth-settings.ts';
import type { Role } from '../roles.ts';
import { addUser, changeUser, findUser, type User } from '../user-store.ts';

/** Why whoever came back from the provider is not let in. */
export interface ProviderRefusal {
  readonly is: 'away' | 'refused' | 'stale' | 'unknown-user';
  /** For the audit. */
  readonly why: string;
  readonly subject?: string;
}

type Client = Parameters<Parameters<Database['transaction']>[0]>[0];
type Claims = Readonly<Record<string, unknown>>;

/**
 * The user whom claims speak of. A subject stays with its user. One that is new becomes the user of that name who has
 * no password, or, where groups give roles, a new one: nobody takes over a password's user by a name alone.
 */
export async function userOfClaims(
  client: Client,
  claims: Claims,
  settings: ProviderSettings,
): Promise<User | ProviderRefusal> {
  const subject = `${String(claims['iss'])} ${String(claims['sub'])}`;
  const refused = (why: string): ProviderRefusal => ({ is: 'unknown-user', why, subject });
  const role = roleOf(claims, settings);
  if (settings.roles.length > 0 && role === undefined) return refused('none of their groups gives a role');
  const known = (await findUser(client, { providerSubject: subject })) ?? (await firstTime(client, claims, settings));
  if (typeof known === 'string') return refused(known);
  if (known.disabledAt !== null) return refused('the user is let in no more');
  if (role === undefined || role === known.role) return known;
  await note(client, 'user-change', { name: known.name, role, by: 'groups of the identity provider' });
  return (await changeUser(client, known.id, { role }))!;
}

/** The first of the configured groups that somebody has gives the role. */
function roleOf(claims: Claims, { roleClaim, roles }: ProviderSettings): Role | undefined {
  const said = claims[roleClaim];
  const groups = Array.isArray(said) ? said : [said];
  return roles.find(({ group }) => groups.includes(group))?.role;
}

/** The user of a subject that has not come before, or why there is none. */
async function firstTime(client: Client, claims: Claims, settings: ProviderSettings): Promise<User | string> {
  const { nameClaim } = settings;
  const name = claims[nameClaim];
  if (typeof name !== 'string' || !NAME.test(name)) return `the claim ${nameClaim} has no name of a user`;
  if (nameClaim === 'email' && claims['email_verified'] !== true) return 'the provider has not verified the address';
  const providerSubject = `${String(claims['iss'])} ${String(claims['sub'])}`;
  const found = await findUser(client, { name });
  if (found !== undefined) {
    if (found.providerSubject !== null) return `"${found.name}" is another subject`;
    if (found.hasPassword) return `"${found.name}" has a password: an administrator names the subject`;
    await note(client, 'user-provider', { name: found.name, providerSubject });
    return (await changeUser(client, found.id, { providerSubject }))!;
  }
  const role = roleOf(claims, settings);
  if (role === undefined) return `there is no user "${name}"`;
  const made = await addUser(client, { name, role, sessions: null });
  if (made === null) return `"${name}" was added meanwhile`;
  await note(client, 'user-create', { name, role, providerSubject });
  return (await changeUser(client, made.id, { providerSubject }))!;
}

async function note(client: Client, action: string, details: AuditNote['details']): Promise<void> {
  await appendAudit(client, [{ actor: SYSTEM, action, sessionId: null, reason: '', details }]);
}
