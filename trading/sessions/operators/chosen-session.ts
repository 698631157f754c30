import type { Database } from '../../../infra/postgres/database.ts';
import { InputError } from '../../../infra/errors.ts';
import { listSessions, type ListedSession } from '../session-store.ts';

/**
 * The session that is meant: the one named, a backtest too, else the newest that runs, else the newest of all that
 * traded.
 * @throws InputError where there is none
 */
export async function chosenSession({ pool }: Pick<Database, 'pool'>, id: string | undefined): Promise<ListedSession> {
  const [named] = id === undefined ? [] : await listSessions(pool, { ids: [id] });
  if (named !== undefined) return named;
  if (id !== undefined) {
    throw new InputError(`there is no session "${id}"`, 'signalbox sessions list --all shows what there is.');
  }
  const sessions = await listSessions(pool);
  const newest = sessions.find(({ state }) => state === 'running') ?? sessions[0];
  if (newest !== undefined) return newest;
  throw new InputError('There is no session to look at.', 'Begin one: signalbox paper EXPERIMENT.');
}

/** How a session stands, with what an operator has set: a halted one runs and opens nothing. */
export function stateOf({ state, killState }: Pick<ListedSession, 'state' | 'killState'>): string {
  return killState === null || killState === 'run' ? state : `${state}, ${killState}`;
}

/** The line above what is shown of a session. */
export function headingOf(session: ListedSession): string {
  const { id, experiment, kind, lastClose } = session;
  const bar = lastClose === null ? 'no bar yet' : `last bar ${minuteText(lastClose)}`;
  return `${id}: ${experiment === null ? '' : `${experiment}, `}${kind}, ${stateOf(session)}, ${bar}`;
}

/** A moment to the minute, UTC. */
export const minuteText = (time: Date | null): string => time?.toISOString().slice(0, 16).replace('T', ' ') ?? '-';

/** A moment to the second, UTC. */
export const secondText = (time: Date): string => time.toISOString().slice(0, 19).replace('T', ' ');
