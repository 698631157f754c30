import type { BarColumns } from '../../features/bar.ts';
import type { BarView } from '../bar-view.ts';
import type { RefusedOrder } from '../orders/approved-order.ts';
import type { NextOrder, ParentOrder } from '../execution/slicing/parent-order.ts';
import type { OrderAction, PlaceOrder } from '../orders/order-request.ts';
import type { OrderOwner } from '../orders/order-owner.ts';
import type { SharedAccount, SubLedgers } from '../portfolio/sub-ledgers.ts';
import type { Json, Memory } from './memory.ts';
import type { Silence } from './own/silence.ts';

type Action = 'BUY' | 'SELL' | 'HOLD';

/** What a strategy concludes from a view: BUY targets long, SELL flat (or short), HOLD keeps the position. */
export interface Signal {
  readonly action: Action;
  /** Calibrated probability of up for a model, null for a rule. */
  readonly probability: number | null;
  /** 0 to 1; |2p - 1| for a model, 1 for a rule. */
  readonly confidence: number;
  /** Bars between the one the conclusion rests on and the newest: 0 is fresh. */
  readonly ageBars: number;
  /** Close of the bar that the conclusion rests on; absent where it is the newest. */
  readonly decidedAtMs?: number;
  readonly reason: string;
  /** The registered version that it is of, `name@version`: which model decided. Absent for rules. */
  readonly model?: string | null;
  /**
   * Share of the model's training rows that lie nearer to their centre than this row, 0 to 1; null where that is not
   * known.
   */
  readonly novelty?: number | null;
  /** Distance between the probabilities of the two members that lie furthest apart; null where that is not known. */
  readonly disagreement?: number | null;
  /** Days since the model behind it expired: above 0 the signal is refused. Rules have no model. */
  readonly expiredDays?: number;
  /** The model in charge does not fit the session and was not asked: refused, whatever it would have said. */
  readonly unfit?: boolean;
  /** From -1 to 1: the share of a full position that is wanted, short below 0. Absent: a full one, by the action. */
  readonly target?: number;
  /** There is no signal but a mistake of the strategy: refused, with its numbers. */
  readonly fault?: RefusedOrder;
}

/** An execution as strategies hear of it. `quantity` is signed. */
export interface HeardFill {
  readonly timeMs: number;
  readonly quantity: number;
  readonly price: number;
  readonly fee: number;
  /** The order is done with it. */
  readonly final: boolean;
  /** Number of the order within the session. */
  readonly sequence?: number;
}

/** An order of a strategy's own that works, or waits for the one that triggers it. */
export interface WorkingOrder {
  readonly request: PlaceOrder;
  /** Approved by risk, and executed so far, in units without a sign: 0 while it waits. */
  readonly units: number;
  readonly filled: number;
  readonly waiting: boolean;
  /** Of an order of a signal of one of several strategies: what executes it in parts. */
  readonly parent?: Readonly<ParentOrder>;
}

/** What a strategy that places orders knows of its symbol and its account at a close. */
export interface OrderBook {
  /** Signed units. */
  readonly position: number;
  /** Average price of the position, of no meaning where there is none. */
  readonly averagePrice: number;
  /**
   * Of the newest bar, as traded, as prices of orders and executions are. The view's own close is another once a split
   * or dividend has come: those are taken out of it. A price of the view times `close / view.close()` is one of orders.
   */
  readonly close: number;
  readonly cash: number;
  readonly equity: number;
  /** Of the event, and whole bars that had closed between the newest one and it. */
  readonly timeMs: number;
  readonly lateBars: number;
  /** In the order in which they were placed. */
  readonly working: readonly WorkingOrder[];
}

/** Of an account that several strategies share: what one of them says at a close, to be recorded. */
interface SaidSignal {
  readonly do: 'say';
  readonly owner: OrderOwner;
  readonly signal: Signal;
}

/** Of such an account: what one of them is not allowed. */
interface RefusedSignal {
  readonly do: 'refuse';
  readonly stage: 'signal' | 'risk';
  readonly refusal: RefusedOrder;
}

/**
 * Of such an account: what executes the order of this label in parts ends with what it has, and what a signal wants
 * then has its order once that is proven; null where nothing follows.
 */
interface ReplaceOrder {
  readonly do: 'replace';
  readonly label: string;
  readonly next: NextOrder | null;
}

export type StrategyAction = OrderAction | SaidSignal | RefusedSignal | ReplaceOrder;

/** One symbol's decision maker. It is asked once per closed bar, in order, and may keep state between calls. */
export interface SymbolStrategy {
  decide(view: BarView): Signal;
  /** Hears of executions of its symbol, before the next decision. */
  onFill?(fill: HeardFill): void;
  /**
   * The first bar at or after `row` at which it may say anything but the shared HOLD, Infinity for none. Only for one
   * whose answer at a bar does not depend on having been asked at the bars before: history then passes over the quiet
   * ones.
   */
  quietUntil?(row: number): number;
  /**
   * Another that says the same at each of these bars, the whole history of a session, and can tell how long it holds:
   * taken in place of this one, before it is asked. Null where there is none. Whoever offers it answers for it that no
   * bar's answer rests on a later one.
   */
  planned?(bars: BarColumns): SymbolStrategy | null;
  /**
   * Orders instead of signals: asked after `decide` at each close, for a strategy that places, changes and cancels them
   * by itself. Risk assesses each. Such a strategy says HOLD. A refusal is one of the answer itself.
   */
  orders?(view: BarView, book: OrderBook): readonly StrategyAction[] | RefusedOrder;
  /** What it remembers after a close, as JSON; absent where that cannot be told: history then has to be replayed. */
  save?(): Json;
  /** A target that it says again brings the position back to it; of others the same target again is nothing new. */
  readonly resizes?: boolean;
  /**
   * Takes up what one of the same parameters saved, whose views ended where the next one begins: from here on both say
   * the same. @throws TypeError for a state that does not fit.
   */
  restore?(state: Json): void;
}

/** A strategy with its parameters resolved; `forSymbol` starts a fresh one per symbol and session. */
export interface Strategy {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  forSymbol(symbol: string): SymbolStrategy;
  /** In place of `forSymbol` where symbols are decided on together: one decision maker per view, in that order. */
  forSession?(views: readonly BarView[]): StrategySession;
}

/** The decision makers of one session, of all its symbols. */
export interface StrategySession {
  readonly symbols: readonly SymbolStrategy[];
  /** One of them places orders by itself; where it is not said, one that has `orders` does. */
  readonly placesOrders?: boolean;
  /** Of strategies that share an account: told of it before its first bar, it makes the parts that belong to them. */
  begin?(account: SharedAccount): SubLedgers;
  /**
   * What all of them remember together, in place of what each symbol's saves; null where that cannot be told. `restore`
   * takes it up after `begin`, where the views ended.
   */
  save?(): Json | null;
  restore?(state: Json): void;
  /** Of those too: a bar of `symbol` has closed before the account begins; they see it, and nothing comes of it. */
  watch?(symbol: number, timeMs: number): void;
  /**
   * Goes on in place of another of the same strategies, whose parameters may differ, with all but what decides: the
   * parts with what they hold, what was asked for, and what else counts from one bar to the next. The other is done.
   */
  succeed?(other: StrategySession): void;
  /** Why a part of it decides nothing any more: history ends with that. Null while all is well. */
  failure?(): Error | null;
  /** Parts that did not answer in time, in the order in which they were found silent. */
  silences?(): readonly Silence[];
  /** What is on record of them, told before the first bar: those questions are not asked again. */
  expect?(known: readonly Silence[]): void;
  /** What it had to say of itself, for the reasons of the result. */
  notes?(): readonly string[];
  /** Lets go of what it holds of the machine. */
  end?(): void;
}

/** A decision maker that remembers. */
export interface Remembering extends Memory {
  decide(view: BarView): Signal;
  planned?(bars: BarColumns): SymbolStrategy | null;
  readonly onFill?: (fill: HeardFill) => void;
  readonly resizes?: boolean;
}

/** The one HOLD of rules without more to say: shared, so that a quiet bar allocates nothing. */
export const HOLD: Signal = Object.freeze({ action: 'HOLD', probability: null, confidence: 0, ageBars: 0, reason: '' });

/** A rule's signal: made once per strategy and shared, as its reason does not change from bar to bar. */
export function ruleSignal(action: 'BUY' | 'SELL', reason: string): Signal {
  return Object.freeze({ action, probability: null, confidence: 1, ageBars: 0, reason });
}

/** The side that a signal wants: 1 long, -1 short, 0 flat. SELL is short only with `longShort`. */
export function sideOf({ action, target }: Signal, longShort: boolean): number {
  const side = target === undefined ? (action === 'BUY' ? 1 : -1) : Math.sign(target);
  return side < 0 && !longShort ? 0 : side;
}
