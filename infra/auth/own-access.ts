import { appendAudit } from '../audit/audit-store.ts';
import { InputError } from '../errors.ts';
import { createToken, endToken, type Doing, type Wanted } from './accounts.ts';
import type { Identity } from './identity.ts';
import { covers, type Role } from './roles.ts';
import { endSignIns, userOfSignIn } from './sign-in-store.ts';
import { tokensOf, type ApiToken } from './token-store.ts';

/** Ends a sign-in of the user who asks. @throws InputError for one that is not theirs, or has ended */
export async function endOwnSignIn({ database, clock, actor }: Doing, user: number, signIn: number): Promise<void> {
  await database.transaction(async (client) => {
    if ((await userOfSignIn(client, signIn)) !== user) throw new InputError(`There is no sign-in ${signIn} of yours.`);
    await endSignIns(client, { id: signIn }, { at: new Date(clock()), why: 'ended-elsewhere' });
    const details = { signIn };
    await appendAudit(client, [{ actor, action: 'sign-in-end', sessionId: null, reason: '', details }]);
  });
}

/** Makes a token that may what its owner may, or less. @throws InputError for one that might more */
export async function createOwnToken(
  doing: Doing,
  { id, role, sessions }: Pick<Identity, 'id' | 'role' | 'sessions'>,
  wanted: Wanted & { readonly role: Role; readonly days: number },
): Promise<{ readonly value: string; readonly token: ApiToken }> {
  if (!covers(role, wanted.role)) {
    throw new InputError(`A ${wanted.role} may do what a ${role} may not.`, 'Take a role that may less.');
  }
  const bound = wanted.sessions ?? sessions;
  const foreign = sessions === null ? undefined : bound?.find((one) => !sessions.includes(one));
  if (foreign !== undefined) throw new InputError(`There is no session "${foreign}" of yours.`, 'Name those you see.');
  return createToken(doing, { ...wanted, sessions: bound, owner: id });
}

/** Revokes a token of the user who asks. @throws InputError for one that is not theirs */
export async function endOwnToken(doing: Doing, user: number, name: string): Promise<ApiToken> {
  const own = await tokensOf(doing.database.pool, user);
  if (own.some((one) => one.name === name)) return endToken(doing, name);
  throw new InputError(`There is no token "${name}" of yours.`, 'GET /api/v1/me/tokens lists them.');
}
