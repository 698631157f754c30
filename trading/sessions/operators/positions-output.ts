import type { Database } from '../../../infra/postgres/database.ts';
import { plainTable } from '../../../infra/terminal/plain-table.ts';
import { amountText } from '../../amount-text.ts';
import { readSnapshots, type AccountSnapshot } from '../monitor/account-store.ts';
import type { BookedPosition } from '../monitor/session-books.ts';
import type { ListedSession } from '../session-store.ts';
import { chosenSession, headingOf, secondText } from './chosen-session.ts';
import type { Look } from './watched.ts';

/** A position in our books and on the venue's word; what one of the two does not say is null. */
export interface ShownPosition {
  readonly symbol: string;
  readonly sector: string | null;
  readonly quantity: number;
  readonly averagePrice: number | null;
  readonly price: number | null;
  readonly value: number | null;
  readonly unrealised: number | null;
  readonly realised: number | null;
  readonly strategies: BookedPosition['strategies'];
  /** Null where the session trades at no venue, or it has not answered yet. */
  readonly venueQuantity: number | null;
  readonly venueValue: number | null;
  readonly venueUnrealised: number | null;
}

/**
 * What a session holds, beside what its venue says it holds.
 * @throws InputError for a session that there is not
 */
export async function positionsOutput(
  database: Pick<Database, 'pool'>,
  options: { readonly session?: string; readonly symbol?: string; readonly strategy?: string },
): Promise<Look> {
  const session = await chosenSession(database, options.session);
  const snapshot = (await readSnapshots(database.pool, [session.id])).get(session.id);
  const { symbol, strategy } = options;
  const positions = shownPositions(session, snapshot).filter(
    (one) =>
      (symbol === undefined || one.symbol === symbol) &&
      (strategy === undefined || one.strategies.some(({ name }) => name === strategy)),
  );
  const asOf = snapshot?.booksAt ?? session.lastClose;
  const venueAsOf = snapshot?.venueAt ?? null;
  return {
    value: { session: session.id, state: session.state, asOf, venueAsOf, positions },
    text: () => [headingOf(session), positionsText(positions), ...venueLine(snapshot)].join('\n'),
    isOver: session.state === 'ended',
  };
}

/** Our positions and those that the venue alone has in the session's symbols, by symbol. */
export function shownPositions(session: ListedSession, snapshot: AccountSnapshot | undefined): ShownPosition[] {
  const told = snapshot?.venue?.positions ?? [];
  const ours: Omit<ShownPosition, 'venueQuantity' | 'venueValue' | 'venueUnrealised'>[] =
    snapshot?.books?.positions.slice() ??
    Object.entries(session.positions ?? {}).map(([symbol, quantity]) => ({ ...UNKNOWN, symbol, quantity }));
  const known = new Set(ours.map(({ symbol }) => symbol));
  const theirs = told.filter(({ symbol }) => session.symbols.includes(symbol) && !known.has(symbol));
  const all = [...ours, ...theirs.map(({ symbol }) => ({ ...UNKNOWN, symbol }))];
  return all
    .sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
    .map((one) => {
      const venue = told.find(({ symbol }) => symbol === one.symbol);
      const isTold = (snapshot?.venue ?? null) !== null;
      return {
        ...one,
        venueQuantity: venue?.quantity ?? (isTold ? 0 : null),
        venueValue: venue?.value ?? null,
        venueUnrealised: venue?.unrealised ?? null,
      };
    });
}

const UNKNOWN = {
  quantity: 0,
  sector: null,
  averagePrice: null,
  price: null,
  value: null,
  unrealised: null,
  realised: null,
  strategies: [],
};

const money = (value: number | null): string | null => (value === null ? null : amountText(value));

function positionsText(positions: readonly ShownPosition[]): string {
  if (positions.length === 0) return 'No position.';
  const isVenue = positions.some(({ venueQuantity }) => venueQuantity !== null);
  const numbers = ['quantity', 'average', 'price', 'value', 'unrealised', 'realised'].map((number) => ({ number }));
  return plainTable(
    ['symbol', ...numbers, 'strategy', 'sector', ...(isVenue ? [{ number: 'at the venue' }] : [])],
    positions.map((one) => [
      one.symbol,
      one.quantity,
      money(one.averagePrice),
      money(one.price),
      money(one.value),
      money(one.unrealised),
      money(one.realised),
      one.strategies.map(({ name, quantity }) => `${name ?? 'nobody'} ${quantity}`).join('\n'),
      one.sector,
      ...(isVenue ? [one.venueQuantity === one.quantity ? 'the same' : `${one.venueQuantity} (differs)`] : []),
    ]),
  );
}

/** Which venue has said what is shown of it, and when. */
export function venueLine(snapshot: AccountSnapshot | undefined): string[] {
  if (snapshot?.venue === undefined || snapshot.venue === null) return [];
  const { venue, account } = snapshot.venue;
  return [`${venue}, account ${account.number ?? account.id}, as it said at ${secondText(snapshot.venueAt!)} UTC`];
}
