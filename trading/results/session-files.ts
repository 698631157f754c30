import { writeExport, type ExportManifest } from '../../infra/export/write-export.ts';
import type { CommandContext } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import type { Cell, ExportTable } from '../../infra/export/export-table.ts';
import { cellsOf, columnsOf, type RowField } from '../../infra/export/row-field.ts';
import { readFills, readOrders } from '../journal/journal-store.ts';
import type { ListedFill, ListedOrder, RowsAsked } from '../journal/listed-rows.ts';
import { requireSymbol, stateNamed, type RowsOptions } from '../sessions/operators/rows-output.ts';
import { chosenSession } from '../sessions/operators/chosen-session.ts';
import type { Look } from '../sessions/operators/watched.ts';
import { journalHashOf, type ListedSession } from '../sessions/session-store.ts';
import { checkResultOptions, rowLimit, sessionNamed, sessionOfRun, type ResultOptions } from './rows-source.ts';

/** Rows read at a time. */
const PORTION_ROWS = 5_000;

const UNITS = 'units of the instrument';
const MONEY = 'currency of the account';
const PRICE = 'currency a unit';

const ORDER_FIELDS: readonly RowField<ListedOrder>[] = [
  ['sequence', 'integer', null, (row) => row.sequence],
  ['clientOrderId', 'text', null, (row) => row.clientOrderId],
  ['time', 'time', 'UTC', (row) => row.time.getTime()],
  ['symbol', 'text', null, (row) => row.symbol],
  ['side', 'text', null, (row) => row.side],
  ['type', 'text', null, (row) => row.type],
  ['role', 'text', null, (row) => row.role],
  ['quantity', 'number', `${UNITS}; 0: sized when it is filled`, (row) => row.quantity],
  ['triggerPrice', 'number', PRICE, (row) => row.triggerPrice],
  ['limitPrice', 'number', PRICE, (row) => row.limitPrice],
  ['timeInForce', 'text', null, (row) => row.timeInForce],
  ['state', 'text', null, (row) => row.state],
  ['filled', 'number', UNITS, (row) => row.filled],
  ['averagePrice', 'number', PRICE, (row) => row.averagePrice],
  ['clippedBy', 'text', null, (row) => row.clippedBy],
  ['strategy', 'text', null, (row) => row.strategy],
  ['parent', 'integer', null, (row) => row.parent],
  ['algorithm', 'text', null, (row) => row.algorithm],
  ['givenUp', 'number', UNITS, (row) => row.givenUp],
  ['givenUpFor', 'text', null, (row) => row.givenUpFor],
];

const FILL_FIELDS: readonly RowField<ListedFill>[] = [
  ['record', 'integer', null, (row) => row.record],
  ['sequence', 'integer', 'number of the order; 0: not ours', (row) => row.sequence],
  ['time', 'time', 'UTC', (row) => row.time.getTime()],
  ['symbol', 'text', null, (row) => row.symbol],
  ['quantity', 'number', `${UNITS}, below 0 where sold`, (row) => row.quantity],
  ['price', 'number', PRICE, (row) => row.price],
  ['fee', 'number', MONEY, (row) => row.fee],
  ['slippage', 'number', MONEY, (row) => row.slippage],
  ['executionId', 'text', null, (row) => row.executionId],
  ['takesBack', 'flag', null, (row) => row.takesBack],
  ['origin', 'text', null, (row) => row.origin],
  ['strategy', 'text', null, (row) => row.strategy],
];

/** The session whose rows are asked for: by its id, by its run, or (undefined) the newest. @throws InputError */
export async function askedSession(context: CommandContext, options: ResultOptions): Promise<string | undefined> {
  await checkResultOptions(options);
  if (options.run !== undefined) return (await sessionOfRun(context, options.run)).id;
  if (options.session !== undefined) return (await sessionNamed(context, options.session)).id;
  return undefined;
}

type FileOptions = RowsOptions & Pick<ResultOptions, 'out'>;

/** Writes the orders or fills of a session to the file of `--out`, a portion of rows at a time. @throws InputError */
export async function rowsToFile(
  context: CommandContext,
  what: 'orders' | 'fills',
  options: FileOptions,
): Promise<Look> {
  const database = await context.database();
  const session = await chosenSession(database, options.session);
  const { symbol, strategy } = options;
  requireSymbol(session, symbol);
  if (options.before !== undefined) {
    throw new InputError('--before and --out: a file has all rows, not a page.', 'Leave --before out.');
  }
  const state = stateNamed(options.state);
  const limit = rowLimit(options.limit, Infinity);
  const stage = context.progress.stage(`write ${what}`);
  const { pool } = database;
  const from = (after: number, rows: number): RowsAsked => ({ limit: rows, after, symbol, strategy });
  const table =
    what === 'orders'
      ? tableOf(ORDER_FIELDS, limit, (after, rows) => readOrders(pool, session.id, { ...from(after, rows), state }))
      : tableOf(FILL_FIELDS, limit, (after, rows) => readFills(pool, session.id, from(after, rows)));
  const manifest = await writeExport(options.out!, table, {
    what,
    of: { kind: 'session', id: session.id },
    hashes: await sessionHashes(context, session),
    notes: filterNotes({ symbol, strategy, state: options.state, limit: options.limit }),
    writtenAtMs: context.clock(),
  });
  stage.done(`${manifest.rows} rows`);
  return fileOutput(options.out!, manifest);
}

/** What is said of a file that was written. */
export function fileOutput(path: string, manifest: ExportManifest): Look {
  const { rows, bytes, of, what, sha256 } = manifest;
  return {
    value: { ...manifest, path },
    text: () =>
      `${rows} ${what} of ${of.kind} ${of.id} are in ${path} (${bytes} bytes, SHA-256 ${sha256.slice(0, 12)}).`,
    isOver: true,
  };
}

/** What narrowed the rows, for the manifest. */
export function filterNotes(filters: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [`only --${name} ${value}`]));
}

/** Hashes that a session is known by. */
export async function sessionHashes(
  context: Pick<CommandContext, 'database'>,
  { id, definition }: Pick<ListedSession, 'id' | 'definition'>,
): Promise<Record<string, string | null>> {
  const { pool } = await context.database();
  const known = (key: string): string | null => {
    const value = definition[key];
    return typeof value === 'string' ? value : null;
  };
  return {
    journal: await journalHashOf(pool, id),
    experiment: known('experimentHash'),
    data: known('dataHash'),
    training: known('trainingHash'),
  };
}

function tableOf<Row>(
  fields: readonly RowField<Row>[],
  limit: number,
  read: (after: number, rows: number) => Promise<Row[]>,
): ExportTable {
  const [first] = fields;
  return {
    columns: columnsOf(fields),
    portions: portions(),
  };

  async function* portions(): AsyncGenerator<Cell[][]> {
    let after = -1;
    for (let left = limit; left > 0;) {
      const asked = Math.min(left, PORTION_ROWS);
      const rows = await read(after, asked);
      if (rows.length > 0) yield rows.map((row) => cellsOf(fields, row));
      if (rows.length < asked) return;
      left -= rows.length;
      after = first![3](rows.at(-1)!) as number;
    }
  }
}
