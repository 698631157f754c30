import type pg from 'pg';
import type { Cell, ExportColumn } from '../../infra/export/export-table.ts';
import { cellsOf, columnsOf, type RowField } from '../../infra/export/row-field.ts';
import { sessionEntries, type BookedSession } from '../../trading/results/session-trades.ts';
import type { Disposal, TaxBooks } from '../../trading/results/tax-books.ts';
import { Transactions, type Transaction } from '../../trading/results/transactions.ts';

const UNITS = 'units of the instrument';
const MONEY = 'currency of the account';

const TRANSACTION_FIELDS: readonly RowField<Transaction>[] = [
  ['time', 'time', 'UTC', (row) => row.timeMs],
  ['kind', 'text', null, (row) => row.kind],
  ['symbol', 'text', null, (row) => row.symbol],
  ['quantity', 'number', `${UNITS}, below 0 where sold`, (row) => row.quantity],
  ['price', 'number', 'currency a unit; of a split its new units for each old one', (row) => row.price],
  ['fee', 'number', MONEY, (row) => row.fee],
  ['cash', 'number', `${MONEY}, below 0 where paid`, (row) => row.cash],
  ['balance', 'number', MONEY, (row) => row.balance],
  ['executionId', 'text', null, (row) => row.executionId],
];

const DISPOSAL_FIELDS: readonly RowField<Disposal>[] = [
  ['symbol', 'text', null, (row) => row.symbol],
  ['side', 'text', null, (row) => row.side],
  ['quantity', 'number', UNITS, (row) => row.quantity],
  ['acquired', 'time', 'UTC', (row) => row.acquiredMs],
  ['sold', 'time', 'UTC; before `acquired` for what was sold short', (row) => row.soldMs],
  ['cost', 'number', MONEY, (row) => row.cost],
  ['proceeds', 'number', MONEY, (row) => row.proceeds],
  ['fees', 'number', `${MONEY}, of both trades`, (row) => row.fees],
  ['gain', 'number', `${MONEY}: proceeds less cost and fees`, (row) => row.gain],
  ['term', 'text', 'long: held for more than a year', (row) => row.term],
  ['year', 'integer', 'in which it was closed', (row) => row.year],
];

/** Columns of transactions. */
export const transactionColumns = (): ExportColumn[] => columnsOf(TRANSACTION_FIELDS);
/** Columns of closed lots. */
export const disposalColumns = (): ExportColumn[] => columnsOf(DISPOSAL_FIELDS);

/** Transactions of a session, a portion for each batch of its journal. */
export async function* transactionsOf(
  client: Pick<pg.ClientBase, 'query'>,
  session: BookedSession,
): AsyncGenerator<Cell[][]> {
  const transactions = new Transactions(session.symbols, session.capital);
  for await (const entries of sessionEntries(client, session)) {
    const made = entries.map((entry) => transactions.of(entry)).filter((one) => one !== null);
    if (made.length > 0) yield made.map((row) => cellsOf(TRANSACTION_FIELDS, row));
  }
}

/** Closed lots of a session, as `books` have them, a portion for each batch; of `year` alone where it is given. */
export async function* disposalsOf(
  client: Pick<pg.ClientBase, 'query'>,
  session: BookedSession,
  { books, year }: { readonly books: TaxBooks; readonly year: number | null },
): AsyncGenerator<Cell[][]> {
  for await (const entries of sessionEntries(client, session)) {
    const closed = entries.flatMap((entry) => books.take(entry));
    const asked = closed.filter((row) => year === null || row.year === year);
    if (asked.length > 0) yield asked.map((row) => cellsOf(DISPOSAL_FIELDS, row));
  }
}
