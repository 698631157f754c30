import type { Timeframe } from '../../../features/timeframe.ts';
import type { Market } from '../../market.ts';
import type { FinancingRule } from '../../financing/financing-rule.ts';
import { CommissionSchedule, type Commission } from './commission.ts';
import { OwnCostModel, type OwnCostsRule } from './own-costs.ts';
import type { IntrabarOrder, StopFill } from './resting-orders.ts';

/** At which price an order that takes what there is does so; at the close of its decision no real one can. */
export const FILL_TIMES = ['next-open', 'next-close', 'same-close'] as const;
type FillTime = (typeof FILL_TIMES)[number];

/** Trading costs in basis points; `fill` says at which price an order is executed. */
export interface Costs {
  readonly feeBps: number;
  readonly halfSpreadBps: number;
  /** Difference between what is bid and asked, in currency a unit, beside `halfSpreadBps`. */
  readonly spread?: number | undefined;
  readonly slippage: { readonly kind: 'fixed' | 'volatility' | 'square-root' | 'volume-share'; readonly bps: number };
  readonly fill: FillTime;
  /**
   * In which order prices inside a bar came, for orders that rest. Default: stops first, the worse for a trader, as
   * where finer bars are named and do not account for a bar.
   */
  readonly intrabar?: IntrabarOrder | Timeframe | undefined;
  /** Where the open is beyond a stop: filled at the open (`gap`, the default), at the stop, or so if it comes back. */
  readonly stopFill?: StopFill | undefined;
  /** What the venue charges, where that is more than `feeBps` of the value. */
  readonly commission?: Commission | undefined;
  /** Time an order takes to reach the market. */
  readonly latencyMs?: number | undefined;
  /** Share of the equity that no purchase spends. */
  readonly cashBuffer?: number | undefined;
  /** At which price an all-in order is sized: that of its fill, by default, or of its decision. */
  readonly sizedAt?: 'fill' | 'decision' | undefined;
  /** Share of a bar's volume that is filled at most: the rest waits for the next bar. Absent: whatever is asked for. */
  readonly participation?: number | undefined;
  /** What holding costs. The engine charges it, whichever broker fills. */
  readonly financing?: FinancingRule | undefined;
  /** A user's own charges and slippage, on top. */
  readonly own?: OwnCostsRule | undefined;
}

/** No costs but those named, filled at the next open. */
export function costsOf(costs: Partial<Costs>): Costs {
  return { feeBps: 0, halfSpreadBps: 0, slippage: { kind: 'fixed', bps: 0 }, fill: 'next-open', ...costs };
}

/** Whether nothing at all is taken: what is called net is gross then. */
export function chargesNothing(costs: Partial<Costs>): boolean {
  const { feeBps, halfSpreadBps, spread = 0, slippage, commission = {}, financing, own } = costsOf(costs);
  const { tiers = [], asset: _, maxShare: __, ...charges } = commission;
  const free = tiers.length === 0 && Object.values(charges).every((value) => value === 0 || value === undefined);
  const exact = feeBps === 0 && halfSpreadBps === 0 && spread === 0 && slippage.bps === 0;
  return exact && free && financing === undefined && own === undefined;
}

const BPS = 1e-4;
const VOLATILITY_BARS = 20;
/** The volatility and the participation at which `volatility` and `square-root` cost exactly `bps`. */
const REFERENCE_VOLATILITY = 0.01;
const REFERENCE_PARTICIPATION = 0.01;

/**
 * What a simulated market takes from the price. `fixed`: bps. `volatility`: bps per 1 % of the last 20 bars'
 * volatility. `square-root`: bps x sqrt(units / volume of the bar before / 1 %) (Torre's square-root law).
 * `volume-share`: bps x (units / volume of the bar it is filled in)^2, with what orders before it have traded of that,
 * the share 1 at most (Zipline's VolumeShareSlippage, whose price impact of 0.1 is 1,000 bps). Others read only bars
 * that closed before the fill; where they cannot say (no history, no volume), bps stand as they are.
 */
export class CostModel {
  readonly feeRate: number = 0;
  readonly commission: CommissionSchedule;
  /** Half the spread, in currency. */
  readonly halfSpread: number = 0;
  /** Share of the equity that purchases leave. */
  readonly cashBuffer: number = 0;
  /** An order for a share of the equity has the size that it had at the close of its decision. */
  readonly sizedAtDecision: boolean = false;
  /** What the orders before the one in hand have traded of the bar it is filled in. */
  tradedBefore = 0;
  readonly #market: Market;
  readonly #costs: Costs;
  readonly #own: OwnCostModel | null;

  constructor(costs: Costs, market: Market) {
    this.#own = costs.own === undefined ? null : new OwnCostModel(costs.own);
    const charges = this.#own?.charges === true ? this.#own : null;
    this.commission = new CommissionSchedule(costs.feeBps, costs.commission, charges);
    this.feeRate = this.commission.feeRate;
    this.halfSpread = (costs.spread ?? 0) / 2;
    this.cashBuffer = costs.cashBuffer ?? 0;
    this.sizedAtDecision = costs.sizedAt === 'decision';
    this.#costs = costs;
    this.#market = market;
  }

  /** Fraction of the price lost to half the spread and slippage by an order of `units` filled in bar `index`. */
  concession(symbol: number, index: number, units: number): number {
    const shipped = this.#concession(symbol, index, units);
    return this.#own?.slips === true ? shipped + this.#ownSlippage(this.#own, index, { symbol, units }) : shipped;
  }

  #concession(symbol: number, index: number, units: number): number {
    const { halfSpreadBps, slippage } = this.#costs;
    if (slippage.kind === 'fixed' || slippage.bps === 0) return (halfSpreadBps + slippage.bps) * BPS;
    if (slippage.kind === 'volume-share')
      return (halfSpreadBps + slippage.bps * this.#shareScale(symbol, index, units)) * BPS;
    const scale =
      slippage.kind === 'volatility' ? this.#volatilityScale(symbol, index) : this.#sizeScale(symbol, index, units);
    return (halfSpreadBps + slippage.bps * scale) * BPS;
  }

  #ownSlippage(own: OwnCostModel, index: number, { symbol, units }: { symbol: number; units: number }): number {
    const { bars } = this.#market.series[symbol]!;
    return own.slippage({
      symbol: bars.symbol,
      units,
      closeBefore: bars.close[index - 1] ?? NaN,
      volumeBefore: bars.volume[index - 1] ?? NaN,
      volatility: this.#volatility(symbol, index),
    });
  }

  #volatilityScale(symbol: number, index: number): number {
    const volatility = this.#volatility(symbol, index);
    return Number.isNaN(volatility) ? 1 : volatility / REFERENCE_VOLATILITY;
  }

  /** Of the 20 bars before; NaN with none. */
  #volatility(symbol: number, index: number): number {
    const { close } = this.#market.series[symbol]!.bars;
    const first = Math.max(1, index - VOLATILITY_BARS);
    let sum = 0;
    for (let bar = first; bar < index; bar++) {
      const change = close[bar]! / close[bar - 1]! - 1;
      sum += change * change;
    }
    return index > first ? Math.sqrt(sum / (index - first)) : NaN;
  }

  /** Of the bar that is filled in: a venue knows what it trades. */
  #shareScale(symbol: number, index: number, units: number): number {
    const volume = this.#market.series[symbol]!.bars.volume[index]!;
    const share = volume > 0 ? Math.min(1, (this.tradedBefore + units) / volume) : 1;
    return share * share;
  }

  #sizeScale(symbol: number, index: number, units: number): number {
    const volume = index > 0 ? this.#market.series[symbol]!.bars.volume[index - 1]! : 0;
    return volume > 0 ? Math.sqrt(units / volume / REFERENCE_PARTICIPATION) : 1;
  }
}
