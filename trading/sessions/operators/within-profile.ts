import type pg from 'pg';
import { appendAudit } from '../../../infra/audit/audit-store.ts';
import { actorOf, type Identity } from '../../../infra/auth/identity.ts';
import {
  askedSince,
  lockUserOrders,
  noteUserOrder,
  riskProfileOf,
  type AskedSoFar,
  type RiskProfile,
} from '../../../infra/auth/profile/risk-profile-store.ts';
import { boundsOf, dayOf } from '../../../infra/auth/profile/risk-profiles.ts';
import { HttpProblem } from '../../../infra/http/problem.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { readFills } from '../../journal/journal-store.ts';
import type { AskedPlace } from '../../orders/asked-order.ts';
import { readSnapshots } from '../monitor/account-store.ts';
import { lastCloseOf } from '../session-bar-store.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** An order, and the session that is to have it. */
export interface ProfiledOrder {
  readonly session: { readonly id: string; readonly symbols: readonly string[] };
  readonly order: AskedPlace;
  readonly nowMs: number;
}

/** The user whose bounds hold for whoever asks: themselves, or the owner of the token; null for one of the service. */
function userBehind({ kind, id, owner = null }: Identity): number | null {
  return kind === 'user' ? id : owner;
}

/**
 * Counts an order against the bounds of the user behind it, in the caller's transaction: it is asked for, or it counts
 * not. What only reduces is bounded by what is held, and nobody is kept in a position by a bound.
 * @throws HttpProblem for one beyond a bound, before the session is asked
 */
export async function requireWithinProfile(client: Queryable, identity: Identity, asked: ProfiledOrder): Promise<void> {
  const user = userBehind(identity);
  if (user === null || asked.order.reduceOnly === true) return;
  await lockUserOrders(client, user);
  const bounds = boundsOf(await riskProfileOf(client, user));
  const { session, order, nowMs } = asked;
  const price = await priceOf(client, asked);
  const value = price === null ? null : order.quantity * price;
  const fault = faultOf(bounds, order.symbol, value, await askedSince(client, user, dayOf(nowMs)));
  if (fault !== null) throw new ProfileRefusal(fault);
  await noteUserOrder(client, { user, at: new Date(nowMs), session: session.id, symbol: order.symbol, value });
}

/** @throws HttpProblem for more capital than the user behind a request may start a session with */
export async function requireCapitalWithinProfile(
  client: Queryable,
  identity: Identity,
  capital: number,
): Promise<void> {
  const user = userBehind(identity);
  const { sessionCapitalMax } = boundsOf(user === null ? undefined : await riskProfileOf(client, user));
  if (sessionCapitalMax === null || capital <= sessionCapitalMax) return;
  throw new ProfileRefusal(`a session of ${capital} is more than your ${sessionCapitalMax} of capital`);
}

/** Beyond what a user may ask for. */
class ProfileRefusal extends HttpProblem {
  constructor(reason: string) {
    super(422, 'risk-profile', `Refused: ${reason}.`, {
      faults: [{ path: 'profile', message: reason }],
      remedy: 'GET /api/v1/me/risk-profile says what you may ask for; an administrator changes it.',
    });
  }
}

/** Puts on record what a bound has refused; other errors pass. */
export async function recordingRefusals<Done>(
  { pool }: Pick<Database, 'pool'>,
  {
    identity,
    session,
    details,
  }: { identity: Identity; session: string | null; details: Readonly<Record<string, unknown>> },
  work: () => Promise<Done>,
): Promise<Done> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProfileRefusal) {
      const note = { actor: actorOf(identity), action: 'risk-profile-refused', sessionId: session };
      await appendAudit(pool, [{ ...note, reason: error.message, details }]);
    }
    throw error;
  }
}

/** The bound that an order is beyond, in words; null where there is none. @param today what was asked for before it */
function faultOf(bounds: RiskProfile, symbol: string, value: number | null, today: AskedSoFar): string | null {
  const { orderValueMax, dailyOrdersMax, dailyValueMax, symbols } = bounds;
  if (symbols !== null && !symbols.includes(symbol)) return `${symbol} is none of your symbols`;
  if (dailyOrdersMax !== null && today.orders >= dailyOrdersMax) {
    return `you may ask for ${dailyOrdersMax} orders a day, and have`;
  }
  if (orderValueMax === null && dailyValueMax === null) return null;
  if (value === null) return `the session has no price of ${symbol} yet by which its value is known: give a limit`;
  if (!(value <= (orderValueMax ?? Infinity)))
    return `its value of ${value} is more than your ${orderValueMax!} an order`;
  if (!(today.value + value <= (dailyValueMax ?? Infinity))) {
    return `with it you would ask for ${today.value + value} today, more than your ${dailyValueMax!}`;
  }
  return null;
}

/** What an order is worth at most a unit, by its own prices and the last one that the session knows; null for none. */
async function priceOf(client: Queryable, { session, order }: ProfiledOrder): Promise<number | null> {
  const known = await lastPriceOf(client, session, order.symbol);
  // A purchase never pays more than its limit; a sale may get more.
  if (order.side === 'buy' && order.limit !== undefined) return order.limit;
  const prices = [order.limit, order.stop, known].filter((one) => typeof one === 'number');
  return prices.length === 0 ? null : Math.max(...prices);
}

async function lastPriceOf(
  client: Queryable,
  { id, symbols }: ProfiledOrder['session'],
  symbol: string,
): Promise<number | null> {
  const close = await lastCloseOf(client, id, symbols.indexOf(symbol));
  if (close !== null) return close;
  const held = (await readSnapshots(client, [id])).get(id)?.books?.positions.find((one) => one.symbol === symbol);
  if (held !== undefined) return held.price;
  const [fill] = await readFills(client, id, { limit: 1, symbol });
  return fill?.price ?? null;
}
