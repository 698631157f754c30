import { amountText, amountUnits } from '../../../brokers/binance/asset-amount.ts';
import type { Effect } from '../../../effect.ts';
import { clientOrderIds } from '../../../orders/client-order-id.ts';
import { FINAL_STATES } from '../../../orders/order-state.ts';
import { NEW_YORK_HOURS } from '../stand-in-market.ts';
import { amountOf, isArmed } from '../stand-in-order.ts';
import type { StandInVenue } from '../stand-in-venue.ts';

/** What the venue's books and the session's effects say of a week, in exact decimals. */
export interface WeekBooks {
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
  readonly theirPositions: Readonly<Record<string, string>>;
  readonly ourPositions: Readonly<Record<string, string>>;
  readonly theirCash: string;
  readonly ourCash: string;
  /** Orders that were placed there, and client ids that two of them have. */
  readonly orders: number;
  readonly twice: number;
  /** Executions, and orders for the next price that came, while nothing is traded. */
  readonly outsideHours: number;
  /** Orders that work on one side alone. */
  readonly lost: readonly string[];
  /** Requests for an order of nothing. */
  readonly empty: number;
  /** Symbols with a position that no resting sale protects. */
  readonly bare: readonly string[];
  /** Shares that the split found in the books. */
  readonly heldThroughSplit: number;
  /** Orders that were changed because the venue had not restated them. */
  readonly restated: number;
  readonly halts: readonly string[];
  readonly notes: readonly string[];
}

interface WeekSession {
  readonly symbols: readonly string[];
  readonly effects: readonly Effect[];
  readonly notes: readonly string[];
}

/** Reads both sides' books at the end of a week. */
export function weekBooks({ books, seen }: StandInVenue, { symbols, effects, notes }: WeekSession): WeekBooks {
  const orders = books.orders.filter(({ replaces }) => replaces === null);
  const atNextPrice = seen.filter(({ method, body }) => method === 'POST' && body.type === 'market');
  const posted = new Set(
    seen.filter(({ method }) => method === 'POST').map(({ body }) => String(body.client_order_id)),
  );
  // What waits for its entry neither works nor protects: it hangs on that.
  const works = (symbol?: string) => books.open(symbol).filter(isArmed);
  const ours = booked(effects, symbols.length, posted);
  const sent = seen.filter(({ method, body }) => (method === 'POST' || method === 'PATCH') && body.qty !== undefined);
  return {
    theirs: books.executions.map(({ id }) => id).sort(),
    ours: ours.executions.sort(),
    theirPositions: Object.fromEntries(symbols.map((symbol) => [symbol, amountOf(books.held(symbol))])),
    ourPositions: Object.fromEntries(symbols.map((symbol, index) => [symbol, amountText(ours.held[index]!)])),
    theirCash: Number(amountOf(books.cash)).toFixed(6),
    ourCash: Number(amountText(amountUnits('100000')! + ours.cash)).toFixed(6),
    orders: orders.length,
    twice: orders.length - new Set(orders.map(({ clientOrderId }) => clientOrderId)).size,
    outsideHours:
      books.executions.filter(({ timeMs }) => !NEW_YORK_HOURS.isOpen(timeMs)).length +
      atNextPrice.filter(({ atMs }) => !NEW_YORK_HOURS.isOpen(atMs)).length,
    lost: openOnOneSide(works().length, ours.open),
    empty: sent.filter(({ body }) => !(Number(body.qty) > 0)).length,
    bare: symbols.filter((symbol) => {
      const stops = works(symbol).filter(({ side, type }) => side === 'sell' && type === 'stop');
      return stops.reduce((sum, { qty, filled }) => sum + qty - filled, 0n) !== books.held(symbol);
    }),
    heldThroughSplit: ours.heldThroughSplit,
    restated: notes.filter((note) => note.includes('on other terms than were decided')).length,
    halts: effects.flatMap((effect) => (effect.kind === 'state' ? [`${effect.cause} ${effect.state}`] : [])),
    notes,
  };
}

function openOnOneSide(theirs: number, ours: readonly number[]): string[] {
  return theirs === ours.length ? [] : [`${theirs} work there, ${ours.length} here: ${ours.join(' ')}`];
}

/** The nearest whole of 1e-8. */
const units = (value: number): bigint => BigInt(Math.round(value * 1e8));

/** Positions and cash by what was booked, and the orders that have not ended. */
function booked(effects: readonly Effect[], symbols: number, posted: ReadonlySet<string>) {
  const nameOf = clientOrderIds('kept');
  const held = Array.from({ length: symbols }, () => 0n);
  const open = new Set<number>();
  const executions: string[] = [];
  let [cash, heldThroughSplit] = [0n, 0];
  for (const effect of effects) {
    if (effect.kind === 'fill') {
      held[effect.symbol]! += units(effect.quantity);
      cash -= units(effect.quantity * effect.price + effect.fee);
      executions.push(effect.executionId!);
      if (effect.final) open.delete(effect.sequence);
    } else if (effect.kind === 'action') {
      heldThroughSplit += Number(held[effect.symbol]! / 100_000_000n);
      held[effect.symbol] = units(effect.quantity);
      cash += units(effect.cash);
    } else if (effect.kind === 'order') {
      // One for the next price waits here until the market opens.
      if (effect.terms !== null || posted.has(nameOf(effect.sequence))) open.add(effect.sequence);
    } else if (effect.kind === 'order-update' && FINAL_STATES.includes(effect.state)) open.delete(effect.sequence);
  }
  return { held, cash, executions, open: [...open], heldThroughSplit };
}
