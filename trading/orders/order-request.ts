import { executionRuleSchema, type ExecutionRule } from '../../models/experiment/execution/execution-schema.ts';
import { givenName, type OrderOwner } from './order-owner.ts';
import type { OrderTerms, OrderType, TimeInForce } from './order-terms.ts';
import { NO_CONDITIONS } from './order-terms.ts';

/** How much: units, money at the price of the decision, a share of the equity, or all that is held. */
type OrderSize =
  { readonly units: number } | { readonly notional: number } | { readonly equityShare: number } | 'position';

/** An order that a strategy wants placed. Only what its type needs is given. */
export interface PlaceOrder {
  readonly do: 'place';
  /** The strategy's own name for it: one at a time of a symbol. */
  readonly label: string;
  readonly side: 'buy' | 'sell';
  readonly size: OrderSize;
  readonly type: OrderType;
  /** Of a limit or stop-limit order. */
  readonly limit?: number;
  /** Trigger of a stop, stop-limit or trailing order; a trailing one without it starts at its distance. */
  readonly stop?: number;
  /** Distance of a trailing stop: an amount a unit, or a share of the price. */
  readonly trail?: { readonly price: number } | { readonly percent: number };
  /** Default `gtc`. */
  readonly tif?: TimeInForce;
  /** Of `gtd`: the moment, or the last day (`2024-03-11`) in the zone of the market, before whose end it works. */
  readonly expiresMs?: number;
  readonly expiresOn?: string;
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
  /** One cancels other: of the orders with this name the first that is filled ends the rest. */
  readonly group?: string;
  /** Of a market order: how it is executed over time, in parts. At once by default. */
  readonly execution?: ExecutionRule;
  /** Of an account that several strategies share: whose order it is. */
  readonly owner?: OrderOwner;
  /** Of such an account: a signal led to it. */
  readonly signal?: true;
  /** One triggers other: placed once the order of this label has been filled, for as much of it as was. */
  readonly after?: string;
}

/** Changes a working order; what is not named stays. */
export interface AmendOrder {
  readonly do: 'amend';
  readonly label: string;
  readonly units?: number;
  readonly limit?: number;
  readonly stop?: number;
}

interface CancelOrder {
  readonly do: 'cancel';
  readonly label: string;
}

/** What a strategy does with orders of its own. */
export type OrderAction = PlaceOrder | AmendOrder | CancelOrder;

/**
 * An entry with its two exits: they are placed when it has been filled, and the first that is filled ends the other.
 * Prices are absolute; `entry` needs a label.
 */
export function bracket(entry: PlaceOrder, exits: { readonly stop: number; readonly target: number }): PlaceOrder[] {
  const { label } = entry;
  const side = entry.side === 'buy' ? 'sell' : 'buy';
  const exit = {
    do: 'place',
    side,
    size: 'position',
    reduceOnly: true,
    group: `${label}/exits`,
    after: label,
  } as const;
  return [
    entry,
    { ...exit, label: `${label}/stop`, type: 'stop', stop: exits.stop },
    { ...exit, label: `${label}/target`, type: 'limit', limit: exits.target },
  ];
}

/** What can be wrong with a request as it stands. Records hold the position in this list: append, never reorder. */
export const REQUEST_FAULTS = [
  'a limit belongs to limit and stop-limit orders, which need one',
  'a stop belongs to stop, stop-limit and trailing orders; the first two need one',
  'a trail belongs to a trailing order, which needs one',
  'expiresMs belongs to an order that works until a date (gtd), which needs one',
  'postOnly belongs to a limit order that waits',
  'ioc and fok belong to market and limit orders: others wait',
  'on-open and on-close belong to market and limit orders',
  'a price, distance, size or time is not a positive number',
  'a label of an order that works is taken, or the order named does not work',
  'the order named in `after` neither works nor comes before in the list',
  'an order needs a label of 1 to 64 characters',
  'execution belongs to a market order of no group that works until it is cancelled',
  'execution is not one that an experiment could name: see its README',
  'what is executed in parts is cancelled and placed anew, not changed',
  'a price of a symbol that is converted would be of another currency than its orders: give none',
  'expiresOn is a date such as 2024-03-11, in place of expiresMs',
] as const;

type Fault = (typeof REQUEST_FAULTS)[number];

/** Position in `REQUEST_FAULTS` plus one. */
export function faultNumber(fault: Fault): number {
  return REQUEST_FAULTS.indexOf(fault) + 1;
}

/** Characters of a label. */
export const LABEL_MAX = 64;
/** The last time that a date can be. */
const LAST_TIME_MS = 8.64e15;

/**
 * What is wrong with a request as it stands: its position in `REQUEST_FAULTS` plus one, 0 where nothing is.
 * @param isConverted its symbol is quoted in another currency than the account: a strategy knows no price of its orders
 */
export function requestFault(request: PlaceOrder, isConverted: boolean): number {
  const { limit, stop, trail = {} } = request;
  const isPriced = limit !== undefined || stop !== undefined || 'price' in trail;
  if (isConverted && isPriced) {
    return faultNumber('a price of a symbol that is converted would be of another currency than its orders: give none');
  }
  const fault = faultOf(request);
  return fault === null ? 0 : faultNumber(fault);
}

function faultOf(request: PlaceOrder): Fault | null {
  const { type, label, limit, stop, trail, tif = 'gtc', expiresMs, postOnly = false } = request;
  const given = typeof label === 'string' && request.owner !== undefined ? givenName(label) : label;
  if (typeof given !== 'string' || given === '' || given.length > LABEL_MAX) {
    return 'an order needs a label of 1 to 64 characters';
  }
  if ((type === 'limit' || type === 'stop-limit') !== (limit !== undefined)) {
    return 'a limit belongs to limit and stop-limit orders, which need one';
  }
  const stops = type === 'stop' || type === 'stop-limit';
  if (stops ? stop === undefined : stop !== undefined && type !== 'trailing') {
    return 'a stop belongs to stop, stop-limit and trailing orders; the first two need one';
  }
  if ((type === 'trailing') !== (trail !== undefined)) return 'a trail belongs to a trailing order, which needs one';
  // What could be told as a moment has become one.
  if (request.expiresOn !== undefined) return 'expiresOn is a date such as 2024-03-11, in place of expiresMs';
  if ((tif === 'gtd') !== (expiresMs !== undefined)) {
    return 'expiresMs belongs to an order that works until a date (gtd), which needs one';
  }
  const now = tif === 'ioc' || tif === 'fok';
  if (postOnly && (type !== 'limit' || now)) return 'postOnly belongs to a limit order that waits';
  if (request.execution !== undefined) {
    const plain = type === 'market' && tif === 'gtc' && request.group === undefined;
    if (!plain) return 'execution belongs to a market order of no group that works until it is cancelled';
    if (!executionRuleSchema.safeParse(request.execution).success) {
      return 'execution is not one that an experiment could name: see its README';
    }
  }
  const simple = type === 'limit' || type === 'market';
  if (now && !simple) return 'ioc and fok belong to market and limit orders: others wait';
  if ((tif === 'on-open' || tif === 'on-close') && !simple) {
    return 'on-open and on-close belong to market and limit orders';
  }
  const distance = trail === undefined ? undefined : Object.values(trail)[0];
  const numbers = [limit, stop, expiresMs, distance, sizeNumber(request)];
  const possible = numbers.every((value) => value === undefined || (value > 0 && value < Infinity));
  return possible && (expiresMs ?? 1) <= LAST_TIME_MS
    ? null
    : 'a price, distance, size or time is not a positive number';
}

function sizeNumber({ size }: PlaceOrder): number | undefined {
  return size === 'position' ? undefined : (Object.values(size)[0] as number);
}

/** The same request in units after a split of `ratio` new units for an old one. */
export function requestAfterSplit(request: PlaceOrder, ratio: number): PlaceOrder {
  const { limit, stop, trail, size } = request;
  return {
    ...request,
    ...(limit === undefined ? {} : { limit: limit / ratio }),
    ...(stop === undefined ? {} : { stop: stop / ratio }),
    ...(trail !== undefined && 'price' in trail ? { trail: { price: trail.price / ratio } } : {}),
    size: size !== 'position' && 'units' in size ? { units: size.units * ratio } : size,
  };
}

/**
 * The terms of a request, prices not yet on the tick.
 * @param reference price of the decision, from which a trailing stop without a trigger starts
 */
export function requestTerms(request: PlaceOrder, reference: number, group: number): OrderTerms {
  const { type, side, limit = 0, stop, trail, tif = 'gtc', expiresMs = 0 } = request;
  const { postOnly = false, reduceOnly = false } = request;
  const share = trail !== undefined && 'percent' in trail ? trail.percent : 0;
  const amount = trail !== undefined && 'price' in trail ? trail.price : 0;
  const distance = share > 0 ? share * reference : amount;
  const first = stop ?? (side === 'buy' ? reference + distance : reference - distance);
  const plain = tif === 'gtc' && !postOnly && !reduceOnly && type !== 'stop-limit';
  return {
    ...(request.owner === undefined ? {} : { owner: request.owner }),
    type,
    role: 'order',
    price: type === 'market' ? 0 : type === 'limit' ? limit : first,
    trail: amount,
    trailShare: share,
    group,
    conditions: plain
      ? null
      : { ...NO_CONDITIONS, tif, expiresMs, postOnly, reduceOnly, limit: type === 'stop-limit' ? limit : 0 },
  };
}
