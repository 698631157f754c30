import type { ExtendedHours } from '../../../pipelines/calendars/extended-hours.ts';
import type { Instruction } from '../../effect.ts';
import type { BarPrices } from '../../fine-bars.ts';
import type { Market } from '../../market.ts';
import type { ApprovedOrder } from '../../orders/approved-order.ts';
import type { Account } from '../../portfolio/portfolio.ts';
import type { Report } from '../broker.ts';
import type { CostModel, Costs } from './cost-model.ts';
import type { Touched } from './resting-orders.ts';
import type { Settlement, Shortfall } from './settlement.ts';
import type { VenueRulebook } from './rules/venue-rules.ts';
import { conditionsOf, leftOf, takeFrom, type Work } from './work.ts';

/** A bar in which orders are executed. */
export interface At {
  readonly timeMs: number;
  readonly symbol: number;
  readonly index: number;
}

/** Whom the venue tells, and what that has led to so far. */
export interface Told {
  readonly report: Report;
  readonly caused: () => readonly Instruction[];
}

/** How an execution comes about. */
export interface How {
  /** Price before what the market concedes. */
  readonly reference: number;
  /** It rested before: charged as what others took. */
  readonly maker: boolean;
  /** At the price itself: the market concedes nothing. */
  readonly exact: boolean;
  /** No worse than this; NaN without one. */
  readonly limit: number;
}

export const TAKER = { maker: false, exact: false, limit: NaN };

export interface VenueParts {
  readonly market: Market;
  readonly account: Account;
  readonly costs: Costs;
  readonly cost: CostModel;
  readonly settlement: Settlement;
  /** What the venue takes of orders; null where it takes every one. */
  readonly rules: VenueRulebook | null;
  readonly dayOf: (closeTimeMs: number) => number;
  readonly endsDay?: ((openTimeMs: number, closeTimeMs: number) => boolean) | undefined;
  /** Hours around the regular ones. */
  readonly extended?: ExtendedHours | undefined;
}

/**
 * How an order whose price a bar reached is executed: null where a stop-limit is triggered and its limit is not met.
 * `limit` is that of a stop-limit, at which what is left of it rests.
 */
export function howTriggered(
  { order, fresh }: Work,
  { price, gapped, resting }: Touched,
  bar: BarPrices,
): { readonly how: How | null; readonly limit: number | null } {
  // What was there before the bar opened made the price; what the open found beyond its limit took it.
  if (!resting.stops) {
    return { how: { reference: price, maker: !(gapped && fresh), exact: true, limit: NaN }, limit: null };
  }
  if (order.terms!.type !== 'stop-limit') return { how: { reference: price, ...TAKER }, limit: null };
  const { limit } = order.terms!.conditions!;
  const buys = order.direction > 0;
  if (buys ? price <= limit : price >= limit) return { how: { reference: price, ...TAKER, limit }, limit };
  const comesBack = gapped && (buys ? bar.low <= limit : bar.high >= limit);
  return { how: comesBack ? { reference: limit, maker: true, exact: true, limit } : null, limit };
}

/**
 * What came of an execution: nothing of the order is `left`, a part is, nothing could be done in this bar, or it is
 * to end for a reason (null: it would have opened what it is only to close).
 */
export type Outcome =
  { readonly kind: 'whole' | 'part' | 'none' } | { readonly kind: 'ended'; readonly why: Shortfall | null };

const WHOLE: Outcome = { kind: 'whole' };
const PART: Outcome = { kind: 'part' };
const NONE: Outcome = { kind: 'none' };

/** Executes orders in bars: how much, at which price, for what charge. */
export class Executor {
  readonly #parts: VenueParts;
  readonly #participation: number;
  /** What has been traded of the volume of a bar, by symbol. */
  readonly #usedIndex: Int32Array;
  readonly #used: Float64Array;

  constructor(parts: VenueParts) {
    const symbols = parts.market.instruments.length;
    this.#parts = parts;
    this.#participation = parts.costs.participation ?? Infinity;
    this.#usedIndex = new Int32Array(symbols).fill(-1);
    this.#used = new Float64Array(symbols);
  }

  /** Executes what can be of an order in a bar, and reports it. */
  execute(work: Work, at: At, how: How, report: Report): Outcome {
    const { order } = work;
    const { account, settlement } = this.#parts;
    const { symbol, index } = at;
    const lots = settlement.lots[symbol]!;
    const held = account.quantity[symbol]!;
    const closable = held * order.direction < 0 ? Math.abs(held) : 0;
    const { tif, reduceOnly } = conditionsOf(order);
    // One of a strategy that shares the account closes what that one holds, also where others hold the other side.
    const own = account.ownBound?.(order) ?? null;
    const onlyCloses = order.reduces || reduceOnly || own !== null;
    const bound = own ?? closable;
    const asked = this.#asked(work, how.reference, { held, closable, onlyCloses, bound });
    if (onlyCloses && asked === 0) return { kind: 'ended', why: null };
    if (asked === 0) return { kind: 'ended', why: settlement.lessThanALot(order, how.reference) };
    const cap = this.#capLeft(at);
    if (cap === 0 || (tif === 'fok' && cap < asked)) return NONE;
    const most = Math.min(asked, cap);
    const beyond = this.#priced(order, index, how, most);
    // Nobody buys at nothing: what closes waits for a bar that can take it, what opens ends.
    if (beyond !== null) return onlyCloses ? NONE : { kind: 'ended', why: beyond };
    const closing = Math.min(most, closable);
    const wanted = lots.nearest(most - closing);
    const opening = wanted > 0 ? settlement.opening(order, settlement.price, wanted) : 0;
    const unpaid = opening < wanted ? ({ code: 'cash', asked: wanted, limit: opening } as const) : null;
    if (tif === 'fok' && unpaid !== null) return NONE;
    const units = lots.nearest(closing + opening);
    if (units > 0 && this.#received(work, units, how) === 0) {
      return { kind: 'ended', why: { code: 'below-lot', asked: units, limit: lots.step } };
    }
    // A size that is resolved at the fill is resolved once more for the rest.
    if (order.fraction === 0) takeFrom(work, units, lots);
    const left = order.fraction > 0 ? lots.nearest(asked - units) : leftOf(work);
    // What reduces is done once nothing is held, however large it was.
    const last = unpaid === null && (left === 0 || (onlyCloses && units === bound));
    this.#used[symbol]! += units;
    if (units > 0) this.#reportFill(work, at, { units, how, last }, report);
    if (unpaid !== null) return { kind: 'ended', why: unpaid };
    return last ? WHOLE : PART;
  }

  /** Units that are to be traded: never more than there is of what only reduces. */
  #asked(
    work: Work,
    reference: number,
    { held, closable, onlyCloses, bound }: { held: number; closable: number; onlyCloses: boolean; bound: number },
  ): number {
    const { order } = work;
    const left = leftOf(work);
    if (onlyCloses) return Math.min(left, bound);
    if (order.fraction === 0) return left;
    const had = Math.max(0, held * order.direction);
    const opening = this.#parts.settlement.openingOf(order, reference);
    return closable + Math.max(0, opening - had);
  }

  /** Units that a trade would leave: of a purchase whose charge is taken in what is bought, it may be none. */
  #received({ order, charges }: Work, units: number, { maker }: How): number {
    const { commission } = this.#parts.cost;
    if (!commission.inBase || order.direction < 0) return units;
    const { lots, price } = this.#parts.settlement;
    const fee = commission.charge({ ...charges }, { units, price, maker, timeMs: NaN });
    return Math.max(0, lots[order.symbol]!.floor(units - Math.max(0, fee) / price));
  }

  #reportFill(
    work: Work,
    { timeMs, symbol }: At,
    { units, how, last }: { units: number; how: How; last: boolean },
    report: Report,
  ): void {
    const { order } = work;
    const { settlement, cost } = this.#parts;
    const { price } = settlement;
    const { commission } = cost;
    const fee =
      commission.flatRate === null
        ? commission.charge(work.charges, { units, price, maker: how.maker, timeMs })
        : units * price * commission.flatRate;
    const { direction, sequence } = order;
    // Of a purchase whose charge is taken in what is bought, less is received; a rebate is paid in money.
    const inKind = commission.inBase && direction > 0 && fee > 0;
    const received = inKind ? settlement.lots[symbol]!.floor(units - fee / price) : units;
    const quantity = direction * received;
    const slippage = direction * units * (price - how.reference);
    report({
      kind: 'fill',
      sequence,
      timeMs,
      symbol,
      quantity,
      price,
      fee: received < units ? (units - received) * price : fee,
      slippage,
      final: last,
    });
  }

  /** Sets the price: the limit's own for a maker, else what the market concedes, no worse than the limit. */
  #priced(order: ApprovedOrder, index: number, how: How, units: number): Shortfall | null {
    const { settlement, cost } = this.#parts;
    settlement.price = how.reference;
    if (how.exact) return null;
    cost.tradedBefore = this.#used[order.symbol]!;
    const beyond = settlement.concede(order, index, how.reference, units);
    cost.tradedBefore = 0;
    if (beyond !== null || Number.isNaN(how.limit)) return beyond;
    settlement.price =
      order.direction > 0 ? Math.min(settlement.price, how.limit) : Math.max(settlement.price, how.limit);
    return null;
  }

  /** Units that the bar's volume leaves to be traded. */
  #capLeft({ symbol, index }: At): number {
    if (this.#usedIndex[symbol] !== index) {
      this.#usedIndex[symbol] = index;
      this.#used[symbol] = 0;
    }
    if (this.#participation === Infinity) return Infinity;
    const volume = this.#parts.market.series[symbol]!.bars.volume[index]!;
    const most = this.#parts.settlement.lots[symbol]!.floor(this.#participation * volume);
    // Of a volume that nobody knows nothing is filled.
    return most > 0 ? Math.max(0, most - this.#used[symbol]!) : 0;
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { usedIndex: this.#usedIndex, used: this.#used };
  }

  /** Takes up what one of the same options has saved. */
  restore({ usedIndex, used }: ReturnType<Executor['save']>): void {
    this.#usedIndex.set(usedIndex);
    this.#used.set(used);
  }
}
