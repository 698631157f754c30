import { amountFixed } from '../spot-order.ts';

export type FuturesStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED';
type AlgoStatus = 'NEW' | 'TRIGGERED' | 'FINISHED' | 'CANCELED' | 'EXPIRED' | 'REJECTED';

/** An order in the books of the futures exchange that stands in. Amounts in units of 1e-8. */
export interface FuturesBookOrder {
  /** Longer than a double holds, as Binance's may be. */
  readonly id: bigint;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly type: string;
  /** Its type at the algo service, where it came from there. */
  readonly origType: string;
  readonly tif: 'GTC' | 'IOC' | 'FOK' | 'GTX';
  readonly quantity: bigint;
  readonly limit: bigint | null;
  readonly reduceOnly: boolean;
  status: FuturesStatus;
  filled: bigint;
  readonly createdMs: number;
}

/** A conditional order at the algo service. */
export interface AlgoBookOrder {
  readonly id: bigint;
  readonly clientAlgoId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly type: string;
  readonly tif: 'GTC' | 'IOC' | 'FOK';
  readonly quantity: bigint;
  readonly trigger: bigint | null;
  readonly limit: bigint | null;
  /** Distance of a trailing stop in tenths of a percent, the price from which on it follows, and the best since. */
  readonly trail: { readonly tenths: bigint; readonly from: bigint | null; best: bigint | null } | null;
  readonly reduceOnly: boolean;
  status: AlgoStatus;
  /** What it became. */
  actual: FuturesBookOrder | null;
  readonly createdMs: number;
}

export interface FuturesTrade {
  readonly id: bigint;
  readonly order: FuturesBookOrder;
  readonly quantity: bigint;
  readonly price: bigint;
  readonly commission: bigint;
  readonly timeMs: number;
  readonly cumulative: bigint;
}

/** Money that came or went without a trade. */
export interface FuturesIncomeEntry {
  readonly id: bigint;
  readonly symbol: string;
  readonly type: 'FUNDING_FEE' | 'INSURANCE_CLEAR';
  readonly amount: bigint;
  readonly timeMs: number;
}

export const isOpen = ({ status }: FuturesBookOrder): boolean => status === 'NEW' || status === 'PARTIALLY_FILLED';

/** An order as REST shows it. */
export function futuresOrderJson(order: FuturesBookOrder): Record<string, unknown> {
  return {
    symbol: order.symbol,
    orderId: order.id,
    clientOrderId: order.clientOrderId,
    price: amountFixed(order.limit ?? 0n),
    origQty: amountFixed(order.quantity),
    executedQty: amountFixed(order.filled),
    status: order.status,
    timeInForce: order.tif,
    type: order.type,
    origType: order.origType,
    side: order.side,
    positionSide: 'BOTH',
    reduceOnly: order.reduceOnly,
    time: order.createdMs,
  };
}

/** A conditional order as REST shows it. */
export function algoJson(algo: AlgoBookOrder): Record<string, unknown> {
  return {
    algoId: algo.id,
    clientAlgoId: algo.clientAlgoId,
    algoType: 'CONDITIONAL',
    orderType: algo.type,
    symbol: algo.symbol,
    side: algo.side,
    positionSide: 'BOTH',
    timeInForce: algo.tif,
    quantity: amountFixed(algo.quantity),
    algoStatus: algo.status,
    triggerPrice: amountFixed(algo.trigger ?? 0n),
    price: amountFixed(algo.limit ?? 0n),
    reduceOnly: algo.reduceOnly,
    actualOrderId: algo.actual === null ? '' : String(algo.actual.id),
    createTime: algo.createdMs,
  };
}

/** A trade as REST shows it. */
export function futuresTradeJson({ id, order, quantity, price, commission, timeMs }: FuturesTrade): unknown {
  return {
    symbol: order.symbol,
    id,
    orderId: order.id,
    side: order.side,
    price: amountFixed(price),
    qty: amountFixed(quantity),
    commission: amountFixed(commission),
    commissionAsset: 'USDT',
    time: timeMs,
    positionSide: 'BOTH',
    buyer: order.side === 'BUY',
    maker: false,
  };
}

/** An order as the stream of user data tells of it. */
export function orderUpdateJson(
  order: FuturesBookOrder,
  what: string,
  { trade, nowMs }: { readonly trade: FuturesTrade | null; readonly nowMs: number },
): Record<string, unknown> {
  const told = {
    s: order.symbol,
    c: order.clientOrderId,
    S: order.side,
    o: order.type,
    f: order.tif,
    q: amountFixed(order.quantity),
    p: amountFixed(order.limit ?? 0n),
    x: what,
    X: order.status,
    i: order.id,
    l: amountFixed(trade?.quantity ?? 0n),
    z: amountFixed(trade?.cumulative ?? order.filled),
    L: amountFixed(trade?.price ?? 0n),
    ...(trade === null ? {} : { N: 'USDT', n: amountFixed(trade.commission) }),
    T: trade?.timeMs ?? nowMs,
    t: trade?.id ?? 0,
    m: false,
    R: order.reduceOnly,
    ot: order.origType,
    ps: 'BOTH',
  };
  return { e: 'ORDER_TRADE_UPDATE', E: nowMs, T: nowMs, o: told };
}

/** A conditional order as the stream tells of it. */
export function algoUpdateJson(algo: AlgoBookOrder, nowMs: number): Record<string, unknown> {
  const told = {
    caid: algo.clientAlgoId,
    aid: algo.id,
    at: 'CONDITIONAL',
    o: algo.type,
    s: algo.symbol,
    S: algo.side,
    ps: 'BOTH',
    q: amountFixed(algo.quantity),
    X: algo.status,
    ai: algo.actual === null ? '' : String(algo.actual.id),
    R: algo.reduceOnly,
  };
  return { e: 'ALGO_UPDATE', E: nowMs, T: nowMs, o: told };
}
