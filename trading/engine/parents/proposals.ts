import type { ExecutionRule, ExecutionRules } from '../../../models/experiment/execution/execution-schema.ts';
import { leadsTo } from '../../execution/slicing/parent-order.ts';
import { refused, type OrderProposal } from '../../orders/approved-order.ts';
import { executionOf } from '../../orders/signal-order.ts';
import type { OrderTerms } from '../../orders/order-terms.ts';
import { isBounded } from '../../orders/traded-hours.ts';
import type { OwnOrder } from '../../risk/asked-order.ts';
import { foresee, foreseenParts, type Foreseen } from '../emergency/foresee.ts';
import type { Sizer } from '../../risk/sizing.ts';
import type { Signal } from '../../strategies/strategy.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { Guard } from '../position-guard.ts';
import type { ParentDesk } from './parent-desk.ts';

interface ProposalOptions {
  readonly sizer: Sizer;
  readonly guard: Guard | null;
  readonly execution: ExecutionRules | undefined;
  /** Null where nothing is executed over time. */
  readonly parents: ParentDesk | null;
}

const MARKET: OrderTerms = Object.freeze({
  type: 'market',
  role: 'order',
  price: 0,
  trail: 0,
  trailShare: 0,
  group: 0,
  conditions: null,
});

/** Orders of signals: sized, asked for, and executed at once or over time. */
export class Proposals {
  readonly #parts: EngineParts;
  readonly #options: ProposalOptions;

  constructor(parts: EngineParts, options: ProposalOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** A signal wants the position of `symbol` on `side`: 1, -1, or 0 for none. */
  propose(symbol: number, timeMs: number, side: number, signal: Signal): void {
    const lane = this.#parts.lanes[symbol]!;
    const { working } = lane;
    const share = Math.abs(signal.target ?? 1);
    const proposal = this.#sized(symbol, timeMs, side, signal);
    if (proposal === null) return;
    this.#execute(proposal);
    if (lane.working !== working || lane.parent !== 0) lane.share = share;
  }

  /** Null where the sizer does not answer, and nothing of the other side is held that still closes. */
  #sized(symbol: number, timeMs: number, side: number, signal: Signal): OrderProposal | null {
    const { view, series } = this.#parts.lanes[symbol]!;
    const { portfolio, refuse } = this.#parts;
    const { sizer } = this.#options;
    const price = series.bars.close[series.last]!;
    const share = Math.abs(signal.target ?? 1);
    // A share of all-in is sized at the decision: only the whole is what is there at the fill.
    const atFill = side !== 0 && sizer.atFill && share === 1 && side * portfolio.quantity[symbol]! <= 0;
    const units = side === 0 ? 0 : sizer.units({ signal, view, equity: portfolio.equity, price });
    const silent = side === 0 ? null : (sizer.silent?.() ?? null);
    if (silent !== null) {
      refuse('risk', { timeMs, symbol }, silent);
      const turns = side * portfolio.quantity[symbol]! < 0;
      return turns ? { timeMs, symbol, targetUnits: 0, atFill: false, price } : null;
    }
    return { timeMs, symbol, targetUnits: side * (share === 1 ? units : share * units), atFill, price };
  }

  /**
   * A signal comes while an order of its symbol is executed in parts. One that wants the same is refused; one that
   * wants another position ends it, and has its own order once that is proven. False where no such order works.
   */
  meets(symbol: number, timeMs: number, side: number, signal: Signal): boolean {
    const { lanes, portfolio, refuse } = this.#parts;
    const { parents } = this.#options;
    const { parent: number } = lanes[symbol]!;
    const parent = number === 0 ? undefined : parents?.get(number);
    if (parent === undefined) return false;
    const held = portfolio.quantity[symbol]!;
    if (side === leadsTo(parent, held)) refuse('risk', { symbol, timeMs }, refused('parent-working', number));
    else {
      const next = this.#sized(symbol, timeMs, side, signal);
      const isFlat = portfolio.quantity[symbol] === 0 && parent.child === null;
      parents!.replace(number, side === 0 && isFlat ? null : next, timeMs);
    }
    return true;
  }

  /** What a signal wanted when the parent of before was ended for it. */
  follow(next: OrderProposal, timeMs: number): void {
    const { symbol, targetUnits } = next;
    const { portfolio, lanes, risk } = this.#parts;
    const isThere = Math.abs(portfolio.quantity[symbol]!) <= lanes[symbol]!.dust;
    if ((targetUnits === 0 && isThere) || risk.state.flattens || risk.state.isStopped) return;
    this.#execute({ ...next, timeMs });
  }

  #execute(proposal: OrderProposal): void {
    const { execution, parents } = this.#options;
    const { symbol, targetUnits, timeMs } = proposal;
    if (execution === undefined || parents === null) return this.order(proposal);
    const held = this.#parts.portfolio.quantity[symbol]!;
    const rule = executionOf(execution, held, targetUnits);
    // Outside the regular hours what takes any price cannot go on: the bound of those is asked for.
    if (rule === undefined || (!isBounded(rule) && (this.#parts.boundedAt?.(timeMs) ?? null) !== null))
      return this.order(proposal);
    const refusal = this.#options.guard?.refusal(proposal) ?? null;
    // What cannot be protected does not open; what is held of the other side closes at once.
    if (refusal !== null) return this.order(proposal);
    this.#begin(proposal, rule);
  }

  #begin(proposal: OrderProposal, rule: ExecutionRule): void {
    const { symbol, timeMs } = proposal;
    const parents = this.#options.parents!;
    const held = this.#parts.portfolio.quantity[symbol]!;
    const order = this.#asked(proposal, held);
    const parent = parents.begin({ order, rule, label: null, owner: null });
    if ('code' in parent) return this.#parts.refuse('risk', { timeMs, symbol }, parent);
    const lane = this.#parts.lanes[symbol]!;
    lane.parent = parent.number;
    lane.lastOrderBar = lane.view.length;
    parents.look(parent, timeMs);
  }

  /** The way from what is held to the target, sized at the decision. */
  #asked({ timeMs, symbol, targetUnits, atFill, price }: OrderProposal, held: number): OwnOrder {
    const { portfolio } = this.#parts;
    const target = atFill ? Math.sign(targetUnits) * Math.max(0, portfolio.equity / price) : targetUnits;
    const way = target - held;
    return { timeMs, symbol, direction: way < 0 ? -1 : 1, units: Math.abs(way), price, terms: MARKET };
  }

  /** Outside the regular hours, where there is a bound: it is executed within that, if nothing else is under way. */
  #goesBounded(proposal: OrderProposal, bound: ExecutionRule | null): boolean {
    if (bound === null) return false;
    const { timeMs, symbol } = proposal;
    const { parent } = this.#parts.lanes[symbol]!;
    if (parent === 0) this.#begin(proposal, bound);
    else this.#parts.refuse('risk', { timeMs, symbol }, refused('parent-working', parent));
    return true;
  }

  /** What would become of an order at once: nothing leaves. */
  foresee(proposal: OrderProposal): Foreseen {
    const { symbol, timeMs } = proposal;
    const { portfolio, lanes, risk, boundedAt } = this.#parts;
    const held = portfolio.quantity[symbol]!;
    const bare = this.#options.guard?.refusal(proposal) ?? null;
    if (bare !== null) {
      if (!(held * proposal.targetUnits < 0)) return bare;
      const rest = this.foresee({ ...proposal, targetUnits: 0, atFill: false });
      return rest.kind === 'refused' ? rest : { ...rest, clippedBy: bare.code };
    }
    if ((boundedAt?.(timeMs) ?? null) === null) return foresee(this.#parts, () => risk.assess(proposal));
    const { parent } = lanes[symbol]!;
    if (parent !== 0) return refused('parent-working', parent);
    return foreseenParts(risk.plan(this.#asked(proposal, held)), proposal.price);
  }

  /** At once: risk is asked, and what it approves leaves. */
  order(proposal: OrderProposal): void {
    const { symbol, timeMs } = proposal;
    const { portfolio, lanes, risk, emit, refuse, boundedAt } = this.#parts;
    const { guard } = this.#options;
    const bare = guard?.refusal(proposal) ?? null;
    if (bare !== null) {
      refuse('risk', { timeMs, symbol }, bare);
      // What is held of the other side still closes.
      const turns = portfolio.quantity[symbol]! * proposal.targetUnits < 0;
      return turns ? this.order({ ...proposal, targetUnits: 0, atFill: false }) : undefined;
    }
    if (boundedAt !== null && this.#goesBounded(proposal, boundedAt(timeMs))) return;
    const decided = risk.assess(proposal);
    if (decided.kind === 'refused') return refuse('risk', { timeMs, symbol }, decided);
    const lane = lanes[symbol]!;
    lane.working = decided.sequence;
    lane.reducing = decided.reduces;
    lane.lastOrderBar = lane.view.length;
    guard?.uncover(symbol, timeMs);
    emit(decided);
  }
}
