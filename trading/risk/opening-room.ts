import type { RiskLimits } from '../../models/experiment/experiment.ts';
import { buyingPower } from '../../models/experiment/limits-schema.ts';
import type { RefusedOrder } from '../orders/approved-order.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { RefusalCode } from '../refusal.ts';
import { FurtherLimits } from './further-limits.ts';
import type { Opening, OpeningContext } from './opening.ts';
import type { Reservations } from './reservations.ts';
import { TightestLimit } from './tightest-limit.ts';

/**
 * Share of equity and exposure that a bound must clear a limit by: a million times the rounding of a sum over 1,000
 * symbols.
 */
const SLACK = 1e-6;

/** How large a position the limits allow, and which of them is the tightest. */
export class OpeningRoom {
  readonly #limits: RiskLimits;
  readonly #portfolio: Portfolio;
  readonly #reservations: Reservations;
  readonly #sector: Int32Array;
  readonly #conditions: OpeningContext['conditions'];
  /** Null where none of them is on, which costs a decision nothing. */
  readonly #further: FurtherLimits | null;
  readonly #tightest = new TightestLimit();
  readonly #power: number = 1;
  /** The least share of equity, and the least money, of the limits on sums. */
  readonly #leastShare: number = 1;
  readonly #leastMoney: number = Infinity;

  constructor(options: OpeningContext) {
    const { limits } = options;
    this.#limits = limits;
    this.#portfolio = options.portfolio;
    this.#reservations = options.reservations;
    this.#sector = options.sector;
    this.#conditions = options.conditions;
    this.#further = FurtherLimits.of(options);
    this.#power = buyingPower(limits);
    const shares = [limits.grossExposureFraction, limits.sectorExposureFraction, this.#further?.leastShare];
    this.#leastShare = Math.min(this.#power, ...shares.map((share) => share ?? Infinity));
    this.#leastMoney = this.#further?.leastMoney ?? Infinity;
  }

  /** The limit that the last answer came from. */
  get code(): RefusalCode {
    return this.#tightest.code;
  }

  /** Why a position of `notional` is more than the last answer. */
  refusal(notional: number): RefusedOrder {
    return this.#tightest.refusal(notional);
  }

  /** Largest notional that the position may have, in currency; notes which limit is the tightest. */
  of(opening: Opening): number {
    const { equity } = this.#portfolio;
    if (!Number.isFinite(equity)) return 0;
    const { positionFraction, orderNotionalFraction } = this.#limits;
    const { symbol, held } = opening;
    // The limits that look at one symbol come first: they alone decide unless exposures are near a limit of their own.
    let alone = positionFraction * equity;
    if (orderNotionalFraction !== null) alone = Math.min(alone, orderNotionalFraction * equity + held);
    const far = this.#leastLeft() > alone;
    if (far) this.#reservations.others = this.#reservations.sectorOthers = 0;
    else this.#reservations.sumOthers(symbol);
    this.#tighten(this.#sector[symbol]!, held);
    this.#further?.tighten(this.#tightest, opening, far);
    const { share } = this.#conditions;
    if (share < 1) this.#tightest.money('data-late', held + share * (opening.asked - held), 0);
    return this.#tightest.left;
  }

  #tighten(sector: number, held: number): void {
    const limits = this.#limits;
    const tightest = this.#tightest;
    const { others, sectorOthers } = this.#reservations;
    tightest.start(this.#portfolio.equity);
    // Whatever the limits say, positions sum up to no more than equity, or what margin makes of it.
    tightest.share(this.#power === 1 ? 'cash' : 'margin', this.#power, others);
    tightest.share('position-limit', limits.positionFraction, 0);
    if (limits.grossExposureFraction !== null) {
      tightest.share('gross-exposure', limits.grossExposureFraction, others);
    }
    if (limits.orderNotionalFraction !== null) {
      tightest.share('order-notional', limits.orderNotionalFraction, -held);
    }
    if (limits.sectorExposureFraction !== null && sector >= 0) {
      tightest.share('sector-exposure', limits.sectorExposureFraction, sectorOthers);
    }
  }

  /**
   * A lower bound of what the limits on sums leave, without a sum: no exposure is more than what is held and what is
   * reserved together, and no sector's more than all. Slack for rounding: a decision that lies nearer is made from the
   * sum itself, so that it is the same to the last bit whichever way it was found.
   */
  #leastLeft(): number {
    const { equity, gross } = this.#portfolio;
    const least = Math.min(this.#leastShare * equity, this.#leastMoney);
    return least - (gross + this.#reservations.total) - SLACK * (equity + gross);
  }
}
