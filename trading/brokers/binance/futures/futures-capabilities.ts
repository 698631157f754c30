import {
  PLACED_BY_US,
  emulated,
  NATIVE,
  refusedFor,
  type Capability,
  type OrderShape,
  type VenueCapabilities,
} from '../../venue/capabilities.ts';
import { BINANCE_TIMES, POST_ONLY } from '../binance-times.ts';

/** Exits that may rest beside each other: a stop, a target and a trailing stop. None locks what it closes. */
const EXITS = 3;
const PAIR = emulated('both rest and may only reduce; the session cancels the one when the other is filled');

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
    attachesExits: false,
    attach: () => PLACED_BY_US,
  };
}

function capabilityOf({ assetClass, type, tif, postOnly }: OrderShape): Capability {
  if (assetClass !== 'crypto')
    return refusedFor('Binance trades perpetual contracts of crypto pairs; name one, like BTC/USDT');
  if (postOnly && (type !== 'limit' || tif === 'ioc' || tif === 'fok')) return POST_ONLY;
  return BINANCE_TIMES[type][tif];
}
