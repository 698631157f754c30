import { maySee, type Identity } from '../auth/identity.ts';
import { HttpProblem } from '../http/problem.ts';

/** Whoever is bound to sessions answers for these alone, and not for what concerns all. */
export function requireOwn(identity: Identity, session: string | null): void {
  if (identity.sessions === null || (session !== null && maySee(identity, session))) return;
  throw new HttpProblem(403, 'not-allowed', 'You may answer for sessions of your own.');
}
