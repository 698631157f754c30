import type pg from 'pg';
import { appendAudit, type Actor } from '../../../infra/audit/audit-store.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { systemSleep, type Sleep } from '../../../infra/sleep.ts';
import type { AskedOrder, AskedOutcome } from '../../orders/asked-order.ts';
import { outcomeOf, requestCommand, type ListedSession } from '../session-store.ts';
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
  readonly signal?: AbortSignal;
  /** Asked first, in the transaction that stores the word: throws where whoever asks may not. */
  readonly permit?: (client: pg.ClientBase, session: ListedSession) => Promise<void>;
}

/**
 * Asks a session that runs for an order, or for the end of one, and waits for what becomes of it. The word and its
 * entry of the audit are stored together. Null where the session has not answered yet: half a minute later it is void.
 * @throws InputError for a session or symbol that there is not or does not run
 */
export async function askOrder(
  database: Pick<Database, 'pool' | 'transaction'>,
  { session: id, order, actor, signal, permit }: Asking,
  sleep: Sleep = systemSleep,
): Promise<{ readonly command: number; readonly outcome: AskedOutcome | null }> {
  const session = await chosenSession(database, id);
  if (order.do === 'place') requireSymbol(session, order.symbol);
  if (session.kind === 'backtest') throw new InputError(`"${id}" is a backtest: it takes no orders.`);
  if (session.state !== 'running') {
    throw new InputError(`Session "${id}" is not running: an order does not wait for it.`, 'Start it first.');
  }
  const command = await database.transaction(async (client) => {
    await permit?.(client, session);
    const [reached] = await requestCommand(client, 'order', id, { asked: order });
    const action = order.do === 'place' ? 'order-asked' : 'order-cancel-asked';
    const details = { ...order, command: reached!.number! };
    await appendAudit(client, [{ actor, action, sessionId: id, reason: '', details }]);
    return reached!.number!;
  });
  for (let look = 0; look < LOOKS_MAX; look++) {
    const outcome = await outcomeOf(database.pool, command);
    if (outcome !== undefined) return { command, outcome };
    await sleep(LOOK_MS, signal);
  }
  return { command, outcome: null };
}
