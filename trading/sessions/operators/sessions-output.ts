import Table from 'cli-table3';
import type { CommandOutput } from '../../../infra/command.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { listSessions, type ListedSession } from '../session-store.ts';

/** What `sessions list` says: as JSON everything that is on record of each, for people a table. */
export async function sessionsOutput(
  { pool }: Pick<Database, 'pool'>,
  wanted: { readonly backtests: boolean },
): Promise<CommandOutput> {
  const found = await listSessions(pool, wanted);
  return { value: found.map(valueOf), text: () => (found.length === 0 ? NONE : tableOf(found)) };
}

const NONE = 'There is no session. Begin one: signalbox paper EXPERIMENT.';

function valueOf({ id, kind, positions, ...session }: ListedSession): Record<string, unknown> {
  return { session: id, mode: kind, ...session, positions };
}

/** How a session stands, with what an operator has set: a halted one runs and opens nothing. */
function stateOf({ state, killState }: Pick<ListedSession, 'state' | 'killState'>): string {
  return killState === null || killState === 'run' ? state : `${state}, ${killState}`;
}

const minute = (time: Date | null): string => time?.toISOString().slice(0, 16).replace('T', ' ') ?? '-';

function tableOf(sessions: readonly ListedSession[]): string {
  const table = new Table({
    head: ['session', 'experiment', 'mode', 'state', 'since', 'last bar', 'equity', 'positions', 'pending'],
    style: { head: [], border: [] },
  });
  for (const session of sessions) {
    const { id, experiment, kind, startedAt, lastClose, equity, positions, pending } = session;
    table.push([
      id,
      experiment ?? '-',
      kind,
      stateOf(session),
      minute(startedAt),
      minute(lastClose),
      equity?.toFixed(2) ?? '-',
      positions === null ? '-' : Object.keys(positions).length,
      pending.length === 0 ? '-' : pending.join(', '),
    ]);
  }
  return table.toString();
}
