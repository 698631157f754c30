import { MINUTE_MS } from '../../../features/timeframe.ts';
import type { RefusalCode } from '../../refusal.ts';
import { unplaced, type ChildManner, type ChildOrder, type ParentOrder } from './parent-order.ts';
import { endMs, unitsDue } from './slice-schedule.ts';

/** What is known at the moment at which a parent is looked at. */
export interface Moment {
  readonly timeMs: number;
  /** The near side of a fresh quote, the bid for a purchase; else the last price. */
  readonly price: number;
  /** Distance of two prices of the instrument. */
  readonly tick: number;
  /** Rounds units down to the lot. */
  readonly floor: (units: number) => number;
  /** A stop protects what is held: an order that rests on the other side would keep it from the venue. */
  readonly guarded: boolean;
}

/** What a parent does next. A limit of 0 takes the next price. */
export type Move =
  | { readonly do: 'send'; readonly units: number; readonly limit: number; readonly how: ChildManner }
  /** The child ends first; then, with a reason, what is left is given up. */
  | { readonly do: 'cancel'; readonly ending: RefusalCode | null }
  /** Nothing is left, or what is left is given up for a reason. */
  | { readonly do: 'end'; readonly why: RefusalCode | null }
  | { readonly do: 'wait' };

const WAIT: Move = Object.freeze({ do: 'wait' });
const CANCEL: Move = Object.freeze({ do: 'cancel', ending: null });

/** Children that the venue refuses in a row, for other reasons than that they would take, before a parent gives up. */
const REJECTIONS_MAX = 3;

/** The worse of two prices lies above for a purchase and below for a sale. */
function isWorse(direction: 1 | -1, price: number, than: number): boolean {
  return direction > 0 ? price > than : price < than;
}

/** The child ends first, and what is left is given up. */
function giveUp(parent: ParentOrder, why: RefusalCode): Move {
  return parent.child === null ? { do: 'end', why } : { do: 'cancel', ending: why };
}

function cancelOnce({ cancelling }: ChildOrder): Move {
  return cancelling ? WAIT : CANCEL;
}

/**
 * What `parent` does at `moment`: a function of both alone. One child works at most, and the next is sent once the end
 * of the one before is proven, so that no more than the parent's units are ever out.
 */
export function nextMove(parent: ParentOrder, moment: Moment): Move {
  const { child, ending, units, filled } = parent;
  if (ending !== null) return child === null ? { do: 'end', why: ending } : cancelOnce(child);
  if (!(moment.floor(units - filled) > 0)) return child === null ? { do: 'end', why: null } : cancelOnce(child);
  if (child?.cancelling === true) return WAIT;
  if (parent.rejected >= REJECTIONS_MAX) return giveUp(parent, 'execution-refused');
  const { kind } = parent.rule;
  if (kind === 'chase') return chase(parent, moment);
  return kind === 'maker' ? make(parent, moment) : slice(parent, moment);
}

/** TWAP, VWAP and participation: what is due by now, and neither executed nor out, is sent. */
function slice(parent: ParentOrder, moment: Moment): Move {
  const { child, filled, bound } = parent;
  const { timeMs, floor } = moment;
  const isOver = timeMs >= endMs(parent);
  const limit = bound ?? 0;
  const due = floor(unitsDue(parent, timeMs)) - filled;
  if (isOver && parent.rule.kind === 'participation') return giveUp(parent, 'execution-time');
  if (child !== null) {
    // What takes any price is on its way; what rests at the bound gives way to a larger one.
    if (limit === 0) return WAIT;
    if (isOver) return giveUp(parent, 'execution-bound');
    return floor(due - (child.units - child.filled)) > 0 ? CANCEL : WAIT;
  }
  // Tried when all was due already: nothing more will come of it.
  if (isOver && parent.triedMs >= endMs(parent)) {
    return giveUp(parent, parent.refusal ?? (limit === 0 ? 'execution-time' : 'execution-bound'));
  }
  const send = floor(Math.min(due, unplaced(parent)));
  return send > 0 ? { do: 'send', units: send, limit, how: 'take' } : WAIT;
}

/** The near side of the market, at the bound where it has gone beyond. */
function within({ direction, bound }: ParentOrder, price: number): number {
  return bound !== null && isWorse(direction, price, bound) ? bound : price;
}

/** A limit at the market that follows it away, up to the bound. */
function chase(parent: ParentOrder, moment: Moment): Move {
  const { child, direction, bound } = parent;
  const { price, timeMs } = moment;
  if (timeMs >= endMs(parent)) return giveUp(parent, 'execution-time');
  if (isWorse(direction, price, bound!)) return giveUp(parent, 'execution-bound');
  if (moment.guarded && parent.filled > 0) return take(parent, moment);
  if (child === null) return sendAll(parent, moment, price, 'rest');
  return isWorse(direction, price, child.limit + direction * moment.tick * 0.5) ? CANCEL : WAIT;
}

function sendAll(parent: ParentOrder, { floor }: Moment, limit: number, how: ChildManner): Move {
  const units = floor(unplaced(parent));
  return units > 0 ? { do: 'send', units, limit, how } : WAIT;
}

/** What is left takes what is there, up to the bound; a child that only rests gives way. */
function take(parent: ParentOrder, moment: Moment): Move {
  const { child, bound, direction } = parent;
  if (bound !== null && isWorse(direction, moment.price, bound)) return giveUp(parent, 'execution-bound');
  if (child === null) return sendAll(parent, moment, bound ?? 0, 'take');
  return child.how === 'take' ? WAIT : CANCEL;
}

/** The maker's time is over, or the price has run away from it. */
function isUrgent(parent: ParentOrder, { price, timeMs }: Moment): boolean {
  const { rule, direction, arrival, startMs } = parent;
  if (rule.kind !== 'maker') return false;
  if (timeMs >= startMs + rule.takerAfterMinutes * MINUTE_MS) return true;
  const beyond = rule.takerBeyondBps;
  return beyond !== undefined && isWorse(direction, price, arrival * (1 + (direction * beyond) / 10_000));
}

/** A post-only limit beside the market that follows it away; urgency makes it take. */
function make(parent: ParentOrder, moment: Moment): Move {
  const { rule, child, direction } = parent;
  const { price, tick } = moment;
  if (isUrgent(parent, moment) || (moment.guarded && parent.filled > 0)) return take(parent, moment);
  const offset = rule.kind === 'maker' ? rule.offsetBps / 10_000 : 0;
  // Each refusal for crossing the market moves it one tick further away.
  const beside = price * (1 - direction * offset) - direction * parent.crossed * tick;
  const limit = within(parent, beside);
  if (!(limit > 0)) return WAIT;
  if (child === null) return sendAll(parent, moment, limit, 'post');
  return isWorse(direction, limit, child.limit + direction * tick * 0.5) ? CANCEL : WAIT;
}
