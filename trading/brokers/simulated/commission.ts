import { DAY_MS } from '../../../features/timeframe.ts';
import { InputError } from '../../../infra/errors.ts';
import { isBeyondValue, type OwnCostModel } from './own-costs.ts';

/** What a venue charges for executions. Every key is 0 or absent where it does not apply. */
export interface Commission {
  /** Currency a unit. */
  readonly perShare?: number | undefined;
  /** Currency an order, with its first execution. */
  readonly perOrder?: number | undefined;
  /** An order costs at least this. */
  readonly perOrderMin?: number | undefined;
  /** An order costs at most this share of what it traded, also where that is below the minimum. */
  readonly maxShare?: number | undefined;
  /**
   * Basis points of the value: of what rested at the venue, and of what took what rested there. Below 0 the venue pays
   * a rebate.
   */
  readonly makerBps?: number | undefined;
  readonly takerBps?: number | undefined;
  /** Currency a unit of what rested, and of what took, beside `perShare`: a venue's fee, or below 0 its rebate. */
  readonly makerPerShare?: number | undefined;
  readonly takerPerShare?: number | undefined;
  /** In which the venue takes its share: of a purchase in `base`, less is received. */
  readonly asset?: 'quote' | 'base' | undefined;
  /** Other rates from a value traded within 30 days on, ascending. */
  readonly tiers?:
    readonly { readonly from: number; readonly makerBps: number; readonly takerBps: number }[] | undefined;
}

/** What an order has traded, what its executions add up to, and what of that it has paid. */
export interface OrderCharges {
  value: number;
  due: number;
  charged: number;
}

/** The charges of an order that has not been executed. */
export function noCharges(): OrderCharges {
  return { value: 0, due: 0, charged: 0 };
}

const BPS = 1e-4;
const TIER_MS = 30 * DAY_MS;

/** What one side of a trade is charged by the venue. */
interface SideRates {
  /** Share of the value. */
  readonly share: number;
  /** Currency a unit. */
  readonly unit: number;
}

/**
 * The charges of a schedule. An order's minimum and maximum hold for all its executions together: each pays what the
 * order owes after it, less what was paid (as Zipline's PerShare and Interactive Brokers do). They bound what a broker
 * charges: rebates, and a venue's fees a unit, are passed on beside them.
 */
export class CommissionSchedule {
  /** The whole schedule where it is a share of the value alone: the path of most runs. */
  readonly flatRate: number | null;
  readonly inBase: boolean;
  readonly #terms: Commission;
  readonly #own: Pick<OwnCostModel, 'charge'> | null;
  /** Value traded in the last 30 days, by time. */
  #traded: { readonly timeMs: number; readonly value: number }[] = [];
  #sum = 0;

  /**
   * @param feeBps short for takers' and makers' basis points
   * @param own a user's charges, on top
   */
  constructor(feeBps: number, commission: Commission | undefined, own: Pick<OwnCostModel, 'charge'> | null = null) {
    this.#own = own;
    this.#terms = { makerBps: feeBps, takerBps: feeBps, ...commission };
    this.inBase = commission?.asset === 'base';
    this.flatRate = commission === undefined && own === null ? feeBps * BPS : null;
  }

  /** Share of the value that an execution costs at most, apart from what is charged a unit or an order. */
  get feeRate(): number {
    if (this.flatRate !== null) return this.flatRate;
    const { maker, taker } = this.#rates(0);
    return Math.max(0, maker.share, taker.share);
  }

  /** Most that `units` at `price` can cost as the first execution of an order: what cash has to be there for. */
  most(units: number, price: number): number {
    const { maker, taker } = this.#rates(NaN);
    const dearer = maker.share * price + maker.unit > taker.share * price + taker.unit;
    return Math.max(0, this.charge(noCharges(), { units, price, maker: dearer, timeMs: NaN }));
  }

  /**
   * What this execution of an order costs, in currency, below 0 where it earns a rebate; the order's charges are
   * brought up to date. @throws InputError for a rebate of more than its value
   */
  charge(order: OrderCharges, execution: { units: number; price: number; maker: boolean; timeMs: number }): number {
    const { units, price, maker, timeMs } = execution;
    const value = units * price;
    const { perShare = 0, perOrder = 0, perOrderMin = 0, maxShare = Infinity } = this.#terms;
    const rates = this.#rates(timeMs);
    const { share, unit } = maker ? rates.maker : rates.taker;
    const first = order.value === 0;
    if (first) order.due = perOrder;
    // What a tier or a maker's rate has charged stays: only what is new is charged at the rates of its moment.
    order.due += perShare * units + Math.max(0, share) * value;
    order.value += value;
    const before = order.charged;
    order.charged = Math.min(Math.max(order.due, perOrderMin), maxShare * order.value);
    if (!Number.isNaN(timeMs)) this.#count(timeMs, value);
    const venue = unit * units + Math.min(0, share) * value;
    const own = this.#own?.charge({ units, price, maker, first }) ?? 0;
    const charge = order.charged - before + venue + own;
    if (charge < 0 && isBeyondValue(charge, execution)) throw tooLarge(charge, { units, price, maker });
    return charge;
  }

  #rates(timeMs: number): { maker: SideRates; taker: SideRates } {
    const { makerBps = 0, takerBps = 0, makerPerShare = 0, takerPerShare = 0, tiers } = this.#terms;
    if (tiers !== undefined && !Number.isNaN(timeMs)) this.#forget(timeMs);
    const bps = tiers?.findLast(({ from }) => this.#sum >= from) ?? { makerBps, takerBps };
    return {
      maker: { share: bps.makerBps * BPS, unit: makerPerShare },
      taker: { share: bps.takerBps * BPS, unit: takerPerShare },
    };
  }

  #count(timeMs: number, value: number): void {
    if (this.#terms.tiers === undefined) return;
    this.#traded.push({ timeMs, value });
    this.#sum += value;
  }

  #forget(timeMs: number): void {
    const kept = this.#traded.findIndex((one) => one.timeMs > timeMs - TIER_MS);
    if (kept === 0 || this.#traded.length === 0) return;
    this.#traded = kept < 0 ? [] : this.#traded.slice(kept);
    this.#sum = this.#traded.reduce((sum, { value }) => sum + value, 0);
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { traded: this.#traded, sum: this.#sum };
  }

  /** Takes up what one of the same options has saved. */
  restore({ traded, sum }: ReturnType<CommissionSchedule['save']>): void {
    this.#traded = traded;
    this.#sum = sum;
  }
}

function tooLarge(charge: number, execution: { units: number; price: number; maker: boolean }): InputError {
  return new InputError(
    `costs: a charge of ${charge} for ${JSON.stringify(execution)} is a rebate of more than its value`,
    'Correct commission.makerPerShare and takerPerShare: currency a unit; or what a file of costs pays beside them.',
  );
}
