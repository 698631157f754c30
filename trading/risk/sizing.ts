import { InputError } from '../../infra/errors.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import { buyingPower } from '../../models/experiment/limits-schema.ts';
import type { BarView } from '../bar-view.ts';
import { fromPlain, toPlain, type Plain } from '../plain-values.ts';
import { OwnSize, type OwnSizerRule } from './own-sizer.ts';
import { averageTrueRange, type Distance } from './protection.ts';
import type { RefusedOrder } from '../orders/approved-order.ts';
import type { Silence } from '../strategies/own/silence.ts';
import type { Signal } from '../strategies/strategy.ts';

/** What a position should be worth. Fractions are of equity; `units` and `all-in` serve rule strategies. */
export type SizingRule =
  | OwnSizerRule
  | { readonly kind: 'all-in' }
  | { readonly kind: 'units'; readonly units: number }
  | { readonly kind: 'fraction-of-equity'; readonly fraction: number }
  | { readonly kind: 'equal-weight' }
  | {
      readonly kind: 'kelly-capped';
      readonly fraction: number;
      readonly kellyShare: number;
      /** Gain of a bet that is won for each unit that a lost one costs. Default 1. */
      readonly payoff?: number | undefined;
    }
  | {
      readonly kind: 'risk-per-trade';
      readonly fraction: number;
      /** Share of equity that is lost where the stop is filled at its price. */
      readonly riskFraction: number;
      /** How far from the entry's price the stop lies. */
      readonly stop: Distance;
    }
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
  /** What a user should know of the session besides: mistakes of a file. */
  notes?(): readonly string[];
  /** Why it sizes nothing any more, as a refusal and as an error: its file did not answer. Null where it does. */
  silent?(): RefusedOrder | null;
  failure?(): Error | null;
  /** What is on record of that, told before the first bar: the question is not asked again. */
  expect?(known: readonly Silence[]): void;
  /** What it keeps for its notes, and taken up again in another process. */
  save?(): Plain;
  restore?(state: Plain): void;
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
  if (rule.kind === 'file') return ownSizer(rule, context);
  const fraction = fractionOf(rule, context);
  return { atFill: false, units: (input) => Math.max(0, (fraction(input) * input.equity) / input.price) };
}

type FractionRule = Exclude<SizingRule, { kind: 'all-in' | 'units' | 'file' }>;

/** Bars whose returns a user's sizer is told the volatility of. */
const VOLATILITY_BARS = 20;

function ownSizer(rule: OwnSizerRule, { symbols, barsPerYear }: SizingContext): Sizer {
  const own = new OwnSize(rule);
  return {
    atFill: false,
    units: ({ signal, view, equity, price }) => {
      const volatility = view.length > VOLATILITY_BARS ? barVolatility(view, VOLATILITY_BARS) : null;
      return own.units({
        symbol: view.symbol,
        side: signal.action === 'BUY' ? 1 : -1,
        confidence: signal.confidence,
        equity,
        price,
        volatility,
        yearlyVolatility: volatility === null ? null : volatility * Math.sqrt(barsPerYear),
        symbols,
        timeMs: view.closeTimeMs(),
      });
    },
    notes: () => own.notes(),
    silent: () => own.silent(),
    failure: () => own.failure,
    expect: (known) => own.expect(known),
    save: () => toPlain(own.save()),
    restore: (state) => own.restore(fromPlain(state) as ReturnType<OwnSize['save']>),
  };
}

function fractionOf(rule: FractionRule, context: SizingContext): (input: SizingInput) => number {
  switch (rule.kind) {
    case 'fraction-of-equity':
      // Fixed-fractional: the same share of what there is, whatever the signal.
      return () => rule.fraction;
    case 'equal-weight':
      return () => 1 / context.symbols;
    case 'kelly-capped':
      return ({ signal }) => Math.min(rule.fraction, rule.kellyShare * kelly(signal.confidence, rule.payoff ?? 1));
    case 'risk-per-trade':
      // The percent-risk model (Tharp, Trade Your Way to Financial Freedom, 1998): units = risk x equity / stop.
      return ({ view, price }) =>
        Math.min(rule.fraction, (rule.riskFraction * price) / stopDistance(rule.stop, view, price));
    case 'volatility-target':
      return ({ view }) => {
        const annual = barVolatility(view, rule.volatilityBars) * Math.sqrt(context.barsPerYear);
        // A flat stretch has no volatility to divide by: the cap stands.
        return annual === 0 ? rule.fraction : Math.min(rule.fraction, rule.targetVolatility / annual);
      };
  }
}

/**
 * Kelly (A New Interpretation of Information Rate, 1956): p - (1 - p) / payoff, where p is the probability of the side
 * that is taken. For even odds that is 2p - 1, a signal's confidence.
 */
function kelly(confidence: number, payoff: number): number {
  if (payoff === 1) return confidence;
  const probability = (1 + confidence) / 2;
  return probability - (1 - probability) / payoff;
}

/** In the units of `price`, which is as traded while a view may have dividends taken out; NaN with too few bars. */
function stopDistance(stop: Distance, view: BarView, price: number): number {
  if ('percent' in stop) return stop.percent * price;
  return 'price' in stop ? stop.price : stop.atr * averageTrueRange(view) * (price / view.close());
}

/** @throws InputError for a size that only credit pays for, where there is none. */
export function requireCredit(sizing: SizingRule, limits: RiskLimits): void {
  const power = buyingPower(limits);
  if (!('fraction' in sizing) || sizing.fraction <= power) return;
  throw new InputError(
    `a position of ${sizing.fraction} of equity takes credit, and equity may hold ${power} of itself`,
    'ask for less, or set the limit margin: { initial: 0.5, maintenance: 0.25 }, which allows 1 / initial',
  );
}
