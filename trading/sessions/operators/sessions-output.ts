import type { Database } from '../../../infra/postgres/database.ts';
import { InputError } from '../../../infra/errors.ts';
import { plainTable } from '../../../infra/terminal/plain-table.ts';
import { listSessions, type ListedSession } from '../session-store.ts';
import { minuteText, stateOf } from './chosen-session.ts';
import type { Look } from './watched.ts';

/** Which sessions are listed, as options say it. */
export interface SessionsAsked {
  readonly all?: boolean;
  readonly state?: string;
  readonly experiment?: string;
  readonly limit?: string;
}

const STATES: readonly string[] = ['running', 'stopped', 'ended'];

/** What `sessions list` says: as JSON everything that is on record of each, for people a table. @throws InputError */
export async function sessionsOutput({ pool }: Pick<Database, 'pool'>, asked: SessionsAsked): Promise<Look> {
  const { all = false, state, experiment, limit = 'Infinity' } = asked;
  if (state !== undefined && !STATES.includes(state)) {
    throw new InputError(`--state ${state} is no state of a session.`, `Name one of: ${STATES.join(', ')}.`);
  }
  const most = Number(limit);
  if (!(most >= 1)) throw new InputError(`--limit ${limit} is not at least 1.`, 'Correct it, or leave it out.');
  const every = await listSessions(pool, { backtests: all });
  const found = every.filter(
    (one) =>
      (state === undefined || one.state === state) && (experiment === undefined || one.experiment === experiment),
  );
  const shown = found.slice(0, most);
  const left = found.length - shown.length;
  const more = left === 0 ? '' : `\nThere are ${left} older ones: --limit shows more.`;
  return {
    value: shown.map(valueOf),
    text: () => (shown.length === 0 ? noneOf(every) : `${tableOf(shown)}${more}`),
  };
}

const NONE = 'There is no session. Begin one: signalbox paper EXPERIMENT.';

function noneOf(every: readonly ListedSession[]): string {
  return every.length === 0 ? NONE : `None of the ${every.length} sessions is of that kind.`;
}

/** A session as JSON. What identifies it, and what it trades, is shown of one at a time. */
export function valueOf(session: ListedSession): Record<string, unknown> {
  const { id, kind, positions, definition, symbols, ...rest } = session;
  return { session: id, mode: kind, ...rest, positions, orders: ordersOf({ definition }), symbols: symbols.length };
}

/** Where a session's orders go: to its venue, to simulated fills, or (`none`) nowhere. */
export function ordersOf({ definition }: Pick<ListedSession, 'definition'>): string {
  const { mode, broker } = definition;
  if (mode === 'observation') return 'none';
  return typeof broker === 'string' && mode !== 'simulation' ? broker : 'simulated';
}

function tableOf(sessions: readonly ListedSession[]): string {
  return plainTable(
    [
      'session',
      'experiment',
      'mode',
      'orders',
      'state',
      'since',
      'last bar',
      { number: 'equity' },
      { number: 'positions' },
      'pending',
    ],
    sessions.map((session) => {
      const { id, experiment, kind, startedAt, lastClose, equity, positions, pending } = session;
      return [
        id,
        experiment,
        kind,
        ordersOf(session),
        stateOf(session),
        minuteText(startedAt),
        minuteText(lastClose),
        equity?.toFixed(2) ?? null,
        positions === null ? null : Object.keys(positions).length,
        pending.join(', '),
      ];
    }),
  );
}
