import { isSet } from '../../models/experiment/limits-schema.ts';
import type { Instrument } from '../../features/instrument.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import {
  claimApprovals,
  refused,
  type ApprovedBefore,
  type ApprovedOrder,
  type DecidedOrder,
  type OrderProposal,
  type RefusedOrder,
} from '../orders/approved-order.ts';
import { Grid } from '../grid.ts';
import { priceGridOf, type PriceGrid } from '../price-grid.ts';
import type { OrderRegister } from '../orders/order-register.ts';
import { levelOnTick, type OrderTerms } from '../orders/order-terms.ts';
import { hoursBreach } from '../orders/traded-hours.ts';
import { venueBreach } from '../orders/venue-breach.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { LastQuotes } from '../quotes/last-quotes.ts';
import { beyondCollar } from '../quotes/price-collar.ts';
import { usableTerms, type OrderSplit, type OwnOrder } from './asked-order.ts';
import { OpenOrderLimit } from './open-order-limit.ts';
import { OpeningRoom } from './opening-room.ts';
import { ownedSplit, withOwn, type OwnedSplit } from './owned-split.ts';
import { Reservations } from './reservations.ts';
import { TightenedLimits } from './change/tightened-limits.ts';
import { sectorNumbers, type RiskManagerOptions } from './risk-options.ts';
import { RiskState } from './risk-state.ts';

const approveOrder = claimApprovals();

/** Share of the equity by which sums may miss what is left of a limit. */
const ROUNDING = 1e-14;

/**
 * The only maker of `ApprovedOrder`. An order that reduces a position passes unless it rounds to nothing or its numbers
 * are unusable; what opens or increases one is cut to the tightest limit, or refused when nothing is left. Exposures
 * count working orders as filled, and other symbols at their last prices.
 */
export class RiskManager {
  readonly state: RiskState;
  limits: RiskLimits;
  readonly #portfolio: Portfolio;
  readonly #orders: OrderRegister;
  readonly #instruments: readonly Instrument[];
  readonly #lots: readonly Grid[];
  /** Null where the tick is a guess. */
  readonly #ticks: readonly (PriceGrid | null)[];
  /** Null where working orders are not counted. */
  #openOrders: OpenOrderLimit | null = null;
  readonly #openOrdersUnder: (limits: RiskLimits) => OpenOrderLimit | null;
  readonly #quotes: LastQuotes | null;
  readonly #extended: RiskManagerOptions['extended'];
  readonly reservations: Reservations;
  #room: OpeningRoom;
  readonly #roomUnder: (limits: RiskLimits) => OpeningRoom;

  constructor(options: RiskManagerOptions) {
    this.limits = options.limits;
    this.#portfolio = options.portfolio;
    this.#orders = options.orders;
    this.#quotes = options.quotes ?? null;
    this.#extended = options.extended;
    this.#instruments = options.instruments;
    this.#lots = options.instruments.map((instrument) => new Grid(instrument.lot));
    this.#ticks = options.instruments.map(priceGridOf);
    this.#openOrdersUnder = (limits) => OpenOrderLimit.of({ ...options, limits });
    this.#openOrders = this.#openOrdersUnder(options.limits);
    const sector = sectorNumbers(options.instruments);
    this.reservations = new Reservations(options.portfolio, sector);
    const { views = [], rates = [] } = options;
    const seen = views.map((view, symbol) => ({ view, rate: rates[symbol] ?? null }));
    this.state = new RiskState(options);
    const context = { ...options, seen, sector, reservations: this.reservations, conditions: this.state.conditions };
    this.#roomUnder = (limits) => new OpeningRoom({ ...context, limits });
    this.#room = this.#roomUnder(options.limits);
  }

  /**
   * Other limits hold from here on. Returns what tells which openings that work these no longer allow.
   * @throws InputError for a symbol that the session does not trade
   */
  change(limits: RiskLimits): TightenedLimits {
    const before = { limits: this.limits, room: this.#room, openOrders: this.#openOrders };
    const room = (this.#room = this.#roomUnder(limits));
    this.limits = limits;
    const openOrders = (this.#openOrders = this.#openOrdersUnder(limits));
    this.state.change(limits);
    const books = { orders: this.#orders, portfolio: this.#portfolio, reservations: this.reservations };
    return new TightenedLimits(before, { limits, room, openOrders }, books);
  }

  /** The order of `symbol` has ended: its reservation is free again. */
  release(symbol: number): void {
    if (this.reservations.notional[symbol] !== 0) this.reservations.restate(symbol);
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
    if (this.#extended !== undefined) {
      const shut = hoursBreach(this.#extended, proposal.timeMs, null);
      if (shut !== null) return shut;
    }
    const opens = targetUnits !== 0 && (position * targetUnits <= 0 || Math.abs(targetUnits) > Math.abs(position));
    if (!opens) {
      const quantity = this.#lots[symbol]!.nearest(targetUnits - position);
      if (quantity === 0) return this.#nothing(Math.abs(targetUnits - position), symbol);
      return this.#approve(proposal, { quantity, fraction: 0, clippedBy: null, reduces: true, terms: null });
    }
    const blocked = this.#blocked(proposal, 0);
    if (blocked !== null) return this.#onlyClose(proposal, blocked);
    return proposal.atFill ? this.#atFill(proposal, position) : this.#fixed(proposal, position);
  }

  /**
   * Approves an order that rests to close the position of `symbol` once its price is reached. No limit refuses it, only
   * numbers that cannot be used or a position of less than a lot; it counts among the orders of a minute. Off the tick
   * it moves away from the market: no order triggers before it was asked to.
   */
  protect(timeMs: number, symbol: number, terms: OrderTerms): ApprovedOrder | RefusedOrder {
    const { owner } = terms;
    const position = owner === undefined ? this.#portfolio.quantity[symbol]! : this.#portfolio.heldBy(owner, symbol);
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
    const { symbol, direction, price } = request;
    const terms = this.#usableTerms(request, hoursBreach(this.#extended, request.timeMs, request.terms));
    if ('kind' in terms) return terms;
    const lots = this.#lots[symbol]!;
    const held = instead === null ? null : this.reservations.take(instead.sequence);
    const split = this.#split(request, { asked: lots.floor(request.units), terms, replaced: instead === null ? 0 : 1 });
    const decided = instead === null ? split : this.#amendable(instead, split, terms);
    if (decided.kind === 'refused') {
      if (held !== null) this.reservations.add(instead!.sequence, held);
      return decided;
    }
    const { closing, opening, clippedBy, own } = decided;
    const size = lots.nearest(closing + opening);
    const proposal = { timeMs: request.timeMs, symbol, targetUnits: direction * size, atFill: false, price };
    const order = { quantity: direction * size, fraction: 0, clippedBy, reduces: opening === 0, terms };
    const approved =
      instead === null
        ? this.#approve(proposal, order)
        : approveOrder(this.#orders.amend(instead.sequence, size), proposal, order);
    const reserved = { symbol, group: terms.group, direction, exit: closing, opening, price };
    this.reservations.add(approved.sequence, own === undefined ? reserved : { ...reserved, own });
    return approved;
  }

  /** How much of an order closes and opens that others are to execute, by all limits. Nothing is approved by it. */
  plan(request: OwnOrder): OrderSplit | RefusedOrder {
    const terms = this.#usableTerms(request, null);
    if ('kind' in terms) return terms;
    const asked = this.#lots[request.symbol]!.floor(request.units);
    return this.#split(request, { asked, terms, replaced: 0 });
  }

  #usableTerms(request: OwnOrder, shut: RefusedOrder | null): OrderTerms | RefusedOrder {
    const { symbol } = request;
    return usableTerms(request, this.#portfolio.quantity[symbol]!, this.#ticks[symbol] ?? null, shut);
  }

  /** What is to become of a working order, where its venue takes it so: with what was executed, as one order. */
  #amendable(
    { symbol, sequence }: ApprovedOrder,
    split: OrderSplit | RefusedOrder,
    terms: OrderTerms,
  ): OrderSplit | RefusedOrder {
    if (split.kind === 'refused') return split;
    const quantity = this.#orders.filledOf(sequence) + split.closing + split.opening;
    const order = { symbol, quantity, fraction: 0, reduces: split.opening === 0, terms };
    return venueBreach(order, this.#instruments[symbol]!, this.#portfolio) ?? split;
  }

  /** How much of an order closes and how much opens, in lots: of its strategy's part, if any, and of the account. */
  #split(order: OwnOrder, given: { asked: number; terms: OrderTerms; replaced: 0 | 1 }): OrderSplit | RefusedOrder {
    const { symbol } = order;
    const lots = this.#lots[symbol]!;
    if (given.asked === 0) return this.#nothing(given.asked, symbol);
    const books = { portfolio: this.#portfolio, reservations: this.reservations, lots };
    const sale = { ...order, targetUnits: -1, atFill: false };
    const shortBlock = () => (this.limits.shortAllowed ? null : this.#blocked(sale, given.replaced));
    const own = ownedSplit(order, given.asked, { ...books, shortBlock });
    if (own === null) return this.#accountSplit(order, given, null);
    if (own.kind === 'refused') return own;
    const found = this.#accountSplit(order, { ...given, asked: lots.nearest(own.exit + own.opening) }, own);
    return found.kind === 'refused' ? found : withOwn(found, own, lots);
  }

  #accountSplit(
    { timeMs, symbol, direction, price }: OwnOrder,
    { asked, terms, replaced }: { readonly asked: number; readonly terms: OrderTerms; readonly replaced: 0 | 1 },
    own: OwnedSplit | null,
  ): OrderSplit | RefusedOrder {
    const lots = this.#lots[symbol]!;
    const position = this.#portfolio.quantity[symbol]!;
    const against = position * direction < 0;
    const free = against ? Math.abs(position) - this.reservations.exitUnits({ symbol, group: terms.group }) : 0;
    const closing = Math.max(0, Math.min(asked, lots.nearest(free)));
    const wanted = lots.nearest(asked - closing);
    const only = (refusal: RefusedOrder): OrderSplit | RefusedOrder =>
      closing > 0 ? { kind: 'split', closing, opening: 0, clippedBy: refusal.code } : refusal;
    if (wanted === 0) return { kind: 'split', closing, opening: 0, clippedBy: null };
    // One of a strategy is cut to that one's part: of the account it may open what it closes there.
    const reduceOnly = own === null && terms.conditions?.reduceOnly === true;
    if (reduceOnly) return only(refused('nothing-to-reduce', asked, Math.max(0, free)));
    const asking = { timeMs, symbol, targetUnits: direction, atFill: false, price };
    const { priceCollarFraction: collar } = this.limits;
    const at = { timeMs, symbol, last: this.#portfolio.price[symbol]! };
    const far = isSet(collar) ? beyondCollar(collar, terms, at, this.#quotes) : null;
    const blocked = this.#blocked(asking, replaced) ?? far;
    if (blocked !== null) return only(blocked);
    const potential = this.reservations.potential(symbol, direction, own?.opening === 0 ? terms.group : 0);
    const asks = { symbol, side: direction, held: potential, asked: potential + wanted * price };
    const room = (this.#room.of(asks) - potential + ROUNDING * this.#portfolio.equity) / price;
    const opening = wanted > room ? lots.floor(Math.max(0, room)) : wanted;
    if (opening === 0) return only(this.#room.refusal(asks.asked));
    return { kind: 'split', closing, opening, clippedBy: opening < wanted ? this.#room.code : null };
  }

  /** `units` of an order of a strategy's own were executed. */
  filled(sequence: number, units: number): void {
    this.reservations.filled(sequence, units);
  }

  /** An order of a strategy's own has ended. */
  ended(sequence: number): void {
    this.reservations.end(sequence);
  }

  /** The order in units after a split. */
  afterSplit(order: ApprovedOrder, ratio: number): ApprovedOrder {
    return order.afterSplit(ratio, this.#lots[order.symbol]!, this.#ticks[order.symbol] ?? null);
  }

  /** Why an order that rounds to zero is refused: without equity every size is 0. */
  #nothing(units: number, symbol: number): RefusedOrder {
    const { equity } = this.#portfolio;
    return equity <= 0 ? refused('no-equity', equity) : refused('below-lot', units, this.#lots[symbol]!.step);
  }

  /** @param replaced orders that the one in hand takes the place of */
  #blocked({ timeMs, symbol, targetUnits }: OrderProposal, replaced: 0 | 1): RefusedOrder | null {
    const { state, limits } = this;
    const { equity } = this.#portfolio;
    if (!Number.isFinite(equity)) return refused('not-finite');
    if (equity <= 0) return refused('no-equity', equity);
    const isForbidden = targetUnits < 0 && !limits.shortAllowed;
    const stop = state.openingBlock({ symbol, timeMs }) ?? (isForbidden ? refused('short-not-allowed') : null);
    if (stop !== null) return stop;
    return this.#openOrders?.refusal(symbol, replaced) ?? state.rateBlock(timeMs);
  }

  /** What is left of a reversal whose new side is refused: the old side still closes. */
  #onlyClose(proposal: OrderProposal, refusal: RefusedOrder): ApprovedOrder | RefusedOrder {
    const position = this.#portfolio.quantity[proposal.symbol]!;
    if (position * proposal.targetUnits >= 0) return refusal;
    const closed = { quantity: -position, fraction: 0, clippedBy: refusal.code, reduces: true, terms: null };
    return this.#approve(proposal, closed);
  }

  #fixed(proposal: OrderProposal, position: number): ApprovedOrder | RefusedOrder {
    const { symbol, price } = proposal;
    const lots = this.#lots[symbol]!;
    const asked = Math.abs(proposal.targetUnits);
    const sameSide = position * proposal.targetUnits > 0;
    const held = sameSide ? Math.abs(position) : 0;
    const side = proposal.targetUnits < 0 ? -1 : 1;
    const room = this.#room.of({ symbol, side, held: held * price, asked: asked * price }) / price;
    const cut = asked > room;
    const size = lots.floor(cut ? room : asked);
    if (!(size > held)) {
      if (!cut) return this.#onlyClose(proposal, refused('below-lot', asked, lots.step));
      return this.#onlyClose(proposal, this.#room.refusal(asked * price));
    }
    const quantity = lots.nearest(side * size - position);
    this.reservations.reserve(symbol, size * price, side);
    const clippedBy = cut ? this.#room.code : null;
    return this.#approve(proposal, { quantity, fraction: 0, clippedBy, reduces: false, terms: null });
  }

  #atFill(proposal: OrderProposal, position: number): ApprovedOrder | RefusedOrder {
    const { equity } = this.#portfolio;
    if (position * proposal.targetUnits > 0) return refused('position-limit', 1, this.limits.positionFraction);
    const side = proposal.targetUnits < 0 ? -1 : 1;
    const room = this.#room.of({ symbol: proposal.symbol, side, held: 0, asked: equity });
    if (!(room > 0)) return this.#onlyClose(proposal, this.#room.refusal(equity));
    const cut = room < equity;
    const fraction = cut ? room / equity : 1;
    this.reservations.reserve(proposal.symbol, fraction * equity, side);
    const clippedBy = cut ? this.#room.code : null;
    const quantity = position === 0 ? 0 : -position;
    return this.#approve(proposal, { quantity, fraction, clippedBy, reduces: false, terms: null });
  }

  #approve(proposal: OrderProposal, decided: DecidedOrder): ApprovedOrder {
    this.state.countOrder(proposal.timeMs);
    const units = decided.fraction > 0 ? 0 : Math.abs(decided.quantity);
    return this.#orders.sided(approveOrder(this.#orders.add(proposal.symbol, units), proposal, decided));
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { limits: this.limits, state: this.state.save(), reservations: this.reservations.save() };
  }

  /** Takes up what one of the same options has saved. */
  restore({ limits, state, reservations }: ReturnType<RiskManager['save']>): void {
    this.change(limits);
    this.state.restore(state);
    this.reservations.restore(reservations);
  }

  /**
   * An order that was approved before its session was saved: the restored register knows it, with its symbol and side.
   * Bound, so that it can be handed to brokers. @throws TypeError for any other.
   */
  readonly approvedBefore: ApprovedBefore = (fields) => {
    const { sequence, symbol, direction } = fields;
    const orders = this.#orders;
    if (!orders.knows(sequence) || orders.symbolOf(sequence) !== symbol || orders.sideOf(sequence) !== direction)
      throw new TypeError(`order ${sequence} of the saved state is none that was approved`);
    return approveOrder(sequence, { ...fields, targetUnits: direction, atFill: fields.fraction > 0 }, fields);
  };
}
