import type { ApprovedOrder } from '../../orders/approved-order.ts';
import type { At, VenueParts } from './executor.ts';
import { conditionsOf, type Work } from './work.ts';

/** When orders take part in bars: from when they have arrived until their time is over, and on which days. */
export class OrderTimes {
  /** An order is at the market with the next bar. */
  readonly atOnce: boolean;
  readonly #parts: Pick<VenueParts, 'market' | 'dayOf'>;

  constructor(parts: Pick<VenueParts, 'market' | 'dayOf' | 'costs'>) {
    this.#parts = parts;
    this.atOnce = (parts.costs.latencyMs ?? 0) === 0;
  }

  /** The order had reached the market when the bar opened. */
  hasArrived({ arrivesMs }: Work, at: At): boolean {
    return this.atOnce || this.opensMs(at) >= arrivesMs;
  }

  /** The time for which the order works ended before the bar. Its first bar tells which trading day is its. */
  isOver(work: Work, at: At): boolean {
    const { tif, expiresMs } = conditionsOf(work.order);
    if (tif !== 'day' && tif !== 'gtd') return false;
    const { openTimeMs, closeTimeMs } = this.#bars(at);
    const day = this.#parts.dayOf(closeTimeMs[at.index]!);
    if (Number.isNaN(work.day)) work.day = day;
    return tif === 'day' ? day !== work.day : openTimeMs[at.index]! >= expiresMs;
  }

  /** The bar is of a later trading day than the decision. */
  isNextDay({ timeMs }: ApprovedOrder, at: At): boolean {
    const { dayOf } = this.#parts;
    return dayOf(this.#bars(at).closeTimeMs[at.index]!) !== dayOf(timeMs);
  }

  /** Another bar of this length would end on another day. */
  endsDay(at: At): boolean {
    const { openTimeMs, closeTimeMs } = this.#bars(at);
    const close = closeTimeMs[at.index]!;
    return this.#parts.dayOf(close + close - openTimeMs[at.index]!) !== this.#parts.dayOf(close);
  }

  opensMs(at: Pick<At, 'symbol' | 'index'>): number {
    return this.#bars(at).openTimeMs[at.index]!;
  }

  #bars({ symbol }: Pick<At, 'symbol'>) {
    return this.#parts.market.series[symbol]!.bars;
  }
}
