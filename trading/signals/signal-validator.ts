import type { Signal } from '../strategies/strategy.ts';
import { refused, type RefusedOrder } from '../orders/approved-order.ts';
import type { StrengthThresholds } from '../../models/experiment/signals-schema.ts';
import type { OpeningRules } from './opening-rules.ts';

/** When a signal counts: the experiment's `signals` and the limits' confidence. */
export interface SignalRules {
  /** A BUY with a probability must be above the first, a SELL below the second. */
  readonly buyAbove: number;
  readonly sellBelow: number;
  /** Bars after an order of a symbol during which it may not open again. Closing is never delayed. */
  readonly cooldownBars: number;
  readonly maxAgeBars: number;
  readonly minimumConfidence: number;
  /** SELL opens a short position; otherwise it goes flat. */
  readonly longShort: boolean;
  /** What holds back signals that would open besides; absent where nothing does. */
  readonly opening?: OpeningRules | undefined;
  /** Where a signal begins to be called moderate, and strong: words only. */
  readonly strength?: StrengthThresholds | undefined;
}

/** Any signal goes, SELL goes flat: what rule strategies run under unless told otherwise. */
export const OPEN_SIGNAL_RULES: SignalRules = {
  buyAbove: 0.5,
  sellBelow: 0.5,
  cooldownBars: 0,
  maxAgeBars: 1,
  minimumConfidence: 0,
  longShort: false,
};

/** What the validator needs to know of the moment. */
export interface SignalMoment {
  /** Whole bars that the event reached the engine after the bar closed. */
  readonly lateBars: number;
  /** Bars since the symbol's last order, Infinity without one. */
  readonly barsSinceOrder: number;
  /** The signal would open or increase a position. */
  readonly opens: boolean;
}

/** Refuses a signal that is malformed, of an expired model, weak, unsure, stale or too soon; null lets it through. */
export function validateSignal(signal: Signal, rules: SignalRules, moment: SignalMoment): RefusedOrder | null {
  const { probability, confidence, ageBars, expiredDays } = signal;
  if (!(confidence >= 0 && confidence <= 1) || !(ageBars >= 0)) return refused('not-finite');
  if (expiredDays !== undefined && !(expiredDays <= 0)) return refused('model-expired', expiredDays, 0);
  if (probability !== null) {
    if (!(probability >= 0 && probability <= 1)) return refused('not-finite');
    if (signal.action === 'BUY' && !(probability > rules.buyAbove)) return refused('weak', probability, rules.buyAbove);
    if (signal.action === 'SELL' && !(probability < rules.sellBelow))
      return refused('weak', probability, rules.sellBelow);
  }
  if (confidence < rules.minimumConfidence) return refused('low-confidence', confidence, rules.minimumConfidence);
  const age = ageBars + moment.lateBars;
  if (!(age <= rules.maxAgeBars)) return refused('stale', age, rules.maxAgeBars);
  if (moment.opens && moment.barsSinceOrder <= rules.cooldownBars) {
    return refused('cooldown', moment.barsSinceOrder, rules.cooldownBars);
  }
  return null;
}
