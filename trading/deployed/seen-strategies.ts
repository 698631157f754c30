import type pg from 'pg';
import { listSessions, type ListedSession } from '../sessions/session-store.ts';
import { readSupervisors, type SupervisorRow } from '../sessions/supervisor/supervisor-store.ts';
import type { SeenStrategy } from './strategy-state.ts';
import type { StoredStrategy } from './strategy-store.ts';

/** A strategy with all that is on record of its session. */
export interface WholeStrategy extends SeenStrategy {
  readonly session: ListedSession | undefined;
  readonly supervisor: SupervisorRow | undefined;
}

/** Strategies with their sessions and supervisors, in the order given. */
export async function seenStrategies(
  client: Pick<pg.ClientBase, 'query'>,
  strategies: readonly StoredStrategy[],
): Promise<WholeStrategy[]> {
  const ids = strategies.flatMap(({ sessionId }) => (sessionId === null ? [] : [sessionId]));
  if (ids.length === 0) return strategies.map((strategy) => ({ strategy, session: undefined, supervisor: undefined }));
  const sessions = new Map((await listSessions(client, { ids })).map((session) => [session.id, session]));
  const supervisors = await readSupervisors(client, ids);
  return strategies.map((strategy) => ({
    strategy,
    session: sessions.get(strategy.sessionId ?? ''),
    supervisor: supervisors.get(strategy.sessionId ?? ''),
  }));
}
