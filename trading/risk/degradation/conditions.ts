import { MINUTE_MS } from '../../../features/timeframe.ts';
import type { RiskLimits } from '../../../models/experiment/experiment.ts';
import { refused, type RefusedOrder } from '../../orders/approved-order.ts';
import { OrderRate } from '../order-rate.ts';
import type { Condition } from '../../venue-event.ts';
import { CONDITIONS, type ConditionName } from './condition-name.ts';
import {
  DEFAULT_DEGRADATION,
  DEGRADATION_TABLE,
  threshold,
  type DegradationSettings,
  type DegradationStep,
} from './degradation-table.ts';

/** A condition that has come to another step of its row; null: it is over. */
export interface ConditionChange {
  readonly step: DegradationStep | null;
  /** From which value on it holds; 0 where it is over. */
  readonly limit: number;
}

/** The conditions around a session as its events tell them, and what the table says about openings meanwhile. */
export class Conditions {
  readonly #values = new Map<ConditionName, number>();
  #settings: DegradationSettings = DEFAULT_DEGRADATION;
  /** Why nothing may open, or null. */
  block: RefusedOrder | null = null;
  /** Share of what is asked for that may open. */
  share = 1;
  /** Null where orders may come as fast as they like. */
  pace: OrderRate | null = null;

  /** Other settings hold from here on; each condition is judged by them at its next event. */
  change({ degradation }: Pick<RiskLimits, 'degradation'>): void {
    this.#settings = degradation ?? DEFAULT_DEGRADATION;
  }

  /** Takes what was measured. Returns what it led to where that is another step than before, else null. */
  take({ name, value }: Condition): ConditionChange | null {
    const before = this.#stepOf(name);
    if (value > 0) this.#values.set(name, value);
    else this.#values.delete(name);
    const step = this.#stepOf(name);
    this.#settle();
    if (step === before) return null;
    return { step, limit: step === null ? 0 : threshold(step, this.#settings) };
  }

  #stepOf(name: ConditionName): DegradationStep | null {
    const value = this.#values.get(name) ?? 0;
    return DEGRADATION_TABLE[name].steps.findLast((step) => value >= threshold(step, this.#settings)) ?? null;
  }

  #settle(): void {
    [this.block, this.share] = [null, 1];
    let isPaced = false;
    for (const name of CONDITIONS) {
      const step = this.#stepOf(name);
      if (step === null) continue;
      const { code } = DEGRADATION_TABLE[name];
      if (step.opens === 'nothing') this.block ??= refused(code!, this.#values.get(name)!, this.#at(step));
      if (step.opens === 'smaller') this.share = Math.min(this.share, this.#settings.lateShare);
      isPaced ||= step.opens === 'fewer';
    }
    const orders = this.#settings.latencyOrdersPerMinute;
    if (!isPaced) this.pace = null;
    else if (this.pace?.orders !== orders) this.pace = OrderRate.after(this.pace, orders, MINUTE_MS);
  }

  #at(step: DegradationStep): number {
    return threshold(step, this.#settings);
  }

  /** Why one opening more would be too many by now, or null. */
  paceBlock(timeMs: number): RefusedOrder | null {
    const { pace } = this;
    return pace !== null && pace.isReached(timeMs)
      ? refused('latency', this.#values.get('latency')!, pace.orders)
      : null;
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { values: [...this.#values], pace: this.pace?.save() ?? null };
  }

  /** Takes up what one of the same settings has saved. */
  restore({ values, pace }: ReturnType<Conditions['save']>): void {
    for (const [name, value] of values) this.#values.set(name, value);
    this.#settle();
    if (pace !== null) this.pace?.restore(pace);
  }
}
