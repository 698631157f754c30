import { chargesNothing, type Costs } from '../../trading/brokers/simulated/cost-model.ts';
import type { HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import type { SessionResult } from '../../trading/session-result.ts';
import type { MarketDays } from '../../pipelines/calendars/market-days.ts';
import { measurePerformance } from '../statistics/performance.ts';
import { rerun, tooLargeToRepeat, type RerunChange } from './rerun.ts';
import { scaledCosts, scaledFinancing } from './scaled-costs.ts';

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
  /**
   * Profit before costs of trading, after those of holding, over traded notional, basis points: what trading may cost.
   * Null without a trade.
   */
  readonly breakEvenBps: number | null;
  /** The same of what holding costs (borrowing, funding, interest), trading at the session's own; where it costs. */
  readonly holding?: { readonly points: readonly CostPoint[]; readonly breakEvenMultiple: number | null };
}

const MULTIPLES = [0, 0.5, 1, 2, 3, 4, 5] as const;
const HOLDING_MULTIPLES = [0, 0.5, 1, 2, 3, 5] as const;

export interface CostInput {
  readonly plan: HistoricalSessionOptions;
  readonly session: SessionResult;
  readonly costs: Partial<Costs>;
  readonly market: MarketDays;
}

/**
 * Runs the session at multiples of what trading costs, and of what holding does: orders may differ, as what is left to
 * trade with does.
 */
export function costSensitivity(input: CostInput): { section: CostSensitivity; reasons: string[] } {
  const { plan, session, costs, market } = input;
  const free = chargesNothing(costs);
  const large = tooLargeToRepeat(plan);
  const pointsAt = (multiples: readonly number[], change: (multiple: number) => RerunChange): CostPoint[] =>
    multiples.map((multiple) => {
      const run = multiple === 1 ? session : rerun(plan, change(multiple));
      const { totalReturn, cagr, sharpe, trades } = measurePerformance(run, market).performance;
      return { multiple, totalReturn, cagr, sharpe, trades };
    });
  const points = pointsAt(free || large !== null ? [1] : MULTIPLES, (multiple) => ({
    costs: scaledCosts(costs, multiple),
  }));
  const { tradedNotional, fees, slippage } = session;
  const { financing } = plan;
  const held =
    financing === undefined || large !== null
      ? null
      : pointsAt(HOLDING_MULTIPLES, (multiple) => ({ financing: scaledFinancing(financing, multiple) }));
  const gross = session.equity.at(-1)! - session.initialCapital + fees + slippage;
  const section: CostSensitivity = {
    points,
    breakEvenMultiple: points.length === 1 ? null : crossing(points),
    breakEvenBps: tradedNotional > 0 ? (gross / tradedNotional) * 1e4 : null,
    ...(held === null ? {} : { holding: { points: held, breakEvenMultiple: crossing(held) } }),
  };
  if (large !== null) return { section, reasons: [`costSensitivity: ${large}`] };
  return { section, reasons: reasonsOf(section, free) };
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

function reasonsOf({ points, breakEvenMultiple, breakEvenBps, holding }: CostSensitivity, free: boolean): string[] {
  const reasons: string[] = [];
  const idle = breakEvenBps === null;
  if (breakEvenMultiple === null) {
    const why = free && !idle ? 'nothing was charged that could be multiplied' : whyNone(points, idle);
    reasons.push(`costSensitivity: breakEvenMultiple: ${why}.`);
  }
  if (idle) reasons.push('costSensitivity: breakEvenBps: nothing was traded.');
  reasons.push(...pointReasons('', points));
  if (holding === undefined) return reasons;
  if (holding.breakEvenMultiple === null) {
    reasons.push(`costSensitivity: holding: breakEvenMultiple: ${whyNone(holding.points, idle)}.`);
  }
  return reasons.concat(pointReasons('holding: ', holding.points));
}

/** Why no multiple is known at which nothing is left. */
function whyNone(points: readonly CostPoint[], idle: boolean): string {
  if (idle) return 'nothing was traded';
  const left = `something is left at ${MULTIPLES.at(-1)} times the costs`;
  return points[0]!.totalReturn > 0 ? left : 'nothing was earned before costs';
}

function pointReasons(of: string, points: readonly CostPoint[]): string[] {
  return points.flatMap((point) => {
    const missing = (['cagr', 'sharpe'] as const).filter((name) => point[name] === null);
    const why = 'the equity does not allow it at that multiple';
    return missing.length === 0 ? [] : [`costSensitivity: ${of}${missing.join(', ')} at ${point.multiple}: ${why}.`];
  });
}
