import type { Fill } from '../../effect.ts';
import { isOfSignal, reduces, type ParentOrder } from '../../execution/slicing/parent-order.ts';
import { OWN_ORDER } from '../own-order.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { OrderDesk } from '../order-desk.ts';
import type { Guard } from '../position-guard.ts';
import { SharedGuard } from '../shared-guard.ts';
import type { ParentDesk } from './parent-desk.ts';

/** Who hears of a fill that its order explains. */
export interface FillBookers {
  readonly guard: Guard | null;
  readonly desk: OrderDesk | null;
  readonly parents: ParentDesk | null;
  /** The order has ended. */
  readonly finish: (sequence: number, timeMs: number) => void;
}

/** Books a fill where there is protection, or orders besides those of signals: what it changes follows. */
export function bookFill(fill: Fill, parts: EngineParts, bookers: FillBookers): void {
  const { guard, desk, parents, finish } = bookers;
  if (guard instanceof SharedGuard) bookShared(fill, parts, bookers, guard);
  else if (guard !== null) bookGuarded(fill, parts, bookers, guard);
  else if (desk !== null) bookOwn(fill, parts, bookers, desk);
  else {
    parts.portfolio.book(fill, 0);
    parts.emit(fill);
    if (fill.final) finish(fill.sequence, fill.timeMs);
  }
  if (parents !== null) parents.onFill(fill);
}

function bookOwn(
  fill: Fill,
  { portfolio, emit }: EngineParts,
  { parents, finish }: FillBookers,
  desk: OrderDesk,
): void {
  const { symbol, sequence, quantity, final } = fill;
  const parent = parents?.of(sequence);
  const isPart = parent !== undefined && !isOfSignal(parent);
  portfolio.book(fill, desk.owns(sequence) ? desk.exitOf(symbol, sequence) : isPart ? OWN_ORDER : 0);
  emit(desk.owned(fill));
  if (parent !== undefined) desk.noteExecuted(parent, fill.price);
  if (desk.owns(sequence)) desk.onFill(fill, Math.abs(quantity), final);
  else if (final) finish(sequence, fill.timeMs);
}

/**
 * Where several strategies share the account, and are protected: the same as below, of the part that an order is of.
 * What nobody ordered may change the parts of all.
 */
function bookShared(
  fill: Fill,
  { portfolio, lanes, emit }: EngineParts,
  { desk, parents, finish }: FillBookers,
  guard: SharedGuard,
): void {
  const { symbol, sequence, quantity, timeMs, final } = fill;
  const owner = portfolio.shares!.ownerOf(sequence);
  portfolio.book(fill, guard.exitOf(symbol, sequence));
  emit(desk!.owned(fill));
  if (desk!.owns(sequence)) desk!.onFill(fill, Math.abs(quantity), final);
  else if (final) finish(sequence, timeMs);
  const { working, reducing } = lanes[symbol]!;
  // What an exit of all still has to sell is not offered a second time.
  if (owner === undefined) return working === 0 || !reducing ? guard.cover(symbol, timeMs) : undefined;
  const own = guard.of(owner);
  const entry = portfolio.shares!.partOf(owner).working[symbol]!;
  const leaves = guard.isLeaving(owner, symbol);
  if (own.has(symbol, sequence)) {
    // What is left of it protects what is left.
    own.restated(symbol);
    const isPlain = entry !== 0 && !leaves && parents?.of(entry) === undefined;
    if (isPlain) emit({ kind: 'cancel', timeMs, symbol, sequence: entry });
    if (final) own.take(symbol);
    if (parents !== null) endStopped(parents, fill, owner.number);
  } else if (!leaves) own.cover(symbol, timeMs);
}

/** A stop is filled: nothing is added any more, and once all of it is, nothing is left to close. */
function endStopped(parents: ParentDesk, { symbol, timeMs, final }: Fill, by?: number): void {
  const isOver = (parent: ParentOrder): boolean => parent.symbol === symbol && (final || !reduces(parent));
  parents.endAll(timeMs, 'execution-stopped', isOver, by);
}

/** A protective order that is filled ends its group by itself; any other fill changes what is to be protected. */
function bookGuarded(
  fill: Fill,
  { portfolio, lanes, emit }: EngineParts,
  { parents, finish }: FillBookers,
  guard: Guard,
): void {
  const { symbol, sequence, timeMs, final } = fill;
  portfolio.book(fill, guard.exitOf(symbol, sequence));
  emit(fill);
  if (final) finish(sequence, timeMs);
  const { working, reducing } = lanes[symbol]!;
  if (guard.has(symbol, sequence)) {
    // What is left of the entry would open again what has just been closed.
    if (working !== 0 && !reducing) emit({ kind: 'cancel', timeMs, symbol, sequence: working });
    if (final) guard.take(symbol);
    if (parents !== null) endStopped(parents, fill);
    return;
  }
  // What an exit still has to sell is not offered a second time.
  if (working === 0 || !reducing) guard.cover(symbol, timeMs);
}
