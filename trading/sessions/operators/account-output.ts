import type { Database } from '../../../infra/postgres/database.ts';
import { InputError } from '../../../infra/errors.ts';
import { plainTable } from '../../../infra/terminal/plain-table.ts';
import { bookedCash } from '../../journal/journal-store.ts';
import { accountFigures, venueFigures } from '../monitor/account-figures.ts';
import { readSnapshots } from '../monitor/account-store.ts';
import { listSessions } from '../session-store.ts';
import { accountText } from './account-text.ts';
import { headingOf } from './chosen-session.ts';
import { currenciesOf } from './session-currencies.ts';
import type { Look } from './watched.ts';

const NONE = 'There is no session. Begin one: signalbox paper EXPERIMENT.';

/**
 * What `account` says: capital, bookings by kind and cash of one session, or of all that trade or traded, and the
 * account as its books and its venue last had it. Amounts are numbers; beside those that are booked stands exact
 * decimal text.
 * @throws InputError for a session that there is not.
 */
export async function accountOutput({ pool }: Pick<Database, 'pool'>, sessionId: string | undefined): Promise<Look> {
  const sessions = await listSessions(pool, sessionId === undefined ? {} : { ids: [sessionId] });
  if (sessionId !== undefined && sessions.length === 0) {
    throw new InputError(`there is no session "${sessionId}"`, 'signalbox sessions list --all shows what there is.');
  }
  const booked = await bookedCash(pool, sessions);
  const snapshots = await readSnapshots(
    pool,
    sessions.map(({ id }) => id),
  );
  const currencies = await currenciesOf(pool, sessions);
  const accounts = sessions.map((session) => {
    const { id, state, capital, equity, positions } = session;
    const own = booked.filter((one) => one.sessionId === id);
    const bookings = own.map(({ kind, entries, amount }) => ({ kind, entries, amount: Number(amount), exact: amount }));
    const { cash } = own[0] ?? { cash: String(capital) };
    const snapshot = snapshots.get(id);
    const ours = snapshot === undefined ? null : accountFigures(snapshot);
    const venue = snapshot === undefined ? null : venueFigures(snapshot);
    const exact = { cash: Number(cash), exactCash: cash };
    return {
      session: id,
      state,
      capital,
      bookings,
      ...exact,
      equity,
      positions,
      ours,
      venue,
      currency: currencies.get(id) ?? null,
    };
  });
  const [only] = accounts;
  return {
    value: accounts,
    text: () => {
      if (only === undefined) return NONE;
      if (accounts.length === 1) return [headingOf(sessions[0]!), accountText(only)].join('\n');
      return `${tableOf(accounts)}\nsignalbox account --session ID shows one whole.`;
    },
    isOver: sessions.every(({ state }) => state === 'ended'),
  };
}

type ShownAccount = Parameters<typeof accountText>[0] & { readonly session: string };

function tableOf(accounts: readonly ShownAccount[]): string {
  const numbers = ['capital', 'cash', 'equity', 'realised', 'unrealised', 'day', 'at the venue'];
  return plainTable(
    ['session', ...numbers.map((number) => ({ number })), 'bookings'],
    accounts.map(({ session, capital, bookings, cash, equity, ours, venue }) => [
      session,
      capital.toFixed(2),
      cash.toFixed(2),
      equity?.toFixed(2) ?? null,
      ours?.realised.toFixed(2) ?? null,
      ours?.unrealised.toFixed(2) ?? null,
      ours?.dayPnl.toFixed(2) ?? null,
      venue?.equity.toFixed(2) ?? null,
      bookings.map(({ kind, amount }) => `${kind} ${amount.toFixed(2)}`).join('\n'),
    ]),
  );
}
