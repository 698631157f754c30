import type { OrderType, TimeInForce } from '../../orders/order-terms.ts';
import { emulated, NATIVE, refusedFor, type Capability } from '../venue/capabilities.ts';

const CANCELLED_BY_US = emulated('sent until it is cancelled, and cancelled by the session when its time is over');
const NO_DAY = refusedFor('Binance never closes; use gtc, or gtd with an end');
const NO_AUCTION = refusedFor('Binance holds no auctions; use gtc');
const NOT_AT_ONCE = refusedFor('a stop waits for its price; use gtc');
const AT_ONCE = { ioc: NATIVE, fok: refusedFor('Binance fills market orders as far as it can; use a limit order') };

const ALWAYS = { day: NO_DAY, 'on-open': NO_AUCTION, 'on-close': NO_AUCTION };
const RESTING = { gtc: NATIVE, gtd: CANCELLED_BY_US, ioc: NOT_AT_ONCE, fok: NOT_AT_ONCE, ...ALWAYS };

/** What becomes of each type of order for each time in force, at its spot market and at its futures. */
export const BINANCE_TIMES: Readonly<Record<OrderType, Readonly<Record<TimeInForce, Capability>>>> = {
  market: { gtc: NATIVE, gtd: NATIVE, ...AT_ONCE, ...ALWAYS },
  limit: { gtc: NATIVE, gtd: CANCELLED_BY_US, ioc: NATIVE, fok: NATIVE, ...ALWAYS },
  stop: RESTING,
  'stop-limit': RESTING,
  trailing: RESTING,
};

/** Why an order that takes at once, or waits for its price, cannot be post-only. */
export const POST_ONLY = refusedFor('only a limit order that may rest adds to the book; leave postOnly out');
