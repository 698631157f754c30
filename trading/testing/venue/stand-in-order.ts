/** What Alpaca's order statuses are here: those that this venue uses. */
export type StandInStatus =
  | 'new'
  | 'accepted'
  | 'held'
  | 'partially_filled'
  | 'pending_cancel'
  | 'filled'
  | 'canceled'
  | 'expired'
  | 'rejected'
  | 'replaced';

/** An order in the books of the venue that stands in. Amounts in units of 1e-9: its books are exact. */
export interface StandInOrder {
  readonly id: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit' | 'stop' | 'stop_limit' | 'trailing_stop';
  readonly tif: string;
  /** It is executed outside the regular hours, too. */
  readonly extendedHours: boolean;
  qty: bigint;
  limit: bigint | null;
  stop: bigint | null;
  /** Distance of a trailing stop in price, or in percent. */
  trail: { readonly price: bigint | null; readonly percent: number | null; best: bigint } | null;
  status: StandInStatus;
  filled: bigint;
  paid: bigint;
  triggered: boolean;
  readonly createdMs: number;
  readonly replaces: string | null;
  replacedBy: string | null;
  /** Empty for a simple order. Legs are of the class of their group. */
  readonly orderClass: '' | 'oco' | 'bracket' | 'oto';
  /** The other exit of its position. The first that is filled ends the other; a cancel ends both. */
  pair: StandInOrder | null;
  /** It is a leg: shown under the order that it hangs on. */
  readonly isLeg: boolean;
  /** The entry that it waits for, of classes `bracket` and `oto`: it works once all of that is filled. */
  entry: StandInOrder | null;
  /** What hangs on it, the target first. */
  legs: readonly StandInOrder[];
  /** A cancel was asked for and takes effect then. */
  cancelAtMs: number | null;
}

export interface StandInExecution {
  readonly id: string;
  readonly order: StandInOrder;
  readonly qty: bigint;
  readonly price: bigint;
  readonly timeMs: number;
  readonly cumulative: bigint;
}

export const OPEN: readonly StandInStatus[] = ['new', 'accepted', 'held', 'partially_filled', 'pending_cancel'];

const SCALE = 1_000_000_000n;
const DECIMALS = 9;

/** A decimal text in billionths; null for what is none. */
export function parseAmount(text: unknown): bigint | null {
  const match = typeof text === 'string' ? /^(\d+)(?:\.(\d{1,9}))?$/.exec(text) : null;
  if (match === null) return null;
  return BigInt(match[1]!) * SCALE + BigInt((match[2] ?? '').padEnd(DECIMALS, '0'));
}

/** Billionths as a decimal text without zeros at its end. */
export function amountOf(value: bigint): string {
  const size = value < 0n ? -value : value;
  const part = (size % SCALE).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${size / SCALE}${part === '' ? '' : `.${part}`}`;
}

/** The product of two amounts, in billionths, cut. */
export const times = (a: bigint, b: bigint): bigint => (a * b) / SCALE;

const iso = (ms: number): string => new Date(ms).toISOString();

/** It can be executed: the exits of an entry cannot before all of that is filled. */
export const isArmed = ({ entry }: StandInOrder): boolean => entry === null || entry.status === 'filled';

/** An order as the API shows it; its legs only where it was asked for nested. */
export function orderJson(order: StandInOrder, nested = false): Record<string, unknown> {
  const { id, clientOrderId, symbol, side, type, tif, qty, limit, stop, status, filled, paid, createdMs } = order;
  return {
    id,
    client_order_id: clientOrderId,
    created_at: iso(createdMs),
    updated_at: iso(createdMs),
    submitted_at: iso(createdMs),
    filled_at: status === 'filled' ? iso(createdMs) : null,
    replaced_by: order.replacedBy,
    replaces: order.replaces,
    asset_id: `asset-${symbol}`,
    symbol,
    asset_class: symbol.includes('/') ? 'crypto' : 'us_equity',
    notional: null,
    qty: amountOf(qty),
    filled_qty: amountOf(filled),
    filled_avg_price: filled === 0n ? null : amountOf((paid * SCALE) / filled),
    order_class: order.orderClass,
    order_type: type,
    type,
    side,
    time_in_force: tif,
    limit_price: limit === null ? null : amountOf(limit),
    stop_price: stop === null ? null : amountOf(stop),
    status,
    extended_hours: order.extendedHours,
    legs: nested && order.legs.length > 0 ? order.legs.map((leg) => orderJson(leg)) : null,
    trail_percent: order.trail?.percent?.toString() ?? null,
    trail_price: order.trail?.price ? amountOf(order.trail.price) : null,
    hwm: null,
  };
}
