import type { RiskLimits } from '../models/experiment/experiment.ts';
import type { ExecutionRule } from '../models/experiment/execution/execution-schema.ts';
import type { OrderState } from './orders/order-state.ts';
import type { RefusalCode, RefusalStage } from './refusal.ts';
import type { ConditionName } from './risk/degradation/condition-name.ts';
import type { Signal } from './strategies/strategy.ts';
import type { ApprovedOrder } from './orders/approved-order.ts';
import type { OrderOwner } from './orders/order-owner.ts';
import type { AskedOrder } from './orders/asked-order.ts';
import type { OrderConditions, OrderTerms } from './orders/order-terms.ts';
import type { ExecutionOrigin, VenueEvent } from './venue-event.ts';

/**
 * `run` trades; `halt` opens nothing; `reduce` also cancels what would open; `flatten` closes everything and opens
 * nothing; `stop` cancels everything and only observes, `stop-flatten` closes everything besides. Records hold the
 * place: append only.
 */
export const KILL_STATES = ['run', 'halt', 'reduce', 'flatten', 'stop', 'stop-flatten'] as const;
export type KillState = (typeof KILL_STATES)[number];

/** A BUY or SELL as decided; HOLD leaves no effect. */
export interface SignalEffect {
  readonly kind: 'signal';
  readonly timeMs: number;
  readonly symbol: number;
  readonly signal: Signal;
  /** Of an account that several strategies share: who says so. */
  readonly owner?: OrderOwner;
}

/** A signal, or an order or a part of it, that was not let through. */
export interface RefusalEffect {
  readonly kind: 'refusal';
  readonly timeMs: number;
  readonly symbol: number;
  readonly stage: RefusalStage;
  readonly code: RefusalCode;
  /** What was found, and what was allowed; their meaning is the code's. */
  readonly value: number;
  readonly limit: number;
}

/** Terms of the order before it, where it does not simply take the next price. */
export interface TermsEffect extends OrderTerms {
  readonly kind: 'terms';
  readonly timeMs: number;
  readonly symbol: number;
  readonly sequence: number;
}

/** What the order before it asks for besides its price. */
export interface ConditionsEffect extends OrderConditions {
  readonly kind: 'conditions';
  readonly timeMs: number;
  readonly symbol: number;
  readonly sequence: number;
}

/** An order begins that is executed by others, its children. */
export interface ParentEffect {
  readonly kind: 'parent';
  readonly timeMs: number;
  readonly symbol: number;
  /** 1, 2, 3 ... within the session. */
  readonly parent: number;
  readonly direction: 1 | -1;
  /** Approved, without a sign. */
  readonly units: number;
  readonly clippedBy: RefusalCode | null;
  /** Price of the decision, and the worst that a child is sent at; null without a bound. */
  readonly arrival: number;
  readonly bound: number | null;
  readonly reduces: boolean;
  readonly rule: ExecutionRule;
  /** The strategy's own name for it; null for an order of a signal. */
  readonly label: string | null;
  readonly owner: OrderOwner | null;
}

/** The order before it is one of those that execute `parent`. */
interface ChildEffect {
  readonly kind: 'child';
  readonly timeMs: number;
  readonly symbol: number;
  readonly sequence: number;
  readonly parent: number;
}

/** An order that was executed by others has ended. */
interface ParentEndEffect {
  readonly kind: 'parent-end';
  readonly timeMs: number;
  readonly symbol: number;
  readonly parent: number;
  /** Units executed, and given up for `code`, which is null where nothing is left. */
  readonly filled: number;
  readonly left: number;
  readonly code: RefusalCode | null;
}

/** A working order is to be replaced by `order`, which keeps its sequence. */
interface AmendEffect {
  readonly kind: 'amend';
  readonly timeMs: number;
  readonly symbol: number;
  readonly sequence: number;
  readonly order: ApprovedOrder;
}

/** An execution. `quantity` is signed; `fee` and `slippage` (half spread included) are costs in currency. */
export interface Fill {
  readonly kind: 'fill';
  readonly sequence: number;
  readonly timeMs: number;
  readonly symbol: number;
  readonly quantity: number;
  readonly price: number;
  readonly fee: number;
  readonly slippage: number;
  /** The order is done with this fill. */
  readonly final: boolean;
  /** The venue's name for it. Absent where the venue is simulated: sequence and order of fills say as much. */
  readonly executionId?: string;
  /** Of which account that name is; absent where there is one. */
  readonly account?: string | undefined;
  /** How it was learnt of, where the venue did not tell by itself. */
  readonly origin?: ExecutionOrigin | undefined;
  /** The venue has taken the execution of this name back: the booking is reversed. */
  readonly takesBack?: boolean;
  /** Of an account that several strategies share: whose order was filled. */
  readonly owner?: OrderOwner;
}

/** What became of an order without a fill. `code` says why where something was not executed. */
export interface OrderUpdate {
  readonly kind: 'order-update';
  readonly sequence: number;
  readonly timeMs: number;
  readonly state: OrderState;
  readonly code: RefusalCode | null;
  readonly value: number;
  readonly limit: number;
}

/** The broker is to cancel this order. */
interface CancelEffect {
  readonly kind: 'cancel';
  readonly timeMs: number;
  readonly symbol: number;
  readonly sequence: number;
}

/** The kill switch moved; openings were blocked or freed again; or margin called for reductions. */
export interface StateEffect {
  readonly kind: 'state';
  readonly timeMs: number;
  readonly state: KillState;
  readonly cause:
    | 'command'
    | 'drawdown'
    | 'daily-loss'
    | 'unexplained-fill'
    | 'rejections'
    | 'margin-call'
    | 'away'
    | 'back'
    | ConditionName
    | 'unrecorded'
    | 'recorded'
    | 'code-silent';
  readonly value: number;
  readonly limit: number;
}

/** An operator's word, stamped with the event time at which the session takes it up. */
export interface Command {
  readonly kind: 'command';
  readonly timeMs: number;
  readonly command: 'halt' | 'reduce' | 'flatten' | 'resume' | 'emergency-stop' | 'emergency-flatten';
}

/** Somebody outside of the session asks for an order, or for the end of one. */
export interface AskedEvent {
  readonly kind: 'asked';
  readonly timeMs: number;
  readonly symbol: number;
  /** What the order is called among those of the strategy. */
  readonly label: string;
  readonly order: AskedOrder;
}

/** From here on a session trades under other limits, by an operator's word. */
export interface LimitsChange {
  readonly kind: 'limits';
  readonly timeMs: number;
  /** All of them. */
  readonly limits: RiskLimits;
}

/** A split or cash dividend comes into effect, before anything trades on its ex-date. */
export interface CorporateActionEvent {
  readonly kind: 'action';
  readonly timeMs: number;
  readonly symbol: number;
  readonly action: 'split' | 'dividend';
  /** New shares per old share, or cash per share. */
  readonly value: number;
}

/** What a corporate action did to a position. */
export interface CorporateActionEffect extends CorporateActionEvent {
  /** The position after it, signed units. */
  readonly quantity: number;
  /** Cash credited, negative where it was paid: the dividend, or what a split left over that is no whole lot. */
  readonly cash: number;
}

/** What holding cost over the days since the last charge. `symbol` is 0 for `interest`, which is the account's. */
export interface Charge {
  readonly kind: 'charge';
  readonly timeMs: number;
  readonly symbol: number;
  /** `clearance`: what a venue took for closing a position; `fee`: for an execution, told apart from that. */
  readonly charge: 'borrow' | 'funding' | 'interest' | 'clearance' | 'fee';
  /** What it is charged on, in currency, and for how many days; 0 days where a venue told the amount alone. */
  readonly base: number;
  readonly days: number;
  /** Mean rate per year of those days. */
  readonly rate: number;
  /** Cash credited, negative where it was paid. */
  readonly cash: number;
  /** The venue's name for it; absent where it was reckoned by us. */
  readonly paymentId?: string;
  /** The order that a venue took it for, where that is known. */
  readonly sequence?: number;
}

export type Effect =
  | SignalEffect
  | ApprovedOrder
  | TermsEffect
  | ConditionsEffect
  | AmendEffect
  | ParentEffect
  | ChildEffect
  | ParentEndEffect
  | Fill
  | OrderUpdate
  | RefusalEffect
  | CancelEffect
  | StateEffect
  | CorporateActionEffect
  | Charge;

/** What reaches the engine besides closes. */
export type EngineEvent = Fill | OrderUpdate | VenueEvent | Command | AskedEvent | LimitsChange | CorporateActionEvent;

/** What the broker is to do, already recorded. */
export type Instruction = ApprovedOrder | CancelEffect | AmendEffect;

/** Shared by every event that changes nothing worth recording. */
export const NO_EFFECTS: readonly Effect[] = Object.freeze([]);
