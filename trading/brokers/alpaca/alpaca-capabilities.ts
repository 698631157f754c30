import type { OrderType, TimeInForce } from '../../orders/order-terms.ts';
import {
  PLACED_BY_US,
  emulated,
  NATIVE,
  refusedFor,
  type Capability,
  type OrderShape,
  type VenueCapabilities,
} from '../venue/capabilities.ts';

type Table = Readonly<Record<OrderType, Readonly<Record<TimeInForce, Capability>>>>;

const CANCELLED_BY_US = emulated('sent until it is cancelled, and cancelled by the session when its time is over');
const NO_AUCTION = refusedFor('Alpaca takes only market and limit orders into auctions; use day');
const NO_CRYPTO_TIME = refusedFor('Alpaca takes crypto orders as gtc or ioc; use one of these');
const NO_CRYPTO_STOP = refusedFor('Alpaca has no such stop for crypto; use a stop-limit');
const NOT_AT_ONCE = refusedFor('a stop waits for its price; use day or gtc');
const TRAILING_TIME = refusedFor('Alpaca takes trailing stops for the day or until they are cancelled; use day or gtc');

const RESTING_STOP = { gtc: NATIVE, day: NATIVE, gtd: CANCELLED_BY_US, ioc: NOT_AT_ONCE, fok: NOT_AT_ONCE };
const AUCTIONS = { 'on-open': NATIVE, 'on-close': NATIVE };
const NO_AUCTIONS = { 'on-open': NO_AUCTION, 'on-close': NO_AUCTION };
const TRAILING = { gtc: NATIVE, day: NATIVE, gtd: CANCELLED_BY_US, ioc: TRAILING_TIME, fok: TRAILING_TIME };

/**
 * Shares: docs.alpaca.markets, "Placing Orders", times in force by order type. Before the open and after the close only
 * limits work, for the day or until they are cancelled, that are marked so (`extended_hours`) and hang together with no
 * other. Stops, trailing stops, brackets and pairs rest meanwhile and do nothing; auctions are those of regular hours.
 */
const EQUITIES: Table = {
  market: { gtc: NATIVE, day: NATIVE, gtd: CANCELLED_BY_US, ioc: NATIVE, fok: NATIVE, ...AUCTIONS },
  limit: { gtc: NATIVE, day: NATIVE, gtd: CANCELLED_BY_US, ioc: NATIVE, fok: NATIVE, ...AUCTIONS },
  stop: { ...RESTING_STOP, ...NO_AUCTIONS },
  'stop-limit': { ...RESTING_STOP, ...NO_AUCTIONS },
  trailing: { ...TRAILING, ...NO_AUCTIONS },
};

const CRYPTO_TIMES = {
  day: NO_CRYPTO_TIME,
  fok: NO_CRYPTO_TIME,
  'on-open': NO_CRYPTO_TIME,
  'on-close': NO_CRYPTO_TIME,
};
const NO_CRYPTO = { gtc: NO_CRYPTO_STOP, ioc: NO_CRYPTO_STOP, gtd: NO_CRYPTO_STOP, ...CRYPTO_TIMES };

const CRYPTO: Table = {
  market: { gtc: NATIVE, ioc: NATIVE, gtd: CANCELLED_BY_US, ...CRYPTO_TIMES },
  limit: { gtc: NATIVE, ioc: NATIVE, gtd: CANCELLED_BY_US, ...CRYPTO_TIMES },
  'stop-limit': { gtc: NATIVE, ioc: NOT_AT_ONCE, gtd: CANCELLED_BY_US, ...CRYPTO_TIMES },
  stop: NO_CRYPTO,
  trailing: NO_CRYPTO,
};

const FRACTION = refusedFor(
  'Alpaca takes parts of a share for the day only; use day, gtc or gtd (placed again each day), or a lot of one share',
);
const STEPS = emulated('a stop for the day that the session moves after the price, by a cancel and another order');
const EACH_DAY = emulated('sent for the day, and placed again by the session as soon as the day has ended it');
const FRACTION_EXTENDED = refusedFor(
  'Alpaca takes parts of a share outside of the regular hours in some shares only; use a lot of one share, or the ' +
    'calendar us-equities',
);
const POST_ONLY = refusedFor('Alpaca has no post-only orders; leave postOnly out');
const ACTIVATED = refusedFor('Alpaca follows the price from the start; leave the activation price out');

/** What Alpaca does by itself, what we do for it, and what is refused before it leaves. */
export const alpacaCapabilities: VenueCapabilities = {
  idsUniqueForEver: true,
  clientOrderIdMax: 128,
  // A resting exit holds the shares: a second one is refused for want of them.
  exitsPerPosition: 1,
  turnsInOneOrder: false,
  oppositeOrders: false,
  capability: (shape) => capabilityOf(shape),
  dayOnly: (shape) => isPart(shape),
  short: ({ assetClass, lot }) => {
    if (assetClass === 'crypto') return refusedFor('Alpaca sells no coins short; leave longShort out');
    return Number.isInteger(lot) ? NATIVE : refusedFor('Alpaca sells whole shares short; use a lot of one share');
  },
  pair: (target, stop) => pairOf(target, stop),
  attachesExits: true,
  attach: (entry, exits) => attachedTo(entry, exits),
};

const PAIR = refusedFor(
  'Alpaca lets two exits of a position rest only as a limit and a stop of whole shares, both for the day or until ' +
    'cancelled, placed together; a limit beside a stop of parts of a share, or beside a trailing stop, is placed by the ' +
    'session in its turn; keep one of them',
);
const IN_TURN = emulated(
  'the stop rests; once the price of the target is seen the session cancels it and sends the target in its place',
);

/** Order class `oco`; of parts of a share, and beside a trailing stop, one of the two rests. */
function pairOf(target: OrderShape, stop: OrderShape): Capability {
  if (target.type === 'limit' && stop.type === 'trailing') return [target, stop].every(mayTakeTurns) ? IN_TURN : PAIR;
  const types = target.type === 'limit' && (stop.type === 'stop' || stop.type === 'stop-limit');
  const each = [target, stop].every((shape) => isGroup(shape) && capabilityOf(shape).how !== 'refused');
  if (types && [target, stop].every((shape) => isPart(shape) && (shape.tif === 'day' || isLasting(shape.tif))))
    return IN_TURN;
  return types && target.tif === stop.tif && each ? NATIVE : PAIR;
}

/**
 * Order classes `bracket` and `oto`: an entry of whole shares at the next price or a limit, with a limit, a stop or
 * both, all of one time in force. While the entry is filled in part none of them works: the session sees to that.
 */
function attachedTo(entry: OrderShape, exits: readonly OrderShape[]): Capability {
  const [first, second] = exits;
  if (first === undefined || exits.length > 2) return PLACED_BY_US;
  const exitTypes = first.type === 'limit' || first.type === 'stop' || first.type === 'stop-limit';
  const fits =
    second === undefined ? exitTypes && isGroup(first) : pairOf(...targetFirst(first, second)).how === 'native';
  const enters = (entry.type === 'market' || entry.type === 'limit') && !entry.reduceOnly && isGroup(entry);
  // A market order that was given no time takes that of its exits.
  const oneTime = exits.every(({ tif }) => tif === first.tif) && (entry.type === 'market' || entry.tif === first.tif);
  // Orders that hang together work in regular hours alone: one that is to work outside of them leaves by itself.
  const regular = [entry, ...exits].every(({ extended }) => extended !== true);
  const taken = fits && enters && oneTime && regular && capabilityOf(entry).how !== 'refused';
  return taken ? NATIVE : PLACED_BY_US;
}

/** It may make way for another exit of its position, and work in its place. */
function mayTakeTurns(shape: OrderShape): boolean {
  const { assetClass, tif, extended } = shape;
  const isTimed = tif === 'day' || isLasting(tif);
  return assetClass !== 'crypto' && isTimed && extended !== true && capabilityOf(shape).how !== 'refused';
}

const targetFirst = (one: OrderShape, other: OrderShape): [OrderShape, OrderShape] =>
  one.type === 'limit' ? [one, other] : [other, one];

/** Parts of a share. */
const isPart = ({ assetClass, fractional }: OrderShape): boolean => fractional && assetClass !== 'crypto';

const isLasting = (tif: TimeInForce): boolean => tif === 'gtc' || tif === 'gtd';

/** It may hang together with others. */
function isGroup({ assetClass, tif, fractional }: OrderShape): boolean {
  return assetClass !== 'crypto' && !fractional && (tif === 'gtc' || tif === 'day');
}

function capabilityOf(shape: OrderShape): Capability {
  const { assetClass, type, tif, fractional, postOnly, activated, reduceOnly, extended } = shape;
  if (assetClass === 'index') return refusedFor('an index cannot be traded; name a fund that follows it');
  if (postOnly) return POST_ONLY;
  if (activated) return ACTIVATED;
  const isCrypto = assetClass === 'crypto';
  if (fractional && extended === true) return FRACTION_EXTENDED;
  if (fractional && !isCrypto && tif !== 'day' && !isLasting(tif)) return FRACTION;
  if (fractional && !isCrypto && type === 'trailing') return STEPS;
  if (fractional && !isCrypto && tif !== 'day') return EACH_DAY;
  const found = (isCrypto ? CRYPTO : EQUITIES)[type][tif];
  if (!reduceOnly || found.how !== 'native') return found;
  return emulated('cut to what is held when it is sent');
}
