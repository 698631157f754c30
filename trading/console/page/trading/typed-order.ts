import type { NewOrder } from '../service/shapes.ts';

/** An order as it stands in the form: numbers as they were typed. */
export interface Typed {
  readonly symbol: string | null;
  readonly side: NewOrder['side'];
  readonly quantity: string;
  readonly orderType: NewOrder['orderType'];
  readonly limitPrice: string;
  readonly stopPrice: string;
  readonly timeInForce: NonNullable<NewOrder['timeInForce']>;
  readonly reduceOnly: boolean;
}

export const TYPES = [
  { value: 'market', label: 'Market' },
  { value: 'limit', label: 'Limit' },
  { value: 'stop', label: 'Stop' },
  { value: 'stop-limit', label: 'Stop limit' },
] as const;

const TIMES = [
  { value: 'gtc', label: 'Until cancelled' },
  { value: 'day', label: 'The day' },
  { value: 'ioc', label: 'At once, the rest is cancelled' },
  { value: 'fok', label: 'At once and whole, or not' },
  { value: 'on-open', label: 'At the open' },
  { value: 'on-close', label: 'At the close' },
] as const;

const LASTING: readonly string[] = ['gtc', 'day'];

/** How long an order of a type may work: a market or limit order alone may be for one moment. */
export const timesOf = (type: NewOrder['orderType']) =>
  type === 'market' || type === 'limit' ? TIMES : TIMES.filter(({ value }) => LASTING.includes(value));

type Price = 'limitPrice' | 'stopPrice';
/** The prices that an order of each type has. */
export const PRICES: Readonly<Record<NewOrder['orderType'], readonly Price[]>> = {
  market: [],
  limit: ['limitPrice'],
  stop: ['stopPrice'],
  'stop-limit': ['stopPrice', 'limitPrice'],
};

/** A number as people type it, with a point or a comma for decimals; NaN for what is none. */
export function numberOf(text: string): number {
  const plain = text.trim().replace(',', '.');
  return /^\d*\.?\d+$|^\d+\.$/.test(plain) ? Number(plain) : NaN;
}

/** What is missing or wrong first; null where the order can be looked at. */
export function faultOf(typed: Typed): { readonly field: keyof Typed; readonly words: string } | null {
  if (typed.symbol === null) return { field: 'symbol', words: 'Choose a symbol' };
  for (const field of ['quantity', ...PRICES[typed.orderType]] as const) {
    if (!(numberOf(typed[field]) > 0)) return { field, words: 'A number above 0, such as 12.5' };
  }
  return null;
}

/** The order that is to be sent. Only what its type needs is in it. */
export function orderOf(typed: Typed, session: string): NewOrder {
  const { symbol, side, quantity, orderType, timeInForce, reduceOnly } = typed;
  const prices = Object.fromEntries(PRICES[orderType].map((price) => [price, numberOf(typed[price])]));
  return {
    session,
    symbol: symbol!,
    side,
    quantity: numberOf(quantity),
    orderType,
    ...prices,
    ...(timeInForce === 'gtc' ? {} : { timeInForce }),
    ...(reduceOnly ? { reduceOnly } : {}),
  };
}
