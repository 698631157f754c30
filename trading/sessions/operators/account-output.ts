import Table from 'cli-table3';
import type { CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { bookedCash } from '../../journal/journal-store.ts';
import { listSessions } from '../session-store.ts';

const NONE = 'There is no session. Begin one: signalbox paper EXPERIMENT.';

/**
 * What `account` says: capital, bookings by kind and cash of one session, or of all that trade or traded. Amounts are
 * numbers, and beside them exact decimal text.
 * @throws InputError for a session that there is not.
 */
export async function accountOutput(
  { pool }: Pick<Database, 'pool'>,
  sessionId: string | undefined,
): Promise<CommandOutput> {
  const sessions = await listSessions(pool, sessionId === undefined ? {} : { ids: [sessionId] });
  if (sessionId !== undefined && sessions.length === 0) {
    throw new InputError(`there is no session "${sessionId}"`, 'signalbox sessions list --all shows what there is.');
  }
  const booked = await bookedCash(pool, sessions);
  const accounts = sessions.map(({ id, state, capital, equity, positions }) => {
    const own = booked.filter((one) => one.sessionId === id);
    const bookings = own.map(({ kind, entries, amount }) => ({ kind, entries, amount: Number(amount), exact: amount }));
    const { cash } = own[0] ?? { cash: String(capital) };
    return { session: id, state, capital, bookings, cash: Number(cash), exactCash: cash, equity, positions };
  });
  return { value: accounts, text: () => (accounts.length === 0 ? NONE : tableOf(accounts)) };
}

interface AccountRow {
  readonly session: string;
  readonly capital: number;
  readonly bookings: readonly { readonly kind: string; readonly amount: number }[];
  readonly cash: number;
  readonly equity: number | null;
}

function tableOf(accounts: readonly AccountRow[]): string {
  const table = new Table({
    head: ['session', 'capital', 'bookings', 'cash', 'equity'],
    style: { head: [], border: [] },
  });
  for (const { session, capital, bookings, cash, equity } of accounts) {
    const lines = bookings.map(({ kind, amount }) => `${kind} ${amount.toFixed(2)}`);
    table.push([
      session,
      capital.toFixed(2),
      lines.length === 0 ? '-' : lines.join('\n'),
      cash.toFixed(2),
      equity?.toFixed(2) ?? '-',
    ]);
  }
  return table.toString();
}
