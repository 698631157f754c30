import { InputError } from '../../infra/errors.ts';
import type { ExecutionRule, ExecutionRules } from '../../models/experiment/execution/execution-schema.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type { ExtendedHours } from '../../pipelines/calendars/extended-hours.ts';
import { BarView, type BarSeries } from '../bar-view.ts';
import type { Effect } from '../effect.ts';
import type { RefusedOrder } from '../orders/approved-order.ts';
import type { FinancingRule } from '../financing/financing-rule.ts';
import type { OrderRegister } from '../orders/order-register.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { RefusalStage } from '../refusal.ts';
import type { RiskManager } from '../risk/risk-manager.ts';
import type { Market } from '../market.ts';
import type { EmergencyRule } from '../risk/degradation/emergency-rule.ts';
import type { ProtectionRule } from '../risk/protection.ts';
import type { Sizer } from '../risk/sizing.ts';
import type { ReconciliationRule } from './venue/reconciliation-rule.ts';
import type { SignalRules } from '../signals/signal-validator.ts';
import { Wanted } from '../signals/wanted.ts';
import type { Signal, Strategy, StrategySession, SymbolStrategy } from '../strategies/strategy.ts';

/** What the engine keeps of a symbol. One object: each further array by symbol cost 2 to 3 ns a bar. */
export class Lane {
  readonly strategy: SymbolStrategy;
  readonly series: BarSeries;
  readonly view: BarView;
  /** Sequence of the working order, 0 without one. */
  working = 0;
  /** It only reduces. */
  reducing = false;
  /** Number of the order that is executed in parts, 0 without one. */
  parent = 0;
  /** Closed bars at the last order. */
  lastOrderBar = -Infinity;
  /** Share of a full position that the last order was for. */
  share = 1;
  /** What the last signal wanted, and when. */
  readonly wanted = new Wanted();
  readonly moment;

  /** Units of which fewer are no position. */
  readonly dust: number;
  /** It is quoted in another currency than the account. */
  readonly isConverted: boolean;

  constructor(
    series: BarSeries,
    view: BarView,
    strategy: SymbolStrategy,
    { place, dust, isConverted }: { readonly place: number; readonly dust: number; readonly isConverted: boolean },
  ) {
    const { symbol } = view;
    this.moment = { lateBars: 0, barsSinceOrder: Infinity, opens: false, timeMs: 0, place, symbol };
    this.dust = dust;
    this.isConverted = isConverted;
    this.strategy = strategy;
    this.wanted.resizes = strategy.resizes === true;
    this.series = series;
    this.view = view;
  }

  /** Whole bars between the newest bar's close and the time of the event that brought it: 0 in history. */
  lateBars(timeMs: number): number {
    const { view } = this;
    const late = timeMs - view.closeTimeMs();
    return late === 0 ? 0 : Math.floor(late / (view.closeTimeMs() - view.openTimeMs()));
  }

  /** Sets what a signal wants beside the `position` held, and when it came. */
  hear(signal: Signal, position: number, longShort: boolean, timeMs: number): void {
    const held = Math.abs(position) < this.dust ? 0 : position;
    this.wanted.hear(signal, this.share, held, longShort);
    this.moment.timeMs = timeMs;
    this.moment.opens = this.wanted.opens;
    this.moment.barsSinceOrder = this.view.length - this.lastOrderBar;
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    const { working, reducing, parent, lastOrderBar, share } = this;
    return { working, reducing, parent, lastOrderBar, share };
  }
}

/**
 * A lane for each symbol, and the strategy's session that decides in them.
 * @param isHistory the series are all that there will be; those of one symbol, seen as traded, may be planned for
 */
export function lanesOf(
  { series, viewed, instruments, rates }: Market,
  strategy: Strategy,
  isHistory: boolean,
): [Lane[], StrategySession] {
  const views = series.map((one, symbol) => new BarView(viewed?.[symbol] ?? one));
  const session = strategy.forSession?.(views) ?? { symbols: views.map(({ symbol }) => strategy.forSymbol(symbol)) };
  const plans = isHistory && series.length === 1 && viewed === undefined;
  const decides = (symbol: number): SymbolStrategy => {
    const asked = session.symbols[symbol]!;
    return (plans ? asked.planned?.(series[symbol]!.bars) : null) ?? asked;
  };
  const partsOf = (place: number) => {
    const isConverted = (rates?.[place] ?? null) !== null;
    return { place, dust: instruments[place]?.rules?.dustBelow ?? 0, isConverted };
  };
  return [series.map((one, symbol) => new Lane(one, views[symbol]!, decides(symbol), partsOf(symbol))), session];
}

export interface EngineOptions {
  readonly market: Market;
  readonly strategy: Strategy;
  readonly sizer: Sizer;
  readonly rules: SignalRules;
  readonly limits: RiskLimits;
  readonly capital: number;
  /** Trading day of a close: any number that changes with the day. */
  readonly dayOf: (closeTimeMs: number) => number;
  /** Times of all closes to come in ms, known only in historical runs. */
  readonly markTimes?: Float64Array;
  /** How orders of signals are executed over time. At once by default. */
  readonly execution?: ExecutionRules | undefined;
  /** Hours around the regular ones in which it trades; none by default. */
  readonly extended?: ExtendedHours | undefined;
  /** What ends positions by itself. */
  readonly protection?: ProtectionRule | undefined;
  /** What holding costs. Nothing by default. */
  readonly financing?: FinancingRule | undefined;
  /** How orders and positions are brought into line with a venue's. */
  readonly reconciliation?: Partial<ReconciliationRule> | undefined;
  /** What stops the session where its limits do not say. Nothing by default. */
  readonly emergency?: EmergencyRule | undefined;
  /** Somebody outside may ask for orders: beside protection as a signal would, else at a desk. Nobody by default. */
  readonly takesOrders?: boolean | undefined;
}

/** What the parts of an engine work on together. */
export interface EngineParts {
  readonly lanes: readonly Lane[];
  readonly portfolio: Portfolio;
  readonly risk: RiskManager;
  readonly orders: OrderRegister;
  /** How an order that would take the next price is executed at a moment instead; null where it always is as it is. */
  readonly boundedAt: ((timeMs: number) => ExecutionRule | null) | null;
  readonly emit: (effect: Effect) => void;
  readonly refuse: (
    stage: RefusalStage,
    at: { readonly timeMs: number; readonly symbol: number },
    why: RefusedOrder,
  ) => void;
}

/** A strategy that places its own exits is not to be given others. */
export function twoExits(strategy: string): InputError {
  return new InputError(
    `${strategy} places orders of its own, whose exits would meet those of --stop-loss, --take-profit or --trailing`,
    'leave those away: the strategy places its stops',
  );
}
