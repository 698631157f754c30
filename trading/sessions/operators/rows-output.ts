import { InputError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { plainTable } from '../../../infra/terminal/plain-table.ts';
import { amountText } from '../../amount-text.ts';
import { readFills, readOrders, readRefusals, readSignals } from '../../journal/journal-store.ts';
import type { ListedFill, ListedOrder, ListedRefusal, ListedSignal, RowsAsked } from '../../journal/listed-rows.ts';
import { ORDER_STATES } from '../../orders/order-state.ts';
import { readLatencies } from '../latency/latency-store.ts';
import type { ListedSession } from '../session-store.ts';
import { chosenSession, headingOf, secondText } from './chosen-session.ts';
import type { Look } from './watched.ts';

/** What is asked for by options, as they are written. */
export interface RowsOptions {
  readonly session?: string | undefined;
  readonly limit?: string;
  readonly before?: string;
  readonly symbol?: string;
  readonly strategy?: string;
  readonly state?: string;
  readonly action?: string;
  readonly refused?: boolean;
  /** ISO 8601. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Rows are read in pages: a session of 100,000 orders is never held as a whole. */
const LIMIT = 50;
const LIMIT_MAX = 10_000;

const money = (value: number | null): string | null => (value === null ? null : amountText(value));

/** Orders of a session, the newest first, with what came of each. @throws InputError for options that do not fit */
export async function ordersOutput(database: Pick<Database, 'pool'>, options: RowsOptions): Promise<Look> {
  const state = stateNamed(options.state);
  return rowsOutput(database, options, {
    name: 'orders',
    none: 'No order.',
    read: async (id, asked) => {
      const orders = await readOrders(database.pool, id, { ...asked, state });
      const times = await readLatencies(
        database.pool,
        id,
        orders.map(({ sequence }) => sequence),
      );
      return orders.map((order) => ({ ...order, latency: times.get(order.sequence) ?? null }));
    },
    key: ({ sequence }: ListedOrder) => sequence,
    table: (rows) =>
      plainTable(
        [
          { number: '#' },
          'time',
          'symbol',
          'side',
          'type',
          { number: 'quantity' },
          { number: 'price' },
          { number: 'filled' },
          { number: 'average' },
          'state',
          'strategy',
          'given up',
        ],
        rows.map((one) => [
          one.sequence,
          secondText(one.time),
          one.symbol,
          one.side,
          typeOf(one),
          one.quantity === 0 ? 'at fill' : one.quantity,
          money(one.limitPrice ?? one.triggerPrice),
          one.filled,
          money(one.averagePrice),
          one.state,
          one.strategy,
          one.givenUpFor === null ? null : `${one.givenUp} (${one.givenUpFor})`,
        ]),
      ),
  });
}

/** What an order is: of those that protect with their role, of those that execute another with its number. */
function typeOf({ type, role, parent, algorithm }: ListedOrder): string {
  if (parent !== null) return `${type} (${algorithm} ${parent})`;
  return role === null || role === 'order' ? type : `${type} (${role})`;
}

/** Fills of a session, the newest first. @throws InputError for options that do not fit */
export async function fillsOutput(database: Pick<Database, 'pool'>, options: RowsOptions): Promise<Look> {
  return rowsOutput(database, options, {
    name: 'fills',
    none: 'No fill.',
    read: (id, asked) => readFills(database.pool, id, asked),
    key: ({ record }: ListedFill) => record,
    table: (rows) =>
      plainTable(
        [
          { number: 'record' },
          'time',
          'symbol',
          { number: 'quantity' },
          { number: 'price' },
          { number: 'fee' },
          { number: 'slippage' },
          { number: 'order' },
          'strategy',
          '',
        ],
        rows.map((one) => [
          one.record,
          secondText(one.time),
          one.symbol,
          one.quantity,
          amountText(one.price),
          amountText(one.fee),
          amountText(one.slippage),
          one.sequence === 0 ? 'not ours' : one.sequence,
          one.strategy,
          one.takesBack ? 'taken back' : one.origin,
        ]),
      ),
  });
}

/** Signals of a session, or (`--refused`) what it did not let through, the newest first. @throws InputError */
export async function signalsOutput(database: Pick<Database, 'pool'>, options: RowsOptions): Promise<Look> {
  if (options.refused === true) return refusalsOutput(database, options);
  const action = options.action?.toUpperCase();
  if (action !== undefined && action !== 'BUY' && action !== 'SELL') {
    throw new InputError(
      `--action ${options.action!} is neither buy nor sell.`,
      'HOLD asks for nothing: it is not kept.',
    );
  }
  return rowsOutput(database, options, {
    name: 'signals',
    none: 'No signal that asked for something.',
    read: (id, asked) => readSignals(database.pool, id, { ...asked, action }),
    key: ({ record }: ListedSignal) => record,
    table: (rows) =>
      plainTable(
        [
          { number: 'record' },
          'time',
          'symbol',
          'action',
          'strength',
          { number: 'probability' },
          { number: 'confidence' },
          'model',
          'strategy',
          'refused',
          { words: 'reason' },
        ],
        rows.map((one) => [
          one.record,
          secondText(one.time),
          one.symbol,
          one.action,
          one.strength,
          one.probability?.toFixed(4) ?? null,
          one.confidence.toFixed(4),
          one.model,
          one.strategy,
          one.refused,
          one.reason,
        ]),
      ),
  });
}

function refusalsOutput(database: Pick<Database, 'pool'>, options: RowsOptions): Promise<Look> {
  if (options.strategy !== undefined || options.action !== undefined) {
    throw new InputError('--refused takes neither --strategy nor --action.', 'Filter by --symbol.');
  }
  return rowsOutput(database, options, {
    name: 'refused',
    none: 'Nothing was refused.',
    read: (id, asked) => readRefusals(database.pool, id, asked),
    key: ({ record }: ListedRefusal) => record,
    table: (rows) =>
      plainTable(
        [{ number: 'record' }, 'time', 'symbol', 'stage', 'code', { words: 'reason' }],
        rows.map(({ record, time, symbol, stage, code, reason }) => [
          record,
          secondText(time),
          symbol,
          stage,
          code,
          reason,
        ]),
      ),
  });
}

interface Rows<Row> {
  readonly name: string;
  readonly none: string;
  readonly read: (sessionId: string, asked: RowsAsked) => Promise<Row[]>;
  /** What the next page comes before. */
  readonly key: (row: Row) => number;
  readonly table: (rows: readonly Row[]) => string;
}

async function rowsOutput<Row>(
  database: Pick<Database, 'pool'>,
  options: RowsOptions,
  { name, none, read, key, table }: Rows<Row>,
): Promise<Look> {
  const limit = wholeNumber('--limit', options.limit ?? String(LIMIT), LIMIT_MAX);
  const before = options.before === undefined ? undefined : wholeNumber('--before', options.before, 2 ** 53 - 1);
  const session = await chosenSession(database, options.session);
  const { symbol, strategy } = options;
  requireSymbol(session, symbol);
  const [fromMs, toMs] = [momentOf(options.from), momentOf(options.to)];
  const found = await read(session.id, { limit: limit + 1, before, symbol, strategy, fromMs, toMs });
  const rows = found.slice(0, limit);
  const next = found.length > limit ? key(rows.at(-1)!) : null;
  const { id, state } = session;
  return {
    value: { session: id, state, [name]: rows, next },
    text: () => {
      const more = next === null ? [] : [`There are more: --before ${next} goes on, --limit N shows more at once.`];
      return [headingOf(session), rows.length === 0 ? none : table(rows), ...more].join('\n');
    },
    isOver: state === 'ended',
  };
}

const momentOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));

/** @throws InputError for a symbol that a session does not trade */
export function requireSymbol({ id, symbols }: ListedSession, symbol: string | undefined): void {
  if (symbol === undefined || symbols.includes(symbol)) return;
  const some = `${symbols.slice(0, 10).join(', ')}${symbols.length > 10 ? ', ...' : ''}`;
  throw new InputError(`--symbol ${symbol} is not traded by session "${id}".`, `It trades ${some}.`);
}

/** A number of rows that an option asks for, `most` at the most. @throws InputError */
export function wholeNumber(option: string, text: string, most = Infinity): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  const range = most === Infinity ? 'from 1' : `from 1 to ${most}`;
  throw new InputError(`${option} ${text} is no whole number ${range}.`, 'Correct it, or leave it out.');
}

/** A state of orders, or `working` for all that have not ended. */
export function stateNamed(text: string | undefined): string | undefined {
  if (text === undefined || text.toLowerCase() === 'working') return text?.toLowerCase();
  const state = text.toUpperCase();
  if (ORDER_STATES.some((one) => one === state)) return state;
  throw new InputError(`--state ${text} is no state of an order.`, `Name working, or ${ORDER_STATES.join(', ')}.`);
}
