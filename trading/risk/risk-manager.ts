import type { Instrument } from '../../features/instrument.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import {
  claimApprovals,
  refused,
  type ApprovedOrder,
  type DecidedOrder,
  type OrderProposal,
  type RefusedOrder,
} from '../orders/approved-order.ts';
import { Grid } from '../grid.ts';
import { priceGridOf, type PriceGrid } from '../price-grid.ts';
import type { OrderRegister } from '../orders/order-register.ts';
import { levelOnTick, termsOnTick, type OrderTerms } from '../orders/order-terms.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { RefusalCode } from '../refusal.ts';
import { Reservations } from './reservations.ts';
import { RiskState } from './risk-state.ts';

const approveOrder = claimApprovals();

/**
 * Share of equity and exposure that a bound must clear a limit by: a million times the rounding of a sum over 1,000
 * symbols.
 */
const SLACK = 1e-6;

/** An order that a strategy places by itself. */
export interface OwnOrder {
  readonly timeMs: number;
  readonly symbol: number;
  readonly direction: 1 | -1;
  /** Asked for, without a sign. */
  readonly units: number;
  /** What it is valued at: the worse of the last price and its own. */
  readonly price: number;
  readonly terms: OrderTerms;
}

/** What of an order closes and what opens, in units. */
interface OrderSplit {
  readonly kind: 'split';
  readonly closing: number;
  readonly opening: number;
  readonly clippedBy: RefusalCode | null;
}

export interface RiskManagerOptions {
  readonly limits: RiskLimits;
  readonly portfolio: Portfolio;
  readonly instruments: readonly Instrument[];
  readonly orders: OrderRegister;
  readonly dayOf: (closeTimeMs: number) => number;
}

/**
 * The only maker of `ApprovedOrder`. An order that reduces a position passes unless it rounds to nothing or its numbers
 * are unusable; what opens or increases one is cut to the tightest limit, or refused when nothing is left. Exposures
 * count working orders as filled, and other symbols at their last prices.
 */
export class RiskManager {
  readonly state: RiskState;
  readonly limits: RiskLimits;
  readonly #portfolio: Portfolio;
  readonly #orders: OrderRegister;
  readonly #lots: readonly Grid[];
  /** Null where the tick is a guess. */
  readonly #ticks: readonly (PriceGrid | null)[];
  /** Sector number per symbol, -1 without one. */
  readonly #sector: Int32Array;
  readonly #reservations: Reservations;
  /** The tightest limit found by the last `#room` call, and the exposure it compares. */
  #binding: RefusalCode = 'position-limit';
  #bindingLimit = 0;
  #bindingBase = 0;

  constructor(options: RiskManagerOptions) {
    this.limits = options.limits;
    this.#portfolio = options.portfolio;
    this.#orders = options.orders;
    this.#lots = options.instruments.map((instrument) => new Grid(instrument.lot));
    this.#ticks = options.instruments.map(priceGridOf);
    const sectors = [...new Set(options.instruments.map((instrument) => instrument.sector))];
    this.#sector = Int32Array.from(options.instruments, ({ sector }) =>
      sector === null ? -1 : sectors.indexOf(sector),
    );
    this.#reservations = new Reservations(options.portfolio, this.#sector);
    this.state = new RiskState(options);
  }

  /** The order of `symbol` has ended: its reservation is free again. */
  release(symbol: number): void {
    if (this.#reservations.notional[symbol] !== 0) this.#reservations.reserve(symbol, 0);
  }

  /**
   * Approves, cuts or refuses. Asks nothing of the outside and changes only the register of orders, their count, the
   * rate window and the reservation.
   */
  assess(proposal: OrderProposal): ApprovedOrder | RefusedOrder {
    const { symbol, targetUnits, price } = proposal;
    const position = this.#portfolio.quantity[symbol]!;
    const finite = targetUnits - targetUnits + (price - price) + (position - position) === 0;
    if (!finite || !(price > 0)) return refused('not-finite');
    const opens = targetUnits !== 0 && (position * targetUnits <= 0 || Math.abs(targetUnits) > Math.abs(position));
    if (!opens) {
      const quantity = this.#lots[symbol]!.nearest(targetUnits - position);
      if (quantity === 0) return this.#nothing(Math.abs(targetUnits - position), symbol);
      return this.#approve(proposal, { quantity, fraction: 0, clippedBy: null, reduces: true, terms: null });
    }
    const blocked = this.#blocked(proposal);
    if (blocked !== null) return this.#onlyClose(proposal, blocked);
    return proposal.atFill ? this.#atFill(proposal, position) : this.#fixed(proposal, position);
  }

  /**
   * Approves an order that rests to close the position of `symbol` once its price is reached. No limit refuses it, only
   * numbers that cannot be used or a position of less than a lot; it counts among the orders of a minute. Off the tick
   * it moves away from the market: no order triggers before it was asked to.
   */
  protect(timeMs: number, symbol: number, terms: OrderTerms): ApprovedOrder | RefusedOrder {
    const position = this.#portfolio.quantity[symbol]!;
    const quantity = this.#lots[symbol]!.nearest(-position);
    const level = levelOnTick(terms, quantity < 0 ? -1 : 1, this.#ticks[symbol] ?? null);
    const { trail, trailShare } = terms;
    const finite = trail - trail + (trailShare - trailShare) + (position - position) + (level - level) === 0;
    if (!finite) return refused('not-finite', Number.isFinite(level) ? level : 0);
    if (!(level > 0)) return refused('protection-below-zero', level, this.#portfolio.averagePrice[symbol]!);
    if (quantity === 0) return this.#nothing(Math.abs(position), symbol);
    const proposal = { timeMs, symbol, targetUnits: 0, atFill: false, price: this.#portfolio.price[symbol]! };
    const resting = { ...terms, price: level };
    return this.#approve(proposal, { quantity, fraction: 0, clippedBy: null, reduces: true, terms: resting });
  }

  /**
   * Approves, cuts or refuses an order that a strategy places by itself. What closes is bounded by what no other exit
   * is to close yet; what opens is subject to every limit, with all that works counted as filled. `instead` is the
   * order that this one takes the place of: it keeps its sequence.
   */
  assessOrder(request: OwnOrder, instead: ApprovedOrder | null = null): ApprovedOrder | RefusedOrder {
    const { symbol, direction, units, price } = request;
    const terms = termsOnTick(request.terms, direction, this.#ticks[symbol] ?? null);
    const position = this.#portfolio.quantity[symbol]!;
    const finite = units - units + (price - price) + (position - position) === 0;
    if (terms === null || !finite || !(price > 0) || !(units >= 0)) return refused('not-finite');
    if (units === 0) return refused('nothing-to-reduce');
    const lots = this.#lots[symbol]!;
    const held = instead === null ? null : this.#reservations.take(instead.sequence);
    const decided = this.#split(request, lots.floor(units), terms);
    if (decided.kind === 'refused') {
      if (held !== null) this.#reservations.add(instead!.sequence, held);
      return decided;
    }
    const { closing, opening, clippedBy } = decided;
    const size = lots.nearest(closing + opening);
    const proposal = { timeMs: request.timeMs, symbol, targetUnits: direction * size, atFill: false, price };
    const order = { quantity: direction * size, fraction: 0, clippedBy, reduces: opening === 0, terms };
    const approved =
      instead === null
        ? this.#approve(proposal, order)
        : approveOrder(this.#orders.amend(instead.sequence, size), proposal, order);
    this.#reservations.add(approved.sequence, { symbol, group: terms.group, exit: closing, opening, price });
    return approved;
  }

  /** How much of an order closes and how much opens, in lots. */
  #split({ timeMs, symbol, direction, price }: OwnOrder, asked: number, terms: OrderTerms): OrderSplit | RefusedOrder {
    const lots = this.#lots[symbol]!;
    if (asked === 0) return this.#nothing(asked, symbol);
    const position = this.#portfolio.quantity[symbol]!;
    const against = position * direction < 0;
    const free = against ? Math.abs(position) - this.#reservations.exitUnits(symbol, terms.group) : 0;
    const closing = Math.max(0, Math.min(asked, lots.nearest(free)));
    const wanted = lots.nearest(asked - closing);
    const only = (refusal: RefusedOrder): OrderSplit | RefusedOrder =>
      closing > 0 ? { kind: 'split', closing, opening: 0, clippedBy: refusal.code } : refusal;
    if (wanted === 0) return { kind: 'split', closing, opening: 0, clippedBy: null };
    if (terms.conditions?.reduceOnly === true) return only(refused('nothing-to-reduce', asked, Math.max(0, free)));
    const blocked = this.#blocked({ timeMs, symbol, targetUnits: direction, atFill: false, price });
    if (blocked !== null) return only(blocked);
    // What is held of the other side closes; what else is to open counts.
    const potential = against ? this.#reservations.openings(symbol) : this.#reservations.potential(symbol);
    const room = (this.#room(symbol, potential) - potential) / price;
    const opening = wanted > room ? lots.floor(Math.max(0, room)) : wanted;
    if (opening === 0) return only(this.#overLimit(potential + wanted * price));
    return { kind: 'split', closing, opening, clippedBy: opening < wanted ? this.#binding : null };
  }

  /** `units` of an order of a strategy's own were executed. */
  filled(sequence: number, units: number): void {
    this.#reservations.filled(sequence, units);
  }

  /** An order of a strategy's own has ended. */
  ended(sequence: number): void {
    this.#reservations.end(sequence);
  }

  /** The order in units after a split. */
  afterSplit(order: ApprovedOrder, ratio: number): ApprovedOrder {
    return order.afterSplit(ratio, this.#lots[order.symbol]!, this.#ticks[order.symbol] ?? null);
  }

  /** A split restates what works. */
  split(symbol: number, ratio: number): void {
    this.#reservations.split(symbol, ratio);
  }

  /** Why an order that rounds to zero is refused: without equity every size is 0. */
  #nothing(units: number, symbol: number): RefusedOrder {
    const { equity } = this.#portfolio;
    return equity <= 0 ? refused('no-equity', equity) : refused('below-lot', units, this.#lots[symbol]!.step);
  }

  #blocked({ timeMs, targetUnits }: OrderProposal): RefusedOrder | null {
    const { state, limits } = this;
    const { equity } = this.#portfolio;
    if (!Number.isFinite(equity)) return refused('not-finite');
    if (equity <= 0) return refused('no-equity', equity);
    const stop = state.openingBlock();
    if (stop !== null) return stop;
    if (targetUnits < 0 && !limits.shortAllowed) return refused('short-not-allowed');
    const rate = state.ordersInWindow(timeMs);
    if (limits.ordersPerMinute !== null && rate >= limits.ordersPerMinute) {
      return refused('order-rate', rate, limits.ordersPerMinute);
    }
    return null;
  }

  /** What is left of a reversal whose new side is refused: the old side still closes. */
  #onlyClose(proposal: OrderProposal, refusal: RefusedOrder): ApprovedOrder | RefusedOrder {
    const position = this.#portfolio.quantity[proposal.symbol]!;
    if (position * proposal.targetUnits >= 0) return refusal;
    return this.#approve(proposal, {
      quantity: -position,
      fraction: 0,
      clippedBy: refusal.code,
      reduces: true,
      terms: null,
    });
  }

  #fixed(proposal: OrderProposal, position: number): ApprovedOrder | RefusedOrder {
    const { symbol, price } = proposal;
    const lots = this.#lots[symbol]!;
    const asked = Math.abs(proposal.targetUnits);
    const sameSide = position * proposal.targetUnits > 0;
    const held = sameSide ? Math.abs(position) : 0;
    const room = this.#room(symbol, held * price) / price;
    const cut = asked > room;
    const size = lots.floor(cut ? room : asked);
    if (!(size > held)) {
      if (!cut) return this.#onlyClose(proposal, refused('below-lot', asked, lots.step));
      return this.#onlyClose(proposal, this.#overLimit(asked * price));
    }
    const quantity = lots.nearest((proposal.targetUnits < 0 ? -size : size) - position);
    this.#reservations.reserve(symbol, size * price);
    return this.#approve(proposal, {
      quantity,
      fraction: 0,
      clippedBy: cut ? this.#binding : null,
      reduces: false,
      terms: null,
    });
  }

  #atFill(proposal: OrderProposal, position: number): ApprovedOrder | RefusedOrder {
    const { equity } = this.#portfolio;
    if (position * proposal.targetUnits > 0) return refused('position-limit', 1, this.limits.positionFraction);
    const room = this.#room(proposal.symbol, 0);
    if (!(room > 0)) return this.#onlyClose(proposal, this.#overLimit(equity));
    const cut = room < equity;
    const fraction = cut ? room / equity : 1;
    this.#reservations.reserve(proposal.symbol, fraction * equity);
    return this.#approve(proposal, {
      quantity: position === 0 ? 0 : -position,
      fraction,
      clippedBy: cut ? this.#binding : null,
      reduces: false,
      terms: null,
    });
  }

  /**
   * Largest notional the position of `symbol` may have after the order, in currency; notes which limit is the tightest.
   */
  #room(symbol: number, heldNotional: number): number {
    const { equity } = this.#portfolio;
    if (!Number.isFinite(equity)) return 0;
    const { positionFraction, orderNotionalFraction } = this.limits;
    // The limits that look at one symbol come first: they alone decide unless exposures are near a limit of their own.
    let alone = positionFraction * equity;
    if (orderNotionalFraction !== null) alone = Math.min(alone, orderNotionalFraction * equity + heldNotional);
    if (this.#leastLeft() > alone) this.#reservations.others = this.#reservations.sectorOthers = 0;
    else this.#reservations.sumOthers(symbol);
    return this.#tightest(this.#sector[symbol]!, heldNotional);
  }

  #tightest(sector: number, heldNotional: number): number {
    const { limits } = this;
    const { others, sectorOthers } = this.#reservations;
    // Without leverage, cash bounds the sum of positions whatever the limits say.
    let room = this.#tighter(Infinity, 'cash', 1, others);
    room = this.#tighter(room, 'position-limit', limits.positionFraction, 0);
    if (limits.grossExposureFraction !== null) {
      room = this.#tighter(room, 'gross-exposure', limits.grossExposureFraction, others);
    }
    if (limits.orderNotionalFraction !== null) {
      room = this.#tighter(room, 'order-notional', limits.orderNotionalFraction, -heldNotional);
    }
    if (limits.sectorExposureFraction !== null && sector >= 0) {
      room = this.#tighter(room, 'sector-exposure', limits.sectorExposureFraction, sectorOthers);
    }
    return room;
  }

  /**
   * A lower bound of what the limits on sums leave, without a sum: no exposure is more than what is held and what is
   * reserved together, and no sector's more than all. Slack for rounding: a decision that lies nearer is made from the
   * sum itself, so that it is the same to the last bit whichever way it was found.
   */
  #leastLeft(): number {
    const { equity, gross } = this.#portfolio;
    const { grossExposureFraction, sectorExposureFraction } = this.limits;
    const fraction = Math.min(1, grossExposureFraction ?? 1, sectorExposureFraction ?? 1);
    return fraction * equity - (gross + this.#reservations.total) - SLACK * (equity + gross);
  }

  #tighter(room: number, code: RefusalCode, fraction: number, used: number): number {
    const left = fraction * this.#portfolio.equity - used;
    if (!(left < room)) return room;
    this.#binding = code;
    this.#bindingLimit = fraction;
    this.#bindingBase = used;
    return left;
  }

  #overLimit(notional: number): RefusedOrder {
    const { equity } = this.#portfolio;
    return refused(this.#binding, (notional + this.#bindingBase) / equity, this.#bindingLimit);
  }

  #approve(proposal: OrderProposal, decided: DecidedOrder): ApprovedOrder {
    this.state.countOrder(proposal.timeMs);
    const units = decided.fraction > 0 ? 0 : Math.abs(decided.quantity);
    return this.#orders.sided(approveOrder(this.#orders.add(proposal.symbol, units), proposal, decided));
  }
}
