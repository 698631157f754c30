import type { Actor } from '../audit/audit-store.ts';
import { InputError } from '../errors.ts';
import { PERMISSIONS, roleMay, type Permission, type Role } from './roles.ts';

/** Who asks, as a token or a signed-in browser has proven it. */
export interface Identity {
  readonly kind: 'user' | 'token';
  /** As the audit has it: the name of a user, or `token NAME`. */
  readonly name: string;
  readonly role: Role;
  /** Sessions that it may see and act on; null for all. */
  readonly sessions: readonly string[] | null;
  /** Id of the user or of the token. */
  readonly id: number;
  /** The sign-in that a browser's cookies belong to; null for a token. */
  readonly signIn: number | null;
  /** Of a user's own token: the user. */
  readonly owner?: number | null;
  /** Their role needs a second factor that they do not have yet: until then they do nothing but set one up. */
  readonly mustEnrol?: boolean;
}

/** Limits and answers that are kept are kept of each of these. */
export function clientOf({ kind, id }: Pick<Identity, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}

export function mayDo({ role, mustEnrol }: Pick<Identity, 'role' | 'mustEnrol'>, permission: Permission): boolean {
  return roleMay(role, permission) && (mustEnrol !== true || permission === 'self');
}

/** All that whoever asks may do, in the order of `PERMISSIONS`. */
export function allowedTo(identity: Pick<Identity, 'role' | 'mustEnrol'>): readonly Permission[] {
  return PERMISSIONS.filter((permission) => mayDo(identity, permission));
}

export function maySee({ sessions }: Pick<Identity, 'sessions'>, session: string): boolean {
  return sessions === null || sessions.includes(session);
}

/** Whoever is behind an identity, for the audit. */
export function actorOf({ role, name }: Pick<Identity, 'role' | 'name'>): Actor {
  return { kind: role === 'strategy' ? 'strategy' : 'operator', name };
}

/**
 * The user who asks, and their sign-in.
 * @param why a program's token has nothing of the kind, for people
 * @throws InputError for a program's token
 */
export function requireUser(
  { id, signIn, name }: Identity,
  why = '',
): { readonly id: number; readonly signIn: number; readonly name: string } {
  if (signIn !== null) return { id, signIn, name };
  throw new InputError(why === '' ? 'A token is no user.' : `A token is no user: ${why}.`, 'Sign in.');
}
