import { chargesNothing, costsOf, type Costs } from '../../trading/brokers/simulated/cost-model.ts';
import type { Commission } from '../../trading/brokers/simulated/commission.ts';
import type { HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import type { SessionResult } from '../../trading/session-result.ts';
import type { MarketDays } from '../../pipelines/calendars/market-days.ts';
import { measurePerformance } from '../statistics/performance.ts';
import { rerun, tooLargeToRepeat } from './rerun.ts';

/** The session at a multiple of its costs. */
interface CostPoint {
  readonly multiple: number;
  readonly totalReturn: number;
  readonly cagr: number | null;
  readonly sharpe: number | null;
  readonly trades: number;
}

/** `costSensitivity` of the result document. */
export interface CostSensitivity {
  /** Ascending, the session's own at 1; only that one where nothing is charged. */
  readonly points: readonly CostPoint[];
  /** The multiple of its costs at which nothing is left, between two runs by a straight line; null beyond them. */
  readonly breakEvenMultiple: number | null;
  /** Profit before costs over traded notional, basis points: what all costs together may be. Null without a trade. */
  readonly breakEvenBps: number | null;
}

const MULTIPLES = [0, 0.5, 1, 2, 3, 5] as const;

export interface CostInput {
  readonly plan: HistoricalSessionOptions;
  readonly session: SessionResult;
  readonly costs: Partial<Costs>;
  readonly market: MarketDays;
}

/** Runs the session at multiples of its costs: orders may differ, as what is left to trade with does. */
export function costSensitivity(input: CostInput): { section: CostSensitivity; reasons: string[] } {
  const { plan, session, costs, market } = input;
  const free = chargesNothing(costs);
  const large = tooLargeToRepeat(plan);
  const multiples = free || large !== null ? [1] : MULTIPLES;
  const points = multiples.map((multiple) => {
    const run = multiple === 1 ? session : rerun(plan, { costs: scaledCosts(costs, multiple) });
    const { totalReturn, cagr, sharpe, trades } = measurePerformance(run, market).performance;
    return { multiple, totalReturn, cagr, sharpe, trades };
  });
  const { tradedNotional, fees, slippage } = session;
  const gross = session.equity.at(-1)! - session.initialCapital + fees + slippage;
  const section: CostSensitivity = {
    points,
    breakEvenMultiple: points.length === 1 ? null : crossing(points),
    breakEvenBps: tradedNotional > 0 ? (gross / tradedNotional) * 1e4 : null,
  };
  if (large !== null) return { section, reasons: [`costSensitivity: ${large}`] };
  return { section, reasons: reasonsOf(section, free) };
}

/** The same conventions with everything that is charged multiplied. */
function scaledCosts(costs: Partial<Costs>, multiple: number): Costs {
  const { feeBps, halfSpreadBps, spread, slippage, commission, own, ...rest } = costsOf(costs);
  return {
    ...rest,
    feeBps: feeBps * multiple,
    halfSpreadBps: halfSpreadBps * multiple,
    ...(spread === undefined ? {} : { spread: spread * multiple }),
    slippage: { ...slippage, bps: slippage.bps * multiple },
    ...(commission === undefined ? {} : { commission: scaledCommission(commission, multiple) }),
    ...(own === undefined ? {} : { own: { ...own, multiple } }),
  };
}

function scaledCommission({ asset, tiers, ...charges }: Commission, multiple: number): Commission {
  const scaled = Object.entries(charges).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value * multiple] as const],
  );
  return {
    ...Object.fromEntries(scaled),
    asset,
    tiers: tiers?.map(({ from, makerBps, takerBps }) => ({
      from,
      makerBps: makerBps * multiple,
      takerBps: takerBps * multiple,
    })),
  };
}

/** Where the total return first falls to 0. */
function crossing(points: readonly CostPoint[]): number | null {
  for (let at = 1; at < points.length; at++) {
    const [before, after] = [points[at - 1]!, points[at]!];
    if (!(before.totalReturn > 0) || after.totalReturn > 0) continue;
    const share = before.totalReturn / (before.totalReturn - after.totalReturn);
    return before.multiple + share * (after.multiple - before.multiple);
  }
  return null;
}

function reasonsOf({ points, breakEvenMultiple, breakEvenBps }: CostSensitivity, free: boolean): string[] {
  const reasons: string[] = [];
  if (breakEvenMultiple === null) {
    const why = free
      ? 'nothing was charged that could be multiplied'
      : points[0]!.totalReturn > 0
        ? `something is left at ${MULTIPLES.at(-1)} times the costs`
        : 'nothing was earned before costs';
    reasons.push(`costSensitivity: breakEvenMultiple: ${why}.`);
  }
  if (breakEvenBps === null) reasons.push('costSensitivity: breakEvenBps: nothing was traded.');
  return reasons.concat(
    points.flatMap((point) => {
      const missing = (['cagr', 'sharpe'] as const).filter((name) => point[name] === null);
      const why = 'the equity does not allow it at that multiple';
      return missing.length === 0 ? [] : [`costSensitivity: ${missing.join(', ')} at ${point.multiple}: ${why}.`];
    }),
  );
}
