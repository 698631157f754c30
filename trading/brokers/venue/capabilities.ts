import type { Instrument } from '../../../features/instrument.ts';
import type { OrderTerms, OrderType, TimeInForce } from '../../orders/order-terms.ts';
import { worksExtended } from '../../orders/traded-hours.ts';

/**
 * How a venue comes to do something: by itself, by us (which ends with the process), or not at all, in words that say
 * what to do instead.
 */
export type Capability =
  | { readonly how: 'native' }
  | { readonly how: 'emulated'; readonly by: string }
  | { readonly how: 'refused'; readonly why: string };

export const NATIVE: Capability = { how: 'native' };
export const emulated = (by: string): Capability => ({ how: 'emulated', by });
export const refusedFor = (why: string): Capability => ({ how: 'refused', why });

/** Where no venue does so: the session has to be there when the entry is filled. */
export const PLACED_BY_US = emulated('exits are placed by the session once their entry has been filled');

/** What an order asks of a venue. */
export interface OrderShape {
  readonly assetClass: Instrument['assetClass'];
  readonly type: OrderType;
  readonly tif: TimeInForce;
  /** A part of a unit is ordered. */
  readonly fractional: boolean;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  /** A trailing stop that follows only from a price on. */
  readonly activated: boolean;
  /** It is to work outside the regular hours, too; not where absent. */
  readonly extended?: true;
}

/** What one venue can do. */
export interface VenueCapabilities {
  /** An id that was used once is refused for ever: a repeat makes no second order. */
  readonly idsUniqueForEver: boolean;
  /**
   * Where ids may be used again: a request that has not been taken up this long after it was sent never will be, so
   * that an order that is absent from then on has not arrived. Absent where the venue promises no such thing.
   */
  readonly absenceProvenMs?: number | undefined;
  /** Most characters of a client order id. */
  readonly clientOrderIdMax: number;
  /** Exits of one position that may rest at a time. */
  readonly exitsPerPosition: number;
  /** One order may close a position and open the other side. */
  readonly turnsInOneOrder: boolean;
  /** An order opposite to one that works is taken. */
  readonly oppositeOrders: boolean;
  /** By order type, time in force and asset class. */
  capability(shape: OrderShape): Capability;
  /**
   * The venue takes such an order for the day only, and changes none: what is to rest longer is placed again each day,
   * and a change is another order. Absent where there are no such orders.
   */
  dayOnly?(shape: OrderShape): boolean;
  /** Positions below zero in an instrument. */
  short(instrument: Pick<Instrument, 'assetClass' | 'lot'>): Capability;
  /**
   * A target and a stop of one position that both rest, of which the first that is filled ends the other. `emulated`:
   * the venue lets one of them rest, and the session puts the other in its place.
   */
  pair(target: OrderShape, stop: OrderShape): Capability;
  /** Any are taken. */
  readonly attachesExits: boolean;
  /** Exits that leave with their entry and that the venue places by itself once all of that is filled. */
  attach(entry: OrderShape, exits: readonly OrderShape[]): Capability;
}

/** The shape of an order; a market order without terms works for the day, or until it is filled where there is none. */
export function shapeOf(
  { assetClass, rules }: Pick<Instrument, 'assetClass' | 'rules'>,
  quantity: number,
  terms: OrderTerms | null,
): OrderShape {
  const conditions = terms?.conditions ?? null;
  const type = terms?.type ?? 'market';
  const isExtended = rules?.extendedHours === true && assetClass !== 'crypto' && worksExtended(terms);
  return {
    assetClass,
    type,
    tif: conditions?.tif ?? (type === 'market' && assetClass !== 'crypto' ? 'day' : 'gtc'),
    fractional: !Number.isInteger(quantity),
    postOnly: conditions?.postOnly ?? false,
    reduceOnly: conditions?.reduceOnly ?? false,
    activated: type === 'trailing' && (conditions?.limit ?? 0) > 0,
    ...(isExtended ? { extended: true } : {}),
  };
}
