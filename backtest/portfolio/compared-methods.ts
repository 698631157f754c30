import type { BarColumns } from '../../features/bar.ts';
import { BOUNDED_METHODS, PORTFOLIO_METHODS, type PortfolioMethod } from '../../models/experiment/rule-parameters.ts';
import type { PortfolioParameters } from '../../models/experiment/rule-parameters.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';
import { runHistoricalSession } from '../../trading/sessions/historical-session.ts';
import { createRuleStrategy } from '../../trading/strategies/rule-strategies.ts';
import { ruleSessionOptions, type RuleSession } from '../run/rule-backtest.ts';
import { measurePerformance, type Performance } from '../statistics/performance.ts';

/** One way to find weights, walked forward: each time from the bars that had closed by then, net of all costs. */
export interface ComparedMethod extends Pick<
  Performance,
  'from' | 'to' | 'totalReturn' | 'cagr' | 'volatility' | 'sharpe' | 'maxDrawdown' | 'exposure' | 'turnover' | 'fees'
> {
  readonly method: PortfolioMethod;
  readonly slippage: number;
}

/** Methods that can be walked: Black-Litterman's takes views, and bounds of groups take one that keeps to them. */
export const walkedMethods = ({ views, groups }: PortfolioParameters): PortfolioMethod[] =>
  (groups === '' ? PORTFOLIO_METHODS : BOUNDED_METHODS).filter(
    (method) => method !== 'black-litterman' || views !== '',
  );

/** Trades the strategy `portfolio` by a method over all bars, in the engine that backtests run. */
export function walkedMethod(
  method: PortfolioMethod,
  parameters: PortfolioParameters,
  session: RuleSession & { readonly bars: readonly BarColumns[] },
): ComparedMethod {
  const strategy = createRuleStrategy('portfolio', { ...parameters, method });
  const result = runHistoricalSession(ruleSessionOptions(session, strategy));
  const { performance } = measurePerformance(result, marketDays(session.calendar, session.bars));
  const { from, to, totalReturn, cagr, volatility, sharpe, maxDrawdown, exposure, turnover, fees, slippage } =
    performance;
  const risk = { volatility, sharpe, maxDrawdown, exposure };
  return { method, from, to, totalReturn, cagr, ...risk, turnover, fees, slippage };
}
