import type { OrderType, TimeInForce } from '../../../orders/order-terms.ts';
import {
  emulated,
  NATIVE,
  refusedFor,
  type Capability,
  type OrderShape,
  type VenueCapabilities,
} from '../../venue/capabilities.ts';

const CANCELLED_BY_US = emulated('sent until it is cancelled, and cancelled by the session when its time is over');
const NO_DAY = refusedFor('Binance never closes; use gtc, or gtd with an end');
const NO_AUCTION = refusedFor('Binance holds no auctions; use gtc');
const NOT_AT_ONCE = refusedFor('a stop waits for its price; use gtc');
const AT_ONCE = { ioc: NATIVE, fok: refusedFor('Binance fills market orders as far as it can; use a limit order') };

const ALWAYS = { day: NO_DAY, 'on-open': NO_AUCTION, 'on-close': NO_AUCTION };
const RESTING = { gtc: NATIVE, gtd: CANCELLED_BY_US, ioc: NOT_AT_ONCE, fok: NOT_AT_ONCE, ...ALWAYS };

const FUTURES: Readonly<Record<OrderType, Readonly<Record<TimeInForce, Capability>>>> = {
  market: { gtc: NATIVE, gtd: NATIVE, ...AT_ONCE, ...ALWAYS },
  limit: { gtc: NATIVE, gtd: CANCELLED_BY_US, ioc: NATIVE, fok: NATIVE, ...ALWAYS },
  stop: RESTING,
  'stop-limit': RESTING,
  trailing: RESTING,
};

/** Exits that may rest beside each other: a stop, a target and a trailing stop. None locks what it closes. */
const EXITS = 3;
const PAIR = emulated('both rest and may only reduce; the session cancels the one when the other is filled');
const POST_ONLY = refusedFor('only a limit order that may rest adds to the book; leave postOnly out');

/**
 * What Binance's USD-M futures do by themselves, what we do for them, and what is refused before it leaves.
 * @param absenceProvenMs by when a request has been taken up, or never is: its time to leave, its `recvWindow`, and as
 *   long again for what is shown late
 */
export function futuresCapabilities(absenceProvenMs: number): VenueCapabilities {
  return {
    // Among open orders only: a repeat after a fill is a second order.
    idsUniqueForEver: false,
    absenceProvenMs,
    clientOrderIdMax: 36,
    exitsPerPosition: EXITS,
    // In one-way mode a sale of more than is held goes short.
    turnsInOneOrder: true,
    oppositeOrders: true,
    capability: capabilityOf,
    short: () => NATIVE,
    pair: () => PAIR,
  };
}

function capabilityOf({ assetClass, type, tif, postOnly }: OrderShape): Capability {
  if (assetClass !== 'crypto')
    return refusedFor('Binance trades perpetual contracts of crypto pairs; name one, like BTC/USDT');
  if (postOnly && (type !== 'limit' || tif === 'ioc' || tif === 'fok')) return POST_ONLY;
  return FUTURES[type][tif];
}
