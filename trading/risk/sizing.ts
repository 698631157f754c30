import type { BarView } from '../bar-view.ts';
import type { Signal } from '../strategies/strategy.ts';

/** What a position should be worth. Fractions are of equity; `units` and `all-in` serve rule strategies. */
export type SizingRule =
  | { readonly kind: 'all-in' }
  | { readonly kind: 'units'; readonly units: number }
  | { readonly kind: 'fraction-of-equity'; readonly fraction: number }
  | { readonly kind: 'equal-weight' }
  | { readonly kind: 'kelly-capped'; readonly fraction: number; readonly kellyShare: number }
  | {
      readonly kind: 'volatility-target';
      readonly fraction: number;
      readonly targetVolatility: number;
      readonly volatilityBars: number;
    };

interface SizingInput {
  readonly signal: Signal;
  readonly view: BarView;
  readonly equity: number;
  /** Price of the decision. */
  readonly price: number;
}

export interface SizingContext {
  /** Symbols in the universe: what equal weights divide by. */
  readonly symbols: number;
  /** Annualises the volatility of bars: 252 for daily bars of a stock exchange. */
  readonly barsPerYear: number;
}

/** Sizes asked for; risk may cut them. */
export interface Sizer {
  /** The broker resolves the size at the fill price; `units` then only tells that something is wanted. */
  readonly atFill: boolean;
  /**
   * Absolute units wanted, not yet on the lot: 0 without equity, never of the other side. NaN where the rule cannot
   * say: risk refuses it.
   */
  units(input: SizingInput): number;
}

/**
 * Root mean square of the last `bars` simple returns; NaN with fewer. A mean of zero is assumed, as usual for short
 * windows.
 */
function barVolatility(view: BarView, bars: number): number {
  if (view.length <= bars) return NaN;
  let sum = 0;
  for (let ago = 0; ago < bars; ago++) {
    const change = view.close(ago) / view.close(ago + 1) - 1;
    sum += change * change;
  }
  return Math.sqrt(sum / bars);
}

/** The sizer of `rule`. */
export function createSizer(rule: SizingRule, context: SizingContext): Sizer {
  if (rule.kind === 'all-in') return { atFill: true, units: ({ equity, price }) => Math.max(0, equity / price) };
  if (rule.kind === 'units') return { atFill: false, units: () => rule.units };
  const fraction = fractionOf(rule, context);
  return { atFill: false, units: (input) => Math.max(0, (fraction(input) * input.equity) / input.price) };
}

type FractionRule = Exclude<SizingRule, { kind: 'all-in' | 'units' }>;

function fractionOf(rule: FractionRule, context: SizingContext): (input: SizingInput) => number {
  switch (rule.kind) {
    case 'fraction-of-equity':
      return () => rule.fraction;
    case 'equal-weight':
      return () => 1 / context.symbols;
    case 'kelly-capped':
      // Kelly (1956) for even odds: 2p - 1, which is the signal's confidence; a share of it, capped.
      return ({ signal }) => Math.min(rule.fraction, rule.kellyShare * signal.confidence);
    case 'volatility-target':
      return ({ view }) => {
        const annual = barVolatility(view, rule.volatilityBars) * Math.sqrt(context.barsPerYear);
        // A flat stretch has no volatility to divide by: the cap stands.
        return annual === 0 ? rule.fraction : Math.min(rule.fraction, rule.targetVolatility / annual);
      };
  }
}
