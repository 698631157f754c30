import type { BarView } from '../bar-view.ts';
import { NO_CONDITIONS, type OrderRole, type OrderTerms, type OrderType } from '../orders/order-terms.ts';

/**
 * How far from the entry's price: a share of it (0.05), multiples of the average true range, or an amount of money a
 * unit.
 */
export type Distance = { readonly percent: number } | { readonly atr: number } | { readonly price: number };

/** What ends each position by itself; whichever comes first. Orders rest at the venue while the position is open. */
export interface ProtectionRule {
  readonly stopLoss: Distance | null;
  readonly takeProfit: Distance | null;
  /** A stop that follows the best price since the entry. */
  readonly trailing: Distance | null;
  /** It begins to once the price has gone as far in favour of the position; until then it stops nothing. */
  readonly trailingAfter?: Distance | null | undefined;
}

/** Bars of the average true range that `atr` counts in. */
const ATR_BARS = 14;

/** Closed bars from which every distance of `rule` is known: true ranges need the close before them. */
export function barsNeeded({ stopLoss, takeProfit, trailing, trailingAfter = null }: ProtectionRule): number {
  const all = [stopLoss, takeProfit, trailing, trailingAfter];
  const ranges = all.some((distance) => distance !== null && 'atr' in distance);
  return ranges ? ATR_BARS + 1 : 0;
}

/** A position that has just been opened or changed. */
export interface ProtectedPosition {
  /** 1 long, -1 short. */
  readonly side: 1 | -1;
  /** Average price of what is held. */
  readonly price: number;
  /** Average true range in the units of `price`; asked for only where a rule counts in it. */
  readonly atr: () => number;
  /** Group of the orders. */
  readonly group: number;
}

/**
 * Terms of the orders that protect a position, not yet on the tick: stop-loss, take-profit, trailing stop. A distance
 * that is not known (too few bars for the range) gives NaN, which risk refuses.
 */
export function protectiveTerms(rule: ProtectionRule, position: ProtectedPosition): OrderTerms[] {
  const { side, price, group } = position;
  const terms: OrderTerms[] = [];
  if (rule.stopLoss !== null) {
    terms.push(termsAt('stop', 'stop-loss', price - side * away(rule.stopLoss, position), group));
  }
  if (rule.takeProfit !== null) {
    terms.push(termsAt('limit', 'take-profit', price + side * away(rule.takeProfit, position), group));
  }
  if (rule.trailing !== null) {
    const distance = away(rule.trailing, position);
    const share = 'percent' in rule.trailing ? rule.trailing.percent : 0;
    const first = termsAt('trailing', 'trailing-stop', price - side * distance, group);
    const { trailingAfter = null } = rule;
    const conditions =
      trailingAfter === null ? null : { ...NO_CONDITIONS, limit: price + side * away(trailingAfter, position) };
    terms.push({ ...first, trail: share > 0 ? 0 : distance, trailShare: share, conditions });
  }
  return terms;
}

/** Out of `protectiveTerms`: a function of a name that is made at each call took 5 % of a backtest with a bracket. */
function away(distance: Distance, { price, atr }: ProtectedPosition): number {
  if ('percent' in distance) return distance.percent * price;
  return 'atr' in distance ? distance.atr * atr() : distance.price;
}

function termsAt(type: OrderType, role: OrderRole, level: number, group: number): OrderTerms {
  return { type, role, price: level, trail: 0, trailShare: 0, group, conditions: null };
}

/**
 * Mean true range of the last 14 closed bars (Wilder, New Concepts in Technical Trading Systems, 1978, as a simple
 * mean: it needs no history before them); NaN with fewer than 15.
 */
export function averageTrueRange(view: BarView): number {
  if (view.length <= ATR_BARS) return NaN;
  let sum = 0;
  for (let ago = 0; ago < ATR_BARS; ago++) {
    const before = view.close(ago + 1);
    sum += Math.max(view.high(ago), before) - Math.min(view.low(ago), before);
  }
  return sum / ATR_BARS;
}
