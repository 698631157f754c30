import type { MarketStep } from '../../market.ts';
import type { ApprovedOrder } from '../../orders/approved-order.ts';
import { worksExtended } from '../../orders/traded-hours.ts';
import type { At, VenueParts } from './executor.ts';
import { conditionsOf, type Work } from './work.ts';

/** What the time of a bar means for orders: which have arrived, which may not outlive it, and where a day ends. */
export class VenueTime {
  readonly #parts: Pick<VenueParts, 'market' | 'dayOf' | 'endsDay' | 'extended'>;
  readonly #latencyMs: number;

  constructor(parts: Pick<VenueParts, 'market' | 'dayOf' | 'endsDay' | 'extended'>, latencyMs: number) {
    this.#parts = parts;
    this.#latencyMs = latencyMs;
  }

  opensMs({ symbol, index }: Pick<At, 'symbol' | 'index'>): number {
    return this.#parts.market.series[symbol]!.bars.openTimeMs[index]!;
  }

  /** The order was there before the bar opened, or as it did. Without latency every order is. */
  hasArrived({ arrivesMs }: Work, at: At): boolean {
    return this.#latencyMs === 0 || this.opensMs(at) >= arrivesMs;
  }

  /** The bar is of regular hours: of a market that has others, the one it begins in tells. */
  isRegular(at: Pick<At, 'symbol' | 'index'>): boolean {
    const { extended } = this.#parts;
    return extended === undefined || extended.isRegular(this.opensMs(at));
  }

  /** The order works in the hours of the bar. */
  works({ terms }: ApprovedOrder, at: At): boolean {
    return this.isRegular(at) || worksExtended(terms);
  }

  /** The bar, of regular hours, is of a later trading day than the decision, or follows one of before its open. */
  isNextDay({ order }: Work, { symbol, index }: At): boolean {
    const { dayOf, market, extended } = this.#parts;
    if (extended?.isRegular(order.timeMs) === false) return true;
    return dayOf(market.series[symbol]!.bars.closeTimeMs[index]!) !== dayOf(order.timeMs);
  }

  /** A bar after the close ends what worked for the day in regular hours alone. */
  isAfterItsDay({ order, day }: Work, at: At): boolean {
    return conditionsOf(order).tif === 'day' && !Number.isNaN(day) && !this.works(order, at);
  }

  /** By the hours of the market; where nobody knows them, another bar of this length would end on another day. */
  endsDay({ symbol, index }: At): boolean {
    const { dayOf, endsDay, market } = this.#parts;
    const { openTimeMs, closeTimeMs } = market.series[symbol]!.bars;
    const close = closeTimeMs[index]!;
    if (endsDay !== undefined) return endsDay(openTimeMs[index]!, close);
    return dayOf(close + close - openTimeMs[index]!) !== dayOf(close);
  }

  /** The time for which an order works is over; notes the day of its first bar. */
  isOver(work: Work, at: At): boolean {
    const { tif, expiresMs } = conditionsOf(work.order);
    if (tif !== 'day' && tif !== 'gtd') return false;
    const { dayOf, market } = this.#parts;
    const day = dayOf(market.series[at.symbol]!.bars.closeTimeMs[at.index]!);
    if (Number.isNaN(work.day)) work.day = day;
    return tif === 'day' ? day !== work.day : this.opensMs(at) >= expiresMs;
  }
}

/** Every order whose symbol has a bar; one that another of its group ends on the way is passed over. */
export function closingFirst(
  step: MarketStep,
  works: readonly ReadonlyMap<number, Work>[],
  act: (work: Work, at: At) => void,
): void {
  for (const reduces of [true, false]) {
    for (let entry = 0; entry < step.count; entry++) {
      const at = { timeMs: step.timeMs, symbol: step.symbols[entry]!, index: step.index[entry]! };
      for (const work of works[at.symbol]!.values()) if (work.order.reduces === reduces) act(work, at);
    }
  }
}
