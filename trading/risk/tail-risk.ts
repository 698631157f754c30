import { isSet } from '../../models/experiment/limits-schema.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type { RefusalCode } from '../refusal.ts';
import type { Opening, OpeningContext } from './opening.ts';
import { returnsBeside } from './returns-beside.ts';
import type { TightestLimit } from './tightest-limit.ts';

type TailLimit = NonNullable<RiskLimits['valueAtRisk']>;

interface Measure {
  readonly code: Extract<RefusalCode, 'value-at-risk' | 'expected-shortfall'>;
  readonly limit: TailLimit;
  /** The loss, in the unit of `losses`, which ascend. */
  readonly of: (losses: Float64Array, level: number) => number;
}

/** Halvings of what is asked for: to a millionth of a millionth. */
const HALVINGS = 40;
/** Rounding of `level` times the count of losses. */
const ROUNDING = 1e-9;

/** The smallest loss that at least `level` of all do not exceed: the inverse of the empirical distribution. */
export function valueAtRisk(losses: Float64Array, level: number): number {
  return losses[Math.max(0, Math.ceil(level * losses.length - ROUNDING) - 1)]!;
}

/**
 * Mean of the worst 1 - `level` of the losses, the one at the edge counted in part (Acerbi and Tasche, On the coherence
 * of expected shortfall, 2002).
 */
export function expectedShortfall(losses: Float64Array, level: number): number {
  const weight = (1 - level) * losses.length;
  let left = weight;
  let sum = 0;
  for (let at = losses.length - 1; at >= 0 && left > ROUNDING; at--) {
    const part = Math.min(1, left);
    sum += part * losses[at]!;
    left -= part;
  }
  return sum / weight;
}

/**
 * Value at risk and expected shortfall by historical simulation: what the moves of the last bars, each taken as it
 * came, would do to what is held and works. Point in time: bars that have closed. An opening that leaves the figure
 * where it is, or lowers it, passes.
 */
export class TailRisk {
  readonly #options: OpeningContext;
  readonly #measures: readonly Measure[];

  /** Null where neither limit is on. */
  static of(options: OpeningContext): TailRisk | null {
    const { valueAtRisk: atRisk, expectedShortfall: shortfall } = options.limits;
    const measures: Measure[] = [];
    if (isSet(atRisk)) measures.push({ code: 'value-at-risk', limit: atRisk, of: valueAtRisk });
    if (isSet(shortfall)) measures.push({ code: 'expected-shortfall', limit: shortfall, of: expectedShortfall });
    return measures.length === 0 ? null : new TailRisk(options, measures);
  }

  private constructor(options: OpeningContext, measures: readonly Measure[]) {
    this.#options = options;
    this.#measures = measures;
  }

  tighten(tightest: TightestLimit, opening: Opening): void {
    for (const measure of this.#measures) {
      const most = Math.min(tightest.left, opening.asked);
      if (most > opening.held) this.#tightenTo(tightest, measure, { ...opening, asked: most });
    }
  }

  #tightenTo(tightest: TightestLimit, { code, limit, of }: Measure, { symbol, side, held, asked }: Opening): void {
    const { equity } = this.#options.portfolio;
    const scenarios = this.#scenarios(symbol, limit.bars);
    if ('barsThere' in scenarios) {
      return tightest.other('risk-history', 0, { found: scenarios.barsThere, limit: limit.bars + 1 });
    }
    const { gains, returns } = scenarios;
    const losses = new Float64Array(gains.length);
    const riskAt = (notional: number): number => {
      for (let at = 0; at < losses.length; at++) losses[at] = -(gains[at]! + side * notional * returns[at]!);
      return of(losses.sort(), limit.level);
    };
    const allowed = Math.min((limit.fraction ?? Infinity) * equity, limit.amount ?? Infinity);
    const most = Math.max(allowed, riskAt(held));
    const found = riskAt(asked);
    if (found <= most) return;
    let [fits, tooMuch] = [held, asked];
    for (let turn = 0; turn < HALVINGS; turn++) {
      const middle = (fits + tooMuch) / 2;
      if (riskAt(middle) <= most) fits = middle;
      else tooMuch = middle;
    }
    tightest.other(code, fits, { found: found / equity, limit: allowed / equity });
  }

  /** What each past move does to other positions, in currency, and the return of the symbol itself in it. */
  #scenarios(
    symbol: number,
    bars: number,
  ): { readonly gains: Float64Array; readonly returns: Float64Array } | { readonly barsThere: number } {
    const { seen, reservations } = this.#options;
    const clock = seen[symbol]!.view;
    const returns = returnsBeside(seen[symbol]!, clock, bars);
    if (returns === null) return { barsThere: clock.length };
    const gains = new Float64Array(bars);
    let barsThere = Infinity;
    reservations.eachOther(symbol, (other, high, low) => {
      const moves = returnsBeside(seen[other]!, clock, bars);
      if (moves === null) barsThere = Math.min(barsThere, seen[other]!.view.length);
      const value = high > -low ? high : low;
      for (let at = 0; at < bars && moves !== null; at++) gains[at]! += value * moves[at]!;
    });
    return barsThere < Infinity ? { barsThere } : { gains, returns };
  }
}
