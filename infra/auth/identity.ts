import type { Actor } from '../audit/audit-store.ts';
import { roleMay, type Permission, type Role } from './roles.ts';

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
}

/** Limits and answers that are kept are kept of each of these. */
export function clientOf({ kind, id }: Pick<Identity, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}

export function mayDo({ role }: Pick<Identity, 'role'>, permission: Permission): boolean {
  return roleMay(role, permission);
}

export function maySee({ sessions }: Pick<Identity, 'sessions'>, session: string): boolean {
  return sessions === null || sessions.includes(session);
}

/** Whoever is behind an identity, for the audit. */
export function actorOf({ role, name }: Pick<Identity, 'role' | 'name'>): Actor {
  return { kind: role === 'strategy' ? 'strategy' : 'operator', name };
}
