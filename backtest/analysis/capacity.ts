import type { BarColumns } from '../../features/bar.ts';
import { costsOf, type Costs } from '../../trading/brokers/simulated/cost-model.ts';
import type { SizingRule } from '../../trading/risk/sizing.ts';
import type { LedgerEntry, SessionResult } from '../../trading/session-result.ts';
import { firstAtOrAfter } from '../statistics/equity-before.ts';
import { median } from '../statistics/moments.ts';
import { measurePerformance } from '../statistics/performance.ts';
import type { CostInput } from './cost-sensitivity.ts';
import { rerun, tooLargeToRepeat } from './rerun.ts';

/** The session with another capital, its orders moving prices. */
interface CapacityPoint {
  readonly capital: number;
  readonly totalReturn: number;
  readonly cagr: number | null;
  readonly sharpe: number | null;
  /** Median share of the bar's volume before the entry that an entry takes; null without a trade. */
  readonly participation: number | null;
}

/** `capacity` of the result document. */
export interface Capacity {
  /** `square-root`: bps at 1 % of the bar's volume before; `volume-share`: at all of the bar's, with the square. */
  readonly impact: 'square-root' | 'volume-share';
  readonly impactBps: number;
  readonly points: readonly CapacityPoint[];
  /** Capital at which half of the return at the first is left, between two runs by logarithms; null beyond them. */
  readonly halfReturnAt: number | null;
  /** Capital at which nothing is left, found likewise; null beyond the runs. */
  readonly noReturnAt: number | null;
}

const MULTIPLES = [1, 10, 100, 1_000] as const;
/** Where costs name no impact of their own. Torre's law has about a day's volatility at a day's volume. */
const IMPACT_BPS = 10;

/**
 * Runs the session with more capital and a square-root impact of its orders (the session's own where its costs have
 * one), every other cost as it was. Null where bars have no volume.
 */
export function capacityOf({ plan, session, costs, market }: CostInput): {
  section: Capacity | null;
  reasons: string[];
} {
  if (session.ledger.length === 0) return { section: null, reasons: ['capacity: nothing was traded.'] };
  if (!plan.bars.every(hasVolume)) {
    return { section: null, reasons: ['capacity: bars have no volume to compare orders with.'] };
  }
  const large = tooLargeToRepeat(plan);
  if (large !== null) return { section: null, reasons: [`capacity: ${large}`] };
  const impacted = impactOf(costs);
  const points = MULTIPLES.map((multiple) => {
    const capital = session.initialCapital * multiple;
    const sizing = scaledSizing(plan.sizing, multiple);
    const run = rerun({ ...plan, sizing }, { costs: impacted, capital });
    const { totalReturn, cagr, sharpe } = measurePerformance(run, market).performance;
    return { capital, totalReturn, cagr, sharpe, participation: participationOf(run, plan.bars) };
  });
  const halfReturnAt = fallingTo(points, points[0]!.totalReturn / 2);
  const noReturnAt = fallingTo(points, 0);
  const reasons = [
    ...(halfReturnAt === null ? [whyNot('halfReturnAt', points, 'more than half of the return')] : []),
    ...(noReturnAt === null ? [whyNot('noReturnAt', points, 'something')] : []),
  ];
  return {
    section: {
      impact: impacted.slippage.kind === 'volume-share' ? 'volume-share' : 'square-root',
      impactBps: impacted.slippage.bps,
      points,
      halfReturnAt,
      noReturnAt,
    },
    reasons: [...reasons, ...points.flatMap(missingOf)],
  };
}

function missingOf(point: CapacityPoint): string[] {
  const missing = (['cagr', 'sharpe', 'participation'] as const).filter((name) => point[name] === null);
  const why = 'its session has no figure of that kind';
  return missing.length === 0 ? [] : [`capacity: ${missing.join(', ')} at ${point.capital}: ${why}.`];
}

function hasVolume({ volume, length }: BarColumns): boolean {
  let known = 0;
  for (let at = 0; at < length; at++) if (volume[at]! > 0) known++;
  return known > length / 2;
}

function impactOf(costs: Partial<Costs>): Costs {
  const whole = costsOf(costs);
  const { kind, bps } = whole.slippage;
  if ((kind === 'square-root' || kind === 'volume-share') && bps > 0) return whole;
  // What was charged whatever the size stays: it becomes a part of the spread.
  return {
    ...whole,
    halfSpreadBps: whole.halfSpreadBps + bps,
    slippage: { kind: 'square-root', bps: IMPACT_BPS },
  };
}

function scaledSizing(sizing: SizingRule, multiple: number): SizingRule {
  return sizing.kind === 'units' ? { ...sizing, units: sizing.units * multiple } : sizing;
}

function participationOf({ ledger, symbols }: SessionResult, bars: readonly BarColumns[]): number | null {
  const barsOf = new Map(symbols.map((symbol, at) => [symbol, bars[at]!]));
  const shares = ledger.map((trade) => shareOf(trade, barsOf.get(trade.symbol)!)).filter((share) => share !== null);
  return shares.length === 0 ? null : median(shares);
}

function shareOf({ entryTimeMs, quantity }: LedgerEntry, { closeTimeMs, volume, length }: BarColumns): number | null {
  const next = firstAtOrAfter(closeTimeMs.subarray(0, length), entryTimeMs + 1);
  const before = next === 0 ? 0 : volume[next - 1]!;
  return before > 0 ? quantity / before : null;
}

/** The capital at which the total return first falls to `level`, between two runs by logarithms. */
function fallingTo(points: readonly CapacityPoint[], level: number): number | null {
  if (!(points[0]!.totalReturn > 0)) return null;
  for (let at = 1; at < points.length; at++) {
    const [before, after] = [points[at - 1]!, points[at]!];
    if (after.totalReturn > level) continue;
    const share = (before.totalReturn - level) / (before.totalReturn - after.totalReturn);
    return before.capital * (after.capital / before.capital) ** share;
  }
  return null;
}

const whyNot = (name: string, points: readonly CapacityPoint[], left: string): string =>
  points[0]!.totalReturn > 0
    ? `capacity: ${name}: ${left} is left at the largest capital.`
    : `capacity: ${name}: nothing is earned at the smallest capital.`;
