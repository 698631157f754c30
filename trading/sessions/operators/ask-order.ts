import type pg from 'pg';
import { appendAudit, type Actor } from '../../../infra/audit/audit-store.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { systemSleep, type Sleep } from '../../../infra/sleep.ts';
import type { AskedOrder, AskedOutcome } from '../../orders/asked-order.ts';
import { commandOf, outcomeOf, requestCommand, type ListedSession } from '../session-store.ts';
import { chosenSession } from './chosen-session.ts';
import { requireSymbol } from './rows-output.ts';

const LOOK_MS = 10;
/** Looks before it is said that the session has not answered: 10 s. */
const LOOKS_MAX = 1_000;

/** What is asked of which session, by whom. */
export interface Asking {
  readonly session: string;
  readonly order: AskedOrder;
  readonly actor: Actor;
  readonly reason?: string;
  /** What names the request: one that is made again asks for nothing more, and is told what came of the first. */
  readonly request?: string | undefined;
  readonly signal?: AbortSignal;
  /** Asked in the transaction that stores the word: throws where whoever asks may not. */
  readonly permit?: (client: pg.ClientBase, session: ListedSession) => Promise<void>;
}

/**
 * Asks a session that runs for an order, or for the end of one, and waits for what becomes of it. The word and its
 * entry of the audit are stored together. Null where the session has not answered yet: half a minute later it is void.
 * @throws InputError for a session or symbol that there is not or does not run
 */
export async function askOrder(
  database: Pick<Database, 'pool' | 'transaction'>,
  asking: Asking,
  sleep: Sleep = systemSleep,
): Promise<{ readonly command: number; readonly outcome: AskedOutcome | null }> {
  const command = (await askedBefore(database.pool, asking)) ?? (await handOver(database, asking));
  for (let look = 0; look < LOOKS_MAX; look++) {
    const outcome = await outcomeOf(database.pool, command);
    if (outcome !== undefined) return { command, outcome };
    await sleep(LOOK_MS, asking.signal);
  }
  return { command, outcome: null };
}

async function askedBefore(
  client: Pick<pg.ClientBase, 'query'>,
  { session, request }: Asking,
): Promise<number | undefined> {
  return request === undefined ? undefined : commandOf(client, session, request);
}

/** The number of the command; of the same request at the same time one is handed over. */
async function handOver(database: Pick<Database, 'pool' | 'transaction'>, asking: Asking): Promise<number> {
  const { session: id, order, actor, reason = '', request } = asking;
  const session = await takingSession(database, id, order);
  return database.transaction(async (client) => {
    const [reached] = await requestCommand(client, 'order', id, { asked: order, request });
    if (reached === undefined) {
      const other = await askedBefore(client, asking);
      if (other === undefined) throw new InputError(`Session "${id}" has ended: it takes no orders.`);
      return other;
    }
    await asking.permit?.(client, session);
    const action = order.do === 'place' ? 'order-asked' : 'order-cancel-asked';
    const details = { ...order, command: reached.number! };
    await appendAudit(client, [{ actor, action, sessionId: id, reason, details }]);
    return reached.number!;
  });
}

/**
 * There is such a session, and it takes orders, of the symbol of `order`.
 * @throws InputError for one that there is not, or that takes none
 */
export async function takingSession(
  database: Pick<Database, 'pool'>,
  id: string,
  order: AskedOrder | null = null,
): Promise<ListedSession> {
  const session = await chosenSession(database, id);
  if (order?.do === 'place') requireSymbol(session, order.symbol);
  if (session.kind === 'backtest') throw new InputError(`"${id}" is a backtest: it takes no orders.`);
  if (session.state !== 'running') {
    throw new InputError(`Session "${id}" is not running: an order does not wait for it.`, 'Start it first.');
  }
  return session;
}
