import type { Cell, ExportColumn, ExportTable } from '../../infra/export/export-table.ts';
import type { LedgerEntry } from '../../trading/session-result.ts';
import type { EquityMark } from '../../trading/results/session-equity.ts';
import type { RunRow } from './kept-run.ts';

/** Rows of a portion. */
const PORTION_ROWS = 5_000;

/** Columns of trades; amounts are in `currency`. */
export function tradeColumns(currency: string): ExportColumn[] {
  const units = 'units of the instrument';
  return [
    { name: 'symbol', kind: 'text', unit: null },
    { name: 'side', kind: 'text', unit: null },
    { name: 'quantity', kind: 'number', unit: units },
    { name: 'entryTime', kind: 'time', unit: 'UTC' },
    { name: 'entryPrice', kind: 'number', unit: `${currency} a unit` },
    { name: 'exitTime', kind: 'time', unit: 'UTC; nothing while it is open' },
    { name: 'exitPrice', kind: 'number', unit: `${currency} a unit` },
    { name: 'pnl', kind: 'number', unit: `${currency}, net of fees` },
    { name: 'fees', kind: 'number', unit: currency },
    { name: 'exit', kind: 'text', unit: null },
  ];
}

/** Columns of an equity curve. */
export function equityColumns(currency: string): ExportColumn[] {
  return [
    { name: 'time', kind: 'time', unit: 'UTC, close of the bar' },
    { name: 'equity', kind: 'number', unit: currency },
  ];
}

const ms = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso));

/** Trades of a kept run. */
export function* runTrades(ledger: Iterable<RunRow<'ledger'>>): Generator<Cell[][]> {
  yield* portionsOf(ledger, (row) => [
    ...[row.symbol, row.side, row.quantity, ms(row.entryTime), row.entryPrice, ms(row.exitTime), row.exitPrice],
    ...[row.pnl, row.fees, row.exit ?? null],
  ]);
}

/** Equity of a kept run. */
export function* runEquity(equity: Iterable<RunRow<'equity'>>): Generator<Cell[][]> {
  yield* portionsOf(equity, ([time, value]) => [ms(time), value]);
}

function* portionsOf<Row>(rows: Iterable<Row>, cells: (row: Row) => Cell[]): Generator<Cell[][]> {
  let portion: Cell[][] = [];
  for (const row of rows) {
    portion.push(cells(row));
    if (portion.length < PORTION_ROWS) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}

/** Trades of a session: one that is open has no price to be valued at. */
export async function* tradesOf(portions: AsyncIterable<LedgerEntry[]>): AsyncGenerator<Cell[][]> {
  for await (const entries of portions) {
    yield entries.map((one) => {
      const isOpen = one.exitTimeMs === null;
      const closed = isOpen ? [null, null, null] : [one.exitTimeMs, one.exitPrice, one.pnl];
      return [one.symbol, one.side, one.quantity, one.entryTimeMs, one.entryPrice, ...closed, one.fees, one.exit];
    });
  }
}

/** Equity of a session. */
export async function* equityOf(portions: AsyncIterable<EquityMark[]>): AsyncGenerator<Cell[][]> {
  for await (const marks of portions) yield marks.map(({ timeMs, equity }) => [timeMs, equity]);
}

/** No more than `limit` rows of them. */
export async function* limited(
  portions: ExportTable['portions'],
  limit: number,
): AsyncGenerator<readonly (readonly Cell[])[]> {
  let left = limit;
  for await (const rows of portions) {
    yield rows.length <= left ? rows : rows.slice(0, left);
    left -= rows.length;
    if (left <= 0) return;
  }
}
