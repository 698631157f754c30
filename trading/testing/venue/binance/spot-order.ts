import { amountText } from '../../../brokers/binance/asset-amount.ts';

export type SpotStatus =
  'NEW' | 'PENDING_NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED' | 'EXPIRED_IN_MATCH';

/** An order in the books of the Binance that stands in. Amounts in units of 1e-8: its books are exact. */
export interface SpotOrder {
  /** Longer than a double holds, as Binance's may be. */
  readonly id: bigint;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly type: string;
  readonly tif: 'GTC' | 'IOC' | 'FOK';
  readonly quantity: bigint;
  readonly limit: bigint | null;
  readonly stop: bigint | null;
  /** Distance of a trailing stop in hundredths of a percent, and the best price since. */
  readonly trail: { readonly delta: bigint; best: bigint } | null;
  status: SpotStatus;
  filled: bigint;
  /** What is locked of the asset that is given. */
  locked: bigint;
  triggered: boolean;
  readonly createdMs: number;
  /** The id that the request which ended it had. */
  endedBy: string | null;
}

export interface SpotTrade {
  readonly id: bigint;
  readonly order: SpotOrder;
  readonly quantity: bigint;
  readonly price: bigint;
  readonly commission: bigint;
  readonly commissionAsset: string;
  readonly timeMs: number;
  readonly cumulative: bigint;
}

export const WORKING: readonly SpotStatus[] = ['NEW', 'PENDING_NEW', 'PARTIALLY_FILLED'];

/** JSON whose bigints stand there as numbers of all their digits. */
export function wideJson(value: unknown): string {
  const text = JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `@@${one}` : one));
  return text.replace(/"@@(-?\d+)"/g, '$1');
}

const fixed = (units: bigint): string => {
  const text = amountText(units);
  const [whole, part = ''] = text.split('.');
  return `${whole}.${part.padEnd(8, '0')}`;
};
export { fixed as amountFixed };

/** An order as REST shows it. */
export function spotOrderJson(order: SpotOrder): Record<string, unknown> {
  const { id, clientOrderId, symbol, side, type, tif, quantity, limit, stop, status, filled, createdMs } = order;
  return {
    symbol,
    orderId: id,
    orderListId: -1,
    clientOrderId,
    price: fixed(limit ?? 0n),
    origQty: fixed(quantity),
    executedQty: fixed(filled),
    status,
    timeInForce: tif,
    type,
    side,
    stopPrice: fixed(stop ?? 0n),
    time: createdMs,
    isWorking: order.triggered,
  };
}

/** A trade as REST shows it. */
export function spotTradeJson({ id, order, quantity, price, commission, commissionAsset, timeMs }: SpotTrade): unknown {
  return {
    symbol: order.symbol,
    id,
    orderId: order.id,
    orderListId: -1,
    price: fixed(price),
    qty: fixed(quantity),
    commission: fixed(commission),
    commissionAsset,
    time: timeMs,
    isBuyer: order.side === 'BUY',
    isMaker: false,
  };
}

/** An order as the user data stream tells of it. */
export function reportJson(order: SpotOrder, what: string, trade: SpotTrade | null, nowMs: number): unknown {
  const cancelled = order.endedBy !== null;
  return {
    e: 'executionReport',
    E: nowMs,
    s: order.symbol,
    c: order.endedBy ?? order.clientOrderId,
    S: order.side,
    o: order.type,
    f: order.tif,
    q: fixed(order.quantity),
    p: fixed(order.limit ?? 0n),
    P: fixed(order.stop ?? 0n),
    C: cancelled ? order.clientOrderId : '',
    x: what,
    X: order.status,
    r: 'NONE',
    i: order.id,
    l: fixed(trade?.quantity ?? 0n),
    z: fixed(trade?.cumulative ?? order.filled),
    L: fixed(trade?.price ?? 0n),
    n: trade === null ? '0' : fixed(trade.commission),
    N: trade === null ? null : trade.commissionAsset,
    T: trade?.timeMs ?? nowMs,
    t: trade === null ? -1 : trade.id,
    w: WORKING.includes(order.status),
    m: false,
  };
}
