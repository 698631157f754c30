import type { Clock } from '../../../../../infra/clock.ts';
import { amountUnits } from '../../../../brokers/binance/asset-amount.ts';
import { ExchangeRefusal } from '../exchange-refusal.ts';
import type { AlgoBookOrder, FuturesBookOrder } from './futures-order.ts';

export type Asked = Readonly<Record<string, string | undefined>>;
interface At {
  readonly id: bigint;
  readonly clock: Clock;
  readonly prices: ReadonlyMap<string, bigint>;
}

const LOT = 100_000n;
const TICK = 1_000_000n;
const LEAST_VALUE = 500_000_000n;
const CONDITIONAL = ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'];

const missing = (): ExchangeRefusal =>
  new ExchangeRefusal(-1102, 'Mandatory parameter was not sent, was empty/null, or malformed.');

/** An order as it was asked for. @throws ExchangeRefusal */
export function readOrder(asked: Asked, at: At): FuturesBookOrder {
  const { type = '', timeInForce, newClientOrderId: id, price } = asked;
  if (CONDITIONAL.includes(type)) {
    throw new ExchangeRefusal(-4120, 'Order type not supported for this endpoint. Please use the Algo Order API.');
  }
  if (type !== 'MARKET' && type !== 'LIMIT') throw new ExchangeRefusal(-1116, 'Invalid orderType.');
  if ((type === 'LIMIT') !== (price !== undefined && timeInForce !== undefined)) throw missing();
  const base = readBase(asked, at, id);
  const limit = price === undefined ? null : onTick(price);
  const value = (base.quantity * (limit ?? at.prices.get(base.symbol)!)) / 100_000_000n;
  if (!base.reduceOnly && value < LEAST_VALUE) {
    throw new ExchangeRefusal(-4164, "Order's notional must be no smaller than 5 (unless you choose reduce only).");
  }
  return {
    ...base,
    id: at.id,
    clientOrderId: id ?? `venue-${at.id}`,
    type,
    origType: type,
    tif: (timeInForce ?? 'GTC') as FuturesBookOrder['tif'],
    limit,
    status: 'NEW',
    filled: 0n,
    createdMs: at.clock(),
  };
}

/** A conditional order as it was asked for. @throws ExchangeRefusal */
export function readAlgo(asked: Asked, at: At): AlgoBookOrder {
  const { type = '', algoType, clientAlgoId: id, triggerPrice, price, callbackRate, activatePrice } = asked;
  if (algoType !== 'CONDITIONAL' || !CONDITIONAL.includes(type)) throw missing();
  const trails = type === 'TRAILING_STOP_MARKET';
  const needsLimit = !type.endsWith('_MARKET');
  if (trails !== (callbackRate !== undefined) || needsLimit !== (price !== undefined)) throw missing();
  if (!trails && triggerPrice === undefined) throw missing();
  const tenths = trails ? Number(callbackRate) * 10 : 0;
  if (trails && (!Number.isInteger(tenths) || tenths < 1 || tenths > 100)) {
    throw new ExchangeRefusal(-2007, 'Invalid callBack rate.');
  }
  return {
    ...readBase(asked, at, id),
    id: at.id,
    clientAlgoId: id ?? `algo-${at.id}`,
    type,
    tif: 'GTC',
    trigger: triggerPrice === undefined ? null : onTick(triggerPrice),
    limit: price === undefined ? null : onTick(price),
    trail: trails
      ? { tenths: BigInt(tenths), from: activatePrice === undefined ? null : onTick(activatePrice), best: null }
      : null,
    status: 'NEW',
    actual: null,
    createdMs: at.clock(),
  };
}

function readBase({ symbol = '', side, quantity = '', reduceOnly }: Asked, { prices }: At, id: string | undefined) {
  if (!prices.has(symbol)) throw new ExchangeRefusal(-1121, 'Invalid symbol.');
  if (side !== 'BUY' && side !== 'SELL') throw new ExchangeRefusal(-1117, 'Invalid side.');
  if (id !== undefined && !/^[.A-Z:/a-z0-9_-]{1,36}$/.test(id)) {
    throw new ExchangeRefusal(-4015, 'Client order id is not valid.');
  }
  const units = amountUnits(quantity) ?? 0n;
  if (units < LOT) throw new ExchangeRefusal(-4003, 'Quantity less than or equal to zero.');
  if (units % LOT !== 0n) throw new ExchangeRefusal(-1111, 'Precision is over the maximum defined for this asset.');
  return { symbol, side, quantity: units, reduceOnly: reduceOnly === 'true' } as const;
}

function onTick(text: string): bigint {
  const price = amountUnits(text) ?? 0n;
  if (price <= 0n) throw new ExchangeRefusal(-4001, 'Price less than 0.');
  if (price % TICK !== 0n) throw new ExchangeRefusal(-4014, 'Price not increased by tick size.');
  return price;
}
