import { quantile } from '../../models/scores/block-bootstrap.ts';
import type { SessionResult } from '../../trading/session-result.ts';
import type { RandomRun } from './baselines.ts';
import type { Evaluation } from './evaluation.ts';
import { median } from '../statistics/moments.ts';
import { measurePerformance, type Performance } from '../statistics/performance.ts';
import type { MarketDays } from '../../pipelines/calendars/market-days.ts';

/** The figures of a baseline: those of the strategy, so that they can stand in one table. */
export type BaselineSection = Omit<Performance, 'reasons'>;

/** The figures that have a median over runs: all but times and what every run shares. */
const MEDIAN_FIGURES = [
  'finalEquity',
  'peakEquity',
  'totalReturn',
  'cagr',
  'volatility',
  'sharpe',
  'sortino',
  'calmar',
  'maxDrawdown',
  'exposure',
  'turnover',
  'trades',
  'winRate',
  'profitFactor',
  'expectancy',
  'fees',
  'slippage',
] as const;
type MedianFigure = (typeof MEDIAN_FIGURES)[number];

/**
 * Each figure is the median over the random runs that have it; null where some lost all equity and have it not for that
 * reason: a median over those that survived would flatter luck.
 */
export interface RandomSection extends Readonly<Record<MedianFigure, number | null>> {
  readonly runs: number;
  /** Share of the random runs whose total return the strategy exceeded: 0.5 is what chance gives. */
  readonly beatenShare: number;
  /** 5 % and 95 % quantiles of the total return over the runs. */
  readonly totalReturnRange: readonly [number, number];
}

/** Measures one baseline; its reasons carry its name. */
export function sectionOf(
  name: string,
  session: SessionResult,
  market: MarketDays,
): { section: BaselineSection; reasons: string[] } {
  const { reasons, ...section } = measurePerformance(session, market).performance;
  return {
    section,
    reasons: [...reasons, ...session.reasons].map((reason) => `baselines.${name}: ${reason}`),
  };
}

/** Medians over the random runs; null without runs (`Baselines.reasons` then says why). */
export function randomSection(
  runs: readonly RandomRun[],
  { measured }: Evaluation,
): { section: RandomSection; reasons: string[] } | null {
  if (runs.length === 0) return null;
  const measures = runs.map(({ performance }) => performance);
  const ruined = runs.filter(({ isInsolvent }) => isInsolvent).map(({ performance }) => performance);
  const reasons: string[] = [];
  const lost: MedianFigure[] = [];
  const medians = MEDIAN_FIGURES.map((name): [MedianFigure, number | null] => {
    const values = measures.map((performance) => performance[name]).filter((value) => value !== null);
    if (values.length === 0) reasons.push(`baselines.randomSameTurnover: ${name}: no run has this figure.`);
    if (values.length === 0) return [name, null];
    if (!ruined.some((performance) => performance[name] === null)) return [name, median(values)];
    lost.push(name);
    return [name, null];
  });
  if (lost.length > 0) {
    reasons.push(
      `baselines.randomSameTurnover: ${lost.join(', ')}: ${ruined.length} of ${runs.length} runs lost all equity, ` +
        'and those that did not would flatter it.',
    );
  }
  const totals = measures.map(({ totalReturn }) => totalReturn).sort((a, b) => a - b);
  const own = measured.performance.totalReturn;
  return {
    section: {
      ...(Object.fromEntries(medians) as Record<MedianFigure, number | null>),
      runs: runs.length,
      beatenShare: totals.filter((total) => total < own).length / totals.length,
      totalReturnRange: [quantile(totals, 0.05), quantile(totals, 0.95)],
    },
    reasons,
  };
}
