import type { Instrument } from '../../features/instrument.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import {
  claimApprovals,
  type ApprovedOrder,
  type DecidedOrder,
  type OrderProposal,
  type RefusedOrder,
} from '../orders/approved-order.ts';
import { Grid } from '../grid.ts';
import { PriceGrid } from '../price-grid.ts';
import type { OrderRegister } from '../orders/order-register.ts';
import type { OrderTerms } from '../orders/order-terms.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { RefusalCode } from '../refusal.ts';
import { OpenSymbols } from '../portfolio/open-symbols.ts';
import { RiskState } from './risk-state.ts';

const approveOrder = claimApprovals();

const refused = (code: RefusalCode, value = 0, limit = 0): RefusedOrder => ({ kind: 'refused', code, value, limit });

/**
 * Share of equity and exposure that a bound must clear a limit by: a million times the rounding of a sum over 1,000
 * symbols.
 */
const SLACK = 1e-6;

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
  /** Notional that the working order of each symbol may lead to; 0 without one. */
  readonly #reserved: Float64Array;
  /** Symbols that have a reservation, and the sum of all up to rounding. */
  readonly #held: OpenSymbols;
  #reservedTotal = 0;
  /**
   * What other symbols, and those of the same sector, take up, for the current `#room` call; no object is allocated.
   */
  #others = 0;
  #sectorOthers = 0;
  /** The tightest limit found by the last `#room` call, and the exposure it compares. */
  #binding: RefusalCode = 'position-limit';
  #bindingLimit = 0;
  #bindingBase = 0;

  constructor(options: RiskManagerOptions) {
    this.limits = options.limits;
    this.#portfolio = options.portfolio;
    this.#orders = options.orders;
    this.#lots = options.instruments.map((instrument) => new Grid(instrument.lot));
    this.#ticks = options.instruments.map((one) => (one.assetClass === 'unknown' ? null : new PriceGrid(one)));
    const sectors = [...new Set(options.instruments.map((instrument) => instrument.sector))];
    this.#sector = Int32Array.from(options.instruments, ({ sector }) =>
      sector === null ? -1 : sectors.indexOf(sector),
    );
    this.#reserved = new Float64Array(options.instruments.length);
    this.#held = new OpenSymbols(options.instruments.length);
    this.state = new RiskState(options);
  }

  /** The order of `symbol` has ended: its reservation is free again. */
  release(symbol: number): void {
    if (this.#reserved[symbol] !== 0) this.#reserve(symbol, 0);
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
    const level = this.#onTick(symbol, terms, quantity);
    const { trail, trailShare } = terms;
    const finite = trail - trail + (trailShare - trailShare) + (position - position) + (level - level) === 0;
    if (!finite) return refused('not-finite', Number.isFinite(level) ? level : 0);
    if (!(level > 0)) return refused('protection-below-zero', level, this.#portfolio.averagePrice[symbol]!);
    if (quantity === 0) return this.#nothing(Math.abs(position), symbol);
    const proposal = { timeMs, symbol, targetUnits: 0, atFill: false, price: this.#portfolio.price[symbol]! };
    const resting = { ...terms, price: level };
    return this.#approve(proposal, { quantity, fraction: 0, clippedBy: null, reduces: true, terms: resting });
  }

  #onTick(symbol: number, { type, price }: OrderTerms, quantity: number): number {
    const ticks = this.#ticks[symbol] ?? null;
    if (ticks === null || !(price > 0 && price < Infinity)) return price;
    // A sale stops below the market and takes its profit above it.
    return ticks.beside(price, quantity < 0 === (type === 'limit'));
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
    this.#reserve(symbol, size * price);
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
    this.#reserve(proposal.symbol, fraction * equity);
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
    if (this.#leastLeft() > alone) this.#others = this.#sectorOthers = 0;
    else this.#sumOthers(symbol);
    return this.#tightest(this.#sector[symbol]!, heldNotional);
  }

  #tightest(sector: number, heldNotional: number): number {
    const { limits } = this;
    const others = this.#others;
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
      room = this.#tighter(room, 'sector-exposure', limits.sectorExposureFraction, this.#sectorOthers);
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
    return fraction * equity - (gross + this.#reservedTotal) - SLACK * (equity + gross);
  }

  /**
   * Sums what the other symbols, and those of the same sector, take up: of those with a position or a working order,
   * others add 0.
   */
  #sumOthers(symbol: number): void {
    const { open, quantity, price } = this.#portfolio;
    const { symbols: positions, count: positionCount } = open;
    const { symbols: orders, count: orderCount } = this.#held;
    const sectors = this.#sector;
    const sector = sectors[symbol]!;
    let others = 0;
    let sectorOthers = 0;
    let next = 0;
    // Both lists together, in universe order, a symbol that is in both once.
    for (let at = 0; at < positionCount; at++) {
      const other = positions[at]!;
      for (; next < orderCount && orders[next]! < other; next++) {
        const waiting = orders[next]!;
        if (waiting === symbol) continue;
        others += this.#reserved[waiting]!;
        if (sectors[waiting] === sector) sectorOthers += this.#reserved[waiting]!;
      }
      const reserved = next < orderCount && orders[next] === other ? this.#reserved[orders[next++]!]! : 0;
      if (other === symbol) continue;
      const value = quantity[other]! * price[other]!;
      const size = value < 0 ? -value : value;
      const exposure = size > reserved ? size : reserved;
      others += exposure;
      if (sectors[other] === sector) sectorOthers += exposure;
    }
    for (; next < orderCount; next++) {
      const waiting = orders[next]!;
      if (waiting === symbol) continue;
      others += this.#reserved[waiting]!;
      if (sectors[waiting] === sector) sectorOthers += this.#reserved[waiting]!;
    }
    this.#others = others;
    this.#sectorOthers = sectorOthers;
  }

  #reserve(symbol: number, notional: number): void {
    const before = this.#reserved[symbol]!;
    this.#reserved[symbol] = notional;
    this.#held.set(symbol, notional !== 0);
    // Rounding must not pile up: nothing reserved is exactly 0.
    this.#reservedTotal = this.#held.count === 0 ? 0 : this.#reservedTotal + notional - before;
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
    return approveOrder(this.#orders.add(proposal.symbol), proposal, decided);
  }
}
