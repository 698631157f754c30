import type { Database } from '../../../infra/postgres/database.ts';
import type { AskedOutcome } from '../../orders/asked-order.ts';
import { workingOrders } from '../../journal/journal-store.ts';
import { askOrder, takingSession, type Asking } from './ask-order.ts';

/** Orders whose end is asked for at a time: a session takes them up together. */
const AT_A_TIME = 8;

/** What became of the end of every order. */
export interface CancelledOrders {
  readonly session: string;
  readonly cancelling: readonly number[];
  readonly kept: readonly { readonly order: number; readonly code: string; readonly reason: string }[];
}

/**
 * Asks a session that runs to cancel each order that works. What protects a position, or has ended meanwhile, is not
 * cancelled, and said. A request that is made again cancels no order twice.
 * @throws InputError for a session that there is not, or does not run
 */
export async function cancelAll(
  database: Pick<Database, 'pool' | 'transaction'>,
  asking: Omit<Asking, 'order'>,
): Promise<CancelledOrders> {
  const { session, request } = asking;
  await takingSession(database, session);
  const orders = (await workingOrders(database.pool, [session])).map(({ sequence }) => sequence);
  const cancelling: number[] = [];
  const kept: { order: number; code: string; reason: string }[] = [];
  const cancel = async (sequence: number): Promise<void> => {
    const own = request === undefined ? {} : { request: `${request} ${sequence}` };
    const { outcome } = await askOrder(database, { ...asking, ...own, order: { do: 'cancel', sequence } });
    const why = refusalOf(outcome);
    if (why === null) cancelling.push(sequence);
    else kept.push({ order: sequence, ...why });
  };
  for (let at = 0; at < orders.length; at += AT_A_TIME) await Promise.all(orders.slice(at, at + AT_A_TIME).map(cancel));
  return { session, cancelling: cancelling.sort((a, b) => a - b), kept: kept.sort((a, b) => a.order - b.order) };
}

function refusalOf(outcome: AskedOutcome | null): { readonly code: string; readonly reason: string } | null {
  if (outcome?.is === 'refused') return outcome;
  return outcome?.is === 'too-late' ? { code: 'too-late', reason: 'the session did not take it up in time' } : null;
}
