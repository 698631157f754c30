import {
  PLACED_BY_US,
  emulated,
  refusedFor,
  type Capability,
  type OrderShape,
  type VenueCapabilities,
} from '../venue/capabilities.ts';
import { BINANCE_TIMES, POST_ONLY } from './binance-times.ts';

const PAIR = refusedFor(
  'a resting sale locks what it sells at Binance, and its order lists are not used; keep one exit',
);
const SHORT = refusedFor("Binance's spot market sells only what is held; leave longShort out");

/**
 * What Binance's spot market does by itself, what we do for it, and what is refused before it leaves.
 * @param absenceProvenMs by when a request has been taken up, or never is: its time to leave, its `recvWindow`, and as
 *   long again for what is shown late
 */
export function binanceCapabilities(absenceProvenMs: number): VenueCapabilities {
  return {
    // Among open orders only: a repeat after a fill is a second order.
    idsUniqueForEver: false,
    absenceProvenMs,
    clientOrderIdMax: 36,
    // A resting sale locks what it sells.
    exitsPerPosition: 1,
    turnsInOneOrder: false,
    oppositeOrders: true,
    capability: capabilityOf,
    short: () => SHORT,
    pair: () => PAIR,
    attachesExits: false,
    attach: () => PLACED_BY_US,
  };
}

function capabilityOf({ assetClass, type, tif, postOnly, reduceOnly }: OrderShape): Capability {
  if (assetClass !== 'crypto')
    return refusedFor('Binance trades pairs of crypto assets alone; name one, like BTC/USDT');
  if (postOnly && (type !== 'limit' || tif === 'ioc' || tif === 'fok')) return POST_ONLY;
  const found = BINANCE_TIMES[type][tif];
  if (!reduceOnly || found.how !== 'native') return found;
  return emulated('cut to what is held when it is sent');
}
