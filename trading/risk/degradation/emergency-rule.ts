import { MINUTE_MS } from '../../../features/timeframe.ts';
import { isSet } from '../../../models/experiment/limits-schema.ts';
import type { RiskLimits } from '../../../models/experiment/experiment.ts';
import type { KillState, StateEffect } from '../../effect.ts';
import { OrderRate } from '../order-rate.ts';

/** What stops a session by itself, where its limits do not say. */
export type EmergencyRule = Pick<NonNullable<RiskLimits['emergencyStop']>, 'rejectionsPerMinute'>;

/** Of a session at a venue. */
export const VENUE_EMERGENCY: EmergencyRule = { rejectionsPerMinute: 10 };

/** Equity as it was marked, and what is held. */
interface Marked {
  readonly equity: number;
  readonly gross?: number;
  readonly peak: number;
}

/** Looks whether what happens is an emergency: by drawdown, margin, or rejections. */
export class EmergencyWatch {
  readonly #preset: EmergencyRule;
  #rule: RiskLimits['emergencyStop'] = null;
  #rejected: OrderRate | null = null;

  constructor(preset: EmergencyRule = {}) {
    this.#preset = preset;
  }

  /** Other limits hold from here on. */
  change({ emergencyStop }: Pick<RiskLimits, 'emergencyStop'>): void {
    this.#rule = emergencyStop;
    const most = emergencyStop?.rejectionsPerMinute ?? this.#preset.rejectionsPerMinute;
    this.#rejected = isSet(most) ? OrderRate.after(this.#rejected, most, MINUTE_MS) : null;
  }

  /** A mark may be one. */
  get watchesMarks(): boolean {
    const { drawdownFraction, drawdownAmount, equityFraction } = this.#rule ?? {};
    return isSet(drawdownFraction) || isSet(drawdownAmount) || isSet(equityFraction);
  }

  /** What a session that is stopped does besides observing. */
  get state(): KillState {
    return this.#rule?.flatten === true ? 'stop-flatten' : 'stop';
  }

  /** The stop that a mark leads to, or null. */
  onMark(timeMs: number, { equity, gross = 0, peak }: Marked): StateEffect | null {
    const { drawdownFraction, drawdownAmount, equityFraction } = this.#rule ?? {};
    const most = Math.min(isSet(drawdownFraction) ? drawdownFraction * peak : Infinity, drawdownAmount ?? Infinity);
    const base = { kind: 'state', timeMs, state: this.state } as const;
    if (peak > 0 && peak - equity >= most) {
      return { ...base, cause: 'drawdown', value: 1 - equity / peak, limit: most / peak };
    }
    if (!isSet(equityFraction) || !(gross > 0 && equity < equityFraction * gross)) return null;
    return { ...base, cause: 'margin-call', value: equity / gross, limit: equityFraction };
  }

  /** The venue has rejected an order: the stop that it leads to, or null. */
  onRejected(timeMs: number): StateEffect | null {
    const rejected = this.#rejected;
    if (rejected === null) return null;
    const isOften = rejected.isReached(timeMs);
    rejected.note(timeMs);
    if (!isOften) return null;
    const { orders: limit } = rejected;
    return { kind: 'state', timeMs, state: this.state, cause: 'rejections', value: limit + 1, limit };
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { rejected: this.#rejected?.save() ?? null };
  }

  /** Takes up what one of the same options has saved. */
  restore({ rejected }: ReturnType<EmergencyWatch['save']>): void {
    if (rejected !== null) this.#rejected?.restore(rejected);
  }
}
