import { placeOf, type ParityBooks, type ParityMarket, type ParityOrder } from './parity-books.ts';

/**
 * How an order of the session differs from that of the backtest: filled at another price in the same bar, in another
 * bar, for less of it, not at all, beyond it or without it, or charged otherwise.
 */
export const DIFFERENCES = ['price', 'timing', 'partial', 'missed', 'extra', 'fee'] as const;
export type DifferenceClass = (typeof DIFFERENCES)[number];

/** One difference of one order. */
export interface ParityDifference {
  readonly class: DifferenceClass;
  readonly symbol: string;
  readonly time: string;
  readonly side: 'buy' | 'sell';
  /** `signal`, or what the order protects. */
  readonly order: string;
  /** Numbers of the order in session and backtest; null where there is none. */
  readonly sequence: number | null;
  readonly backtestSequence: number | null;
  /** What the difference is of: units without a sign. */
  readonly quantity: number;
  /** Mean price of its executions; null without one. */
  readonly price: number | null;
  readonly backtestPrice: number | null;
  /** Why the session's did not trade, where that is on record. */
  readonly reason: string | null;
  /** What the session has less for it at the last close, in currency; below 0 where it has more. */
  readonly cost: number;
}

/** An order of both, or of one of them. */
export interface OrderPair {
  readonly session: ParityOrder | null;
  readonly backtest: ParityOrder | null;
}

/** Orders of the same symbol, side, purpose and bar are the same decision; several of them in their order. */
function pairOrders(session: readonly ParityOrder[], backtest: readonly ParityOrder[]): OrderPair[] {
  const keyOf = ({ symbol, side, role, bar }: ParityOrder): string => `${symbol} ${side} ${role} ${bar}`;
  const waiting = new Map<string, ParityOrder[]>();
  // What is of no order of the session is of no decision.
  const foreign: ParityOrder[] = [];
  for (const order of session) {
    const list = waiting.get(keyOf(order));
    if (order.sequence === 0) foreign.push(order);
    else if (list === undefined) waiting.set(keyOf(order), [order]);
    else list.push(order);
  }
  const pairs: OrderPair[] = backtest.map((order) => ({
    backtest: order,
    session: waiting.get(keyOf(order))?.shift() ?? null,
  }));
  for (const list of [...waiting.values(), foreign])
    for (const order of list) pairs.push({ session: order, backtest: null });
  const timeOf = ({ session: one, backtest: other }: OrderPair): number => (one ?? other)!.timeMs;
  return pairs.sort((a, b) => timeOf(a) - timeOf(b));
}

/** Units executed, their mean price, and what was charged. */
interface Executed {
  readonly units: number;
  readonly price: number;
  readonly fee: number;
  /** Bars that had closed at the first execution. */
  readonly bar: number;
}

export function executedOf(order: ParityOrder | null): Executed {
  const fills = order?.fills ?? [];
  const quantity = fills.reduce((sum, fill) => sum + fill.quantity, 0);
  const value = fills.reduce((sum, fill) => sum + fill.quantity * fill.price, 0);
  const fee = fills.reduce((sum, fill) => sum + fill.fee, order?.charged ?? 0);
  return { units: Math.abs(quantity), price: quantity === 0 ? NaN : value / quantity, fee, bar: fills[0]?.bar ?? NaN };
}

/** Below this an amount is rounding. */
const NOTHING = 1e-9;

/**
 * Every difference between the orders of a session and those of its backtest. With what the positions are worth at the
 * last close, costs add up to the equity that the session has less, but for dividends and what holding cost.
 */
export function compareBooks(
  session: ParityBooks,
  backtest: ParityBooks,
  { market, symbols }: { readonly market: ParityMarket; readonly symbols: readonly string[] },
): { readonly pairs: readonly OrderPair[]; readonly differences: readonly ParityDifference[] } {
  const pairs = pairOrders(session.orders, backtest.orders);
  const differences = pairs.flatMap((pair) => {
    const { symbol, side, role, timeMs } = (pair.session ?? pair.backtest)!;
    const [found, expected] = [executedOf(pair.session), executedOf(pair.backtest)];
    const mark = market.close[symbol]!.at(-1) ?? 0;
    const described = {
      symbol: symbols[symbol]!,
      time: new Date(timeMs).toISOString(),
      side: side > 0 ? ('buy' as const) : ('sell' as const),
      order: role ?? 'signal',
      sequence: pair.session?.sequence ?? null,
      backtestSequence: pair.backtest?.sequence ?? null,
    };
    return differencesOf(pair, { found, expected, mark, side }).map(({ class: kind, quantity, cost }) => ({
      class: kind,
      ...described,
      quantity,
      price: Number.isNaN(found.price) ? null : found.price,
      backtestPrice: Number.isNaN(expected.price) ? null : expected.price,
      reason: kind === 'missed' || kind === 'partial' ? reasonOf(pair, session) : null,
      cost,
    }));
  });
  return { pairs, differences };
}

function reasonOf({ session, backtest }: OrderPair, { refusals }: ParityBooks): string | null {
  return session?.ended ?? refusals.get(placeOf((session ?? backtest)!)) ?? null;
}

/** @param at.mark what a unit is worth at the last close */
function differencesOf(
  { session, backtest }: OrderPair,
  at: { readonly found: Executed; readonly expected: Executed; readonly mark: number; readonly side: 1 | -1 },
): Pick<ParityDifference, 'class' | 'quantity' | 'cost'>[] {
  const { found, expected, mark, side } = at;
  const of = (part: number, whole: Executed): number => (whole.units === 0 ? 0 : (whole.fee * part) / whole.units);
  const both = Math.min(found.units, expected.units);
  const less = expected.units - found.units;
  const all: (Pick<ParityDifference, 'class' | 'quantity' | 'cost'> & { readonly stays?: boolean })[] = [];
  if (both > 0) {
    const isLate = found.bar !== expected.bar;
    const cost = side * both * (found.price - expected.price);
    all.push({ class: isLate ? 'timing' : 'price', quantity: both, cost, stays: isLate });
    all.push({ class: 'fee', quantity: both, cost: of(both, found) - of(both, expected) });
  }
  if (less > NOTHING) {
    const gain = side * less * (mark - expected.price) - of(less, expected);
    all.push({ class: both > 0 ? 'partial' : 'missed', quantity: less, cost: gain, stays: true });
  } else if (less < -NOTHING) {
    const gain = side * -less * (mark - found.price) - of(-less, found);
    all.push({ class: 'extra', quantity: -less, cost: -gain, stays: true });
  } else if (both === 0 && found.fee === 0 && (session === null || backtest === null)) {
    // Neither traded: there is an order where none was, or none where one was.
    all.push({ class: session === null ? 'missed' : 'extra', quantity: 0, cost: 0, stays: true });
  }
  // Charged though nothing of it was executed, or for no order that is known.
  if (found.units === 0) all.push({ class: 'fee', quantity: 0, cost: found.fee });
  return all
    .filter(({ cost, stays }) => stays === true || Math.abs(cost) > NOTHING)
    .map(({ class: kind, quantity, cost }) => ({ class: kind, quantity, cost }));
}
