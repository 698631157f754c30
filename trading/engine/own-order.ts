import type { ExecutionRule } from '../../models/experiment/execution/execution-schema.ts';
import type { OrderUpdate } from '../effect.ts';
import type { NextOrder } from '../execution/slicing/parent-order.ts';
import { refused, type ApprovedBefore, type ApprovedOrder, type RefusedOrder } from '../orders/approved-order.ts';
import type { OrderOwner } from '../orders/order-owner.ts';
import {
  faultNumber,
  requestAfterSplit,
  requestFault,
  requestTerms,
  type AmendOrder,
  type PlaceOrder,
} from '../orders/order-request.ts';
import { ORDER_ROLES, type OrderTerms } from '../orders/order-terms.ts';
import { signalOrder } from '../orders/signal-order.ts';
import { isBounded } from '../orders/traded-hours.ts';
import type { OwnOrder } from '../risk/asked-order.ts';
import type { Reserved } from '../risk/reservations.ts';
import type { EngineParts } from './engine-parts.ts';

/** An order of a strategy's own: working, or waiting for the one that triggers it (`order` is null). */
export interface Own {
  request: PlaceOrder;
  order: ApprovedOrder | null;
  /** What it was before changes of which the venue has not said what became. */
  before?: BeforeChange | null;
  /** Price of its last execution; NaN before the first. */
  executedAt: number;
  /** Number of the parent that executes it in parts; absent where it is one order. */
  parent?: number;
}

/** Exit of a round trip that an order of the strategy's own closed: its position in `ORDER_ROLES` plus one. */
export const OWN_ORDER = ORDER_ROLES.indexOf('order') + 1;

/** What makes an order: units of null are its own size, a reference of null is the close. */
export interface Asked {
  readonly request: PlaceOrder;
  readonly units: number | null;
  /** The price that a trailing stop starts from, and that an order without a price is valued at. */
  readonly reference: number | null;
}

/** It waits for the order that triggers it. */
export function waits({ order, parent }: Own): boolean {
  return order === null && parent === undefined;
}

/** Which exit a fill of it is: 0 for what a signal led to, else the position of its role in `ORDER_ROLES` plus one. */
export function ownExit(own: Own | undefined): number {
  return own?.request.signal === true ? 0 : OWN_ORDER;
}

/** Own orders of a symbol that may work at a time: a strategy that never cancels must not fill the memory. */
const ORDERS_MAX = 1_000;

/** Why a request is not placed beside the orders that are there, as it stands; null where it may be. */
export function placeFault(
  own: ReadonlyMap<string, Own>,
  request: PlaceOrder,
  isConverted: boolean,
): RefusedOrder | null {
  const fault = requestFault(request, isConverted) || labelFault(own, request);
  if (fault > 0) return refused('order-request', fault);
  const isFull = ownersCount(own, request.owner) >= ORDERS_MAX;
  return isFull ? refused('open-orders', ORDERS_MAX + 1, ORDERS_MAX) : null;
}

/** What an opening is judged by beside risk. */
interface Opening {
  /** Why nothing may open in a symbol for what is known of the venue, or null. */
  readonly openingBlock: (symbol: number) => RefusedOrder | null;
  readonly maxAgeBars: number;
}

/** Why nothing may be placed in a symbol by itself at that moment, whatever risk says of it; null where it may be. */
export function placeBlock(
  { lanes, risk }: Pick<EngineParts, 'lanes' | 'risk'>,
  { openingBlock, maxAgeBars }: Opening,
  { symbol, lateBars, opensNothing }: { symbol: number; lateBars: number; opensNothing: boolean },
): RefusedOrder | null {
  if (risk.state.isStopped) return refused('emergency-stop');
  if (risk.state.flattens) return refused('flattening');
  const { working } = lanes[symbol]!;
  if (working !== 0) return refused('order-working', working);
  if (opensNothing) return null;
  const blocked = openingBlock(symbol);
  if (blocked !== null) return blocked;
  return lateBars > maxAgeBars ? refused('stale', lateBars, maxAgeBars) : null;
}

/** Orders that work or wait of one of several strategies, or of the only one. */
function ownersCount(own: ReadonlyMap<string, Own>, owner: OrderOwner | undefined): number {
  if (owner === undefined) return own.size;
  return [...own.values()].filter(({ request }) => request.owner?.number === owner.number).length;
}

/** What waits for the order of `label` waits in vain. */
export function dropWaitingFor(own: Map<string, Own>, label: string): void {
  for (const [name, one] of [...own]) {
    if (!waits(one) || one.request.after !== label) continue;
    own.delete(name);
    dropWaitingFor(own, name);
  }
}

/** Exits of more than their strategies still hold, each with what is left: the newest, until the others fit. */
export function tooManyExits(
  own: ReadonlyMap<string, Own>,
  { risk: { reservations }, portfolio }: Pick<EngineParts, 'risk' | 'portfolio'>,
): { readonly sequence: number; readonly why: RefusedOrder }[] {
  const found: { sequence: number; why: RefusedOrder; reserved: Reserved }[] = [];
  for (const { order, request } of [...own.values()].reverse()) {
    const { owner } = request;
    const exit = order === null ? 0 : (reservations.of(order.sequence)?.own?.exit ?? 0);
    if (order === null || owner === undefined || exit === 0) continue;
    const { symbol, sequence, direction } = order;
    const left = Math.max(0, -direction * portfolio.heldBy(owner, symbol));
    if (reservations.exitUnits({ symbol, group: 0, owner: owner.number }) <= left * (1 + ROUNDING)) continue;
    found.push({ sequence, why: refused('nothing-to-reduce', exit, left), reserved: reservations.take(sequence)! });
  }
  // Until the venue says that they have ended they may be filled.
  for (const { sequence, reserved } of found) reservations.add(sequence, reserved);
  return found;
}

/** Share of a position by which a sum of its exits may miss it. */
const ROUNDING = 1e-9;

/** The same request after a change: what that does not name stays. */
export function changedRequest(request: PlaceOrder, change: AmendOrder): PlaceOrder {
  const { units, limit = request.limit, stop = request.stop } = change;
  return {
    ...request,
    ...(limit === undefined ? {} : { limit }),
    ...(stop === undefined ? {} : { stop }),
    ...(units === undefined ? {} : { size: { units } }),
  };
}

/** The name of an order is taken, or none works by it. */
export const LABEL_FAULT = faultNumber('a label of an order that works is taken, or the order named does not work');

/** An order that is executed in parts cannot be changed. */
export const PARTS_FAULT = faultNumber('what is executed in parts is cancelled and placed anew, not changed');

/** What is wrong with the names of a request beside those that are there: as `requestFault` says it. */
function labelFault(own: ReadonlyMap<string, Own>, { label, after }: PlaceOrder): number {
  if (own.has(label)) return LABEL_FAULT;
  if (after === undefined || own.has(after)) return 0;
  return faultNumber('the order named in `after` neither works nor comes before in the list');
}

/**
 * The exits that are placed once the order of `label` is filled, where they are all that waits for it, close all of it,
 * and the first that is filled ends the others; else none.
 */
export function waitingExits(own: ReadonlyMap<string, Own>, label: string): OrderTerms[] {
  const entry = own.get(label)?.request;
  const waiting = [...own.values()].filter((one) => waits(one) && one.request.after === label);
  const exits = waiting.map(({ request }) => request);
  const close = exits.every(
    ({ side, size, reduceOnly, execution }) =>
      side !== entry?.side && size === 'position' && reduceOnly === true && execution === undefined,
  );
  const together =
    exits.length === 1 || exits.every((exit) => exit.group !== undefined && exit.group === exits[0]!.group);
  if (!close || !together) return [];
  return exits.map((exit) => requestTerms(exit, 0, exit.group === undefined ? 0 : 1));
}

/** An order of a strategy's own as risk looks at it. */
export function askedOrder(
  { lanes, portfolio }: Pick<EngineParts, 'lanes' | 'portfolio'>,
  { symbol, timeMs }: { readonly symbol: number; readonly timeMs: number },
  { request, reference: from, units: given }: Asked,
  group: number,
): OwnOrder {
  const { series } = lanes[symbol]!;
  const reference = from ?? series.bars.close[series.last]!;
  const price = Math.max(reference, request.limit ?? 0, request.stop ?? 0);
  const units = given ?? unitsOf(request, price, booksOf(request, portfolio, symbol));
  const terms = requestTerms(request, reference, group);
  return { timeMs, symbol, direction: request.side === 'buy' ? 1 : -1, units, price, terms };
}

/** How an order is executed over time: as it asks, or outside regular hours within their bound; null for at once. */
export function executionRuleOf(
  { boundedAt }: Pick<EngineParts, 'boundedAt'>,
  { type, tif = 'gtc', group, signal, execution }: PlaceOrder,
  timeMs: number,
): ExecutionRule | null {
  const isPlain = type === 'market' && tif === 'gtc' && group === undefined;
  const bounded = boundedAt !== null && isPlain ? boundedAt(timeMs) : null;
  if (execution === undefined) return bounded;
  // What takes any price cannot go on there: a signal's order asks for the bound, as that of an only strategy does.
  return signal === true && bounded !== null && !isBounded(execution) ? bounded : execution;
}

/** What a size is counted from: of an account that several strategies share, the part of its own. */
function booksOf(
  { owner }: PlaceOrder,
  { shares, quantity, equity }: EngineParts['portfolio'],
  symbol: number,
): { readonly held: number; readonly equity: number } {
  if (owner === undefined || shares === null) return { held: quantity[symbol]!, equity };
  const part = shares.partOf(owner);
  return { held: part.quantity[symbol]!, equity: part.marked };
}

function unitsOf({ size }: PlaceOrder, price: number, books: ReturnType<typeof booksOf>): number {
  if (size === 'position') return Math.abs(books.held);
  if ('units' in size) return size.units;
  const money = 'notional' in size ? size.notional : size.equityShare * books.equity;
  // A quotient that falls short of a whole number of lots by its rounding alone is that number.
  return (money / price) * (1 + Number.EPSILON);
}

/** What an order goes back to where the venue does not take a change. */
interface BeforeChange {
  readonly request: PlaceOrder;
  readonly order: ApprovedOrder;
  /** Units ordered and executed, without a sign. */
  readonly ordered: number;
  readonly filled: number;
  readonly reserved: Reserved | null;
}

/** An order as it is, to be restored where a change of it is refused. */
function beforeChange(
  { request, order }: { readonly request: PlaceOrder; readonly order: ApprovedOrder },
  { orders, risk }: Pick<EngineParts, 'orders' | 'risk'>,
): BeforeChange {
  const { sequence } = order;
  const [ordered, filled] = [orders.orderedOf(sequence), orders.filledOf(sequence)];
  return { request, order, ordered, filled, reserved: risk.reservations.of(sequence) };
}

/** What is asked of a working order, as it would be after it. */
interface AskedChange {
  readonly change: AmendOrder;
  readonly changed: PlaceOrder;
  readonly at: { readonly symbol: number; readonly timeMs: number };
}

/** Changes a working order where risk lets it; returns why it does not. */
export function amendOwn(
  own: Own,
  order: ApprovedOrder,
  { change, changed, at }: AskedChange,
  parts: Pick<EngineParts, 'orders' | 'risk' | 'emit' | 'lanes' | 'portfolio'>,
): RefusedOrder | null {
  const { orders, risk, emit } = parts;
  const { request } = own;
  const { sequence } = order;
  const left = orders.orderedOf(sequence) - orders.filledOf(sequence);
  const { group, price: start } = order.terms!;
  const wanted = { request: changed, units: change.units ?? left, reference: null };
  const { terms, ...rest } = askedOrder(parts, at, wanted, group);
  const keeps = request.type === 'trailing' && change.stop === undefined;
  const asked = { ...rest, terms: keeps ? { ...terms, price: start } : terms };
  const before = beforeChange({ request, order }, parts);
  const decided = risk.assessOrder(asked, order);
  if (decided.kind === 'refused') return decided;
  orders.apply(sequence, 'PENDING_UPDATE');
  own.before ??= before;
  own.request = changed;
  own.order = decided;
  emit({ kind: 'amend', ...at, sequence, order: decided });
  return null;
}

/** The venue has said what became of the changes of an order: they are in force, or it is what it was before them. */
export function settleChange(
  own: Own | undefined,
  { sequence, code }: Pick<OrderUpdate, 'sequence' | 'code'>,
  { orders, risk }: Pick<EngineParts, 'orders' | 'risk'>,
): void {
  const before = own?.before ?? null;
  if (own === undefined || before === null) return;
  own.before = null;
  if (code !== 'amend-refused') return;
  own.request = before.request;
  own.order = before.order;
  const filled = orders.filledOf(sequence);
  orders.amend(sequence, before.ordered - filled);
  risk.reservations.reinstate(sequence, before.reserved, filled - before.filled);
}

/** What it was before its session was saved. */
export function ownBefore(own: Own, approved: ApprovedBefore): Own {
  const { order, before } = own;
  const was = before === undefined || before === null ? null : { ...before, order: approved(before.order) };
  return { ...own, order: order === null ? null : approved(order), ...(before === undefined ? {} : { before: was }) };
}

/** Records an approved order with its terms and, where it has any, its conditions. */
export function emitOrder({ emit }: Pick<EngineParts, 'emit'>, order: ApprovedOrder): void {
  const { timeMs, symbol, sequence } = order;
  const { conditions } = order.terms!;
  emit(order);
  emit({ kind: 'terms', timeMs, symbol, sequence, ...order.terms! });
  if (conditions !== null) emit({ kind: 'conditions', timeMs, symbol, sequence, ...conditions });
}

/** A split restates an order that works or waits. */
export function splitOwn(own: Own, ratio: number, { orders, risk }: Pick<EngineParts, 'orders' | 'risk'>): void {
  own.request = requestAfterSplit(own.request, ratio);
  own.executedAt /= ratio;
  if (own.order === null) return;
  orders.restate(own.order.sequence, ratio);
  own.order = risk.afterSplit(own.order, ratio);
}

/** The same request, executed at once. */
export function atOnce({ execution: _, ...request }: PlaceOrder): PlaceOrder {
  return request;
}

/** What a signal of `owner` wanted when the order of before was ended for it; null where that is there. */
export function followingRequest(
  owner: OrderOwner,
  { symbol, targetUnits, label, execution }: NextOrder,
  { portfolio }: Pick<EngineParts, 'portfolio'>,
): PlaceOrder | null {
  const held = portfolio.heldBy(owner, symbol);
  return signalOrder(owner, label!, { held, target: targetUnits, rules: execution, lots: portfolio.lots[symbol]! });
}

/** All that `owner` holds of a symbol is to be closed at the next price. */
export function closingRequest(
  owner: OrderOwner,
  symbol: number,
  { portfolio, orders }: Pick<EngineParts, 'portfolio' | 'orders'>,
): PlaceOrder {
  const side = portfolio.heldBy(owner, symbol) > 0 ? 'sell' : 'buy';
  const label = `${owner.number}/lost/${orders.count}`;
  return { do: 'place', label, side, size: 'position', type: 'market', owner, signal: true };
}
