import type { PortfolioParameters } from '../../models/experiment/rule-parameters.ts';
import type { BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import { BarView } from '../../trading/bar-view.ts';
import { factorModel } from '../../trading/portfolio/covariance/given-factors.ts';
import {
  factorRisks,
  riskComponents,
  type FactorRisk,
  type RiskComponent,
} from '../../trading/portfolio/covariance/risk-factors.ts';
import { columnsOf } from '../../trading/portfolio/covariance/returns.ts';
import { at, correlationOf } from '../../trading/portfolio/covariance/symmetric-matrix.ts';
import { riskOfWeights } from '../../trading/portfolio/construction/risk-of-weights.ts';
import { isoTime } from '../statistics/performance.ts';
import { latestWeights } from '../../trading/strategies/weighted/latest-weights.ts';
import { seenReturns } from '../../trading/strategies/weighted/seen-returns.ts';

/** Components that are told. */
const COMPONENTS = 5;

/** What one symbol has in a portfolio. */
interface PortfolioSymbol {
  readonly symbol: string;
  readonly weight: number;
  /** Share of the portfolio's variance. */
  readonly riskShare: number;
  /** Standard deviation of its return in a year. */
  readonly volatility: number;
}

/** The portfolio of the newest bars, and what carries its risk. */
export interface PortfolioRisk {
  /** Newest close that it knows. */
  readonly asOf: string;
  readonly bars: number;
  readonly symbols: readonly PortfolioSymbol[];
  /** Symbols without bars enough, or that stood still. */
  readonly leftOut: readonly string[];
  /** Standard deviation of the portfolio's return in the year ahead, as the covariance has it. */
  readonly volatility: number;
  readonly effectiveBets: number | null;
  /** Correlations, row by row, in the order of `symbols`. */
  readonly correlation: readonly (readonly number[])[];
  readonly components: readonly RiskComponent[];
  readonly factors: readonly FactorRisk[] | null;
  /** Share of the portfolio's variance that no given factor explains; null without factors. */
  readonly residualShare: number | null;
}

/**
 * The weights that the strategy `portfolio` would find at the end of the bars, by the same code, and their risk.
 * @throws InputError where there are too few bars, or factors have others
 */
export function portfolioRisk(
  bars: readonly BarColumns[],
  parameters: PortfolioParameters,
  factors: readonly BarColumns[],
): PortfolioRisk {
  const views = bars.map((columns) => new BarView({ bars: columns, last: columns.length - 1 }));
  const found = latestWeights(views, parameters);
  if (found === null) {
    const { lookback } = parameters;
    throw new InputError(
      `no symbol has ${lookback + 1} closes at moments that all have in common`,
      `Give more bars, or fewer symbols, or --set lookback=N below ${lookback}.`,
    );
  }
  const { weights, covariance, returns, places, barsPerYear } = found;
  const { volatility, contributions, effectiveBets } = riskOfWeights(covariance, weights);
  const yearly = Math.sqrt(barsPerYear);
  const correlation = correlationOf(covariance);
  const explained = factors.length === 0 ? null : explainedBy(bars, places, { factors, parameters, weights });
  const newestMs = Math.max(...places.map((place) => views[place]!.closeTimeMs()));
  return {
    asOf: isoTime(newestMs),
    bars: returns.rows,
    symbols: returns.names.map((symbol, i) => ({
      symbol,
      weight: weights[i]!,
      riskShare: contributions[i]!,
      volatility: Math.sqrt(at(covariance, i, i)) * yearly,
    })),
    leftOut: bars.flatMap(({ symbol }, place) => (places.includes(place) ? [] : [symbol])),
    volatility: volatility * yearly,
    effectiveBets,
    correlation: returns.names.map((_, i) => returns.names.map((__, j) => at(correlation, i, j))),
    components: riskComponents(covariance, weights, COMPONENTS),
    factors: explained?.factors ?? null,
    residualShare: explained?.residualShare ?? null,
  };
}

interface Explaining {
  readonly factors: readonly BarColumns[];
  readonly parameters: PortfolioParameters;
  readonly weights: Float64Array;
}

/** Over the last moments that symbols and factors have in common. */
function explainedBy(
  bars: readonly BarColumns[],
  places: readonly number[],
  { factors, parameters: { lookback }, weights }: Explaining,
): ReturnType<typeof factorRisks> {
  const own = places.map((place) => bars[place]!);
  const views = [...own, ...factors].map((columns) => new BarView({ bars: columns, last: columns.length - 1 }));
  const seen = seenReturns(views, lookback);
  if (seen === null || seen.places.length < views.length) {
    throw new InputError(
      `the factors have no ${lookback + 1} closes at the moments of the symbols, or stood still`,
      'Give --factors of the same days and bar size, or fewer bars to look back on.',
    );
  }
  const columns = [...seen.places.keys()];
  const symbols = columnsOf(seen.returns, columns.slice(0, own.length));
  return factorRisks(factorModel(symbols, columnsOf(seen.returns, columns.slice(own.length))), weights);
}
