import { maySee, type Identity } from '../../../infra/auth/identity.ts';
import { InputError } from '../../../infra/errors.ts';
import type { RouteRequest } from '../../../infra/http/route.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { listSessions } from '../session-store.ts';

/**
 * The session that a request is about: the one it names, where whoever asks may see it, or of those that they may see
 * the newest that runs, else the newest. `undefined` where they may see all and name none: looks choose by themselves.
 * @throws InputError for one that there is not, or that is not theirs to see
 */
export async function visibleSession(
  { identity, context }: Pick<RouteRequest, 'identity' | 'context'>,
  named: string | undefined,
): Promise<string | undefined> {
  if (named !== undefined) {
    requireVisible(identity!, named);
    return named;
  }
  const { sessions } = identity!;
  if (sessions === null) return undefined;
  const own = await ownSessions(await context.database(), sessions);
  const newest = own.find(({ state }) => state === 'running') ?? own[0];
  if (newest === undefined) throw new InputError('There is no session to look at.', 'None of yours has begun.');
  return newest.id;
}

/** @throws InputError as for a session that there is not: that it is there is not told either */
export function requireVisible(identity: Pick<Identity, 'sessions'>, session: string): void {
  if (maySee(identity, session)) return;
  throw new InputError(`there is no session "${session}"`, 'GET /api/v1/sessions lists what you may see.');
}

async function ownSessions({ pool }: Pick<Database, 'pool'>, ids: readonly string[]) {
  return listSessions(pool, { ids });
}
