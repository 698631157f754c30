import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { parseAssignments } from '../../models/experiment/limits/assignments.ts';
import type { PortfolioParameters } from '../../models/experiment/rule-parameters.ts';
import { INTRABAR_ORDERS } from '../../trading/brokers/simulated/resting-orders.ts';
import { parseGroups, requireGrouped } from '../../trading/portfolio/construction/written-groups.ts';
import { parseViews, requireViewed } from '../../trading/portfolio/construction/written-views.ts';
import { createRuleStrategy } from '../../trading/strategies/rule-strategies.ts';
import type { RuleOptions } from '../command-options.ts';
import { readRuleBars, ruleSettings } from '../run/rule-settings.ts';
import { walkedMethod, walkedMethods } from './compared-methods.ts';
import { portfolioRisk } from './portfolio-risk.ts';
import { portfolioText } from './portfolio-text.ts';

/** Options of `portfolio`. */
export interface PortfolioOptions extends Pick<
  RuleOptions,
  | 'set'
  | 'calendar'
  | 'symbol'
  | 'timeframe'
  | 'fill'
  | 'capital'
  | 'feeBps'
  | 'slippageBps'
  | 'cost'
  | 'lot'
  | 'columns'
  | 'timeFormat'
  | 'delimiter'
  | 'timezone'
  | 'decimal'
  | 'config'
> {
  readonly method?: string;
  readonly factors: string[];
  readonly out?: string;
}

/** A weight of 1 is all of equity, and nothing but cash limits it. */
const TRADED = { size: 'fraction=1', limit: [], intrabar: INTRABAR_ORDERS[0], stopFill: 'gap', seed: '7' };

/** `portfolio FILES...`: weights by the newest bars, their risk, and each method walked forward net of costs. */
export async function portfolioCommand(
  context: CommandContext,
  options: PortfolioOptions,
  files: readonly string[],
): Promise<CommandOutput> {
  const { method, factors, out, set, ...asked } = options;
  const named = method === undefined ? {} : { method };
  const strategy = createRuleStrategy('portfolio', { ...parseAssignments(set, '--set'), ...named });
  const parameters = strategy.parameters as PortfolioParameters;
  const views = parseViews(parameters.views);
  const groups = parseGroups(parameters.groups, parameters);
  if (parameters.method === 'black-litterman' && views.length === 0) {
    throw new InputError('black-litterman without views is what the market holds', 'Give --set views="AAPL: 0.1".');
  }
  const rules: RuleOptions = { ...asked, ...TRADED, set };
  const settings = ruleSettings(rules);
  await requireOwnOutput({ option: '--out', path: out }, [
    ...files.map((path) => ({ option: 'FILE', path })),
    ...factors.map((path) => ({ option: '--factors', path })),
    { option: '--config', path: options.config },
  ]);
  const { bars } = await readRuleBars(rules, files);
  const symbols = bars.map(({ symbol }) => symbol);
  requireViewed(views, symbols);
  requireGrouped(groups, symbols);
  const explaining = factors.length === 0 ? [] : (await readRuleBars({ ...rules, symbol: undefined }, factors)).bars;
  const risk = portfolioRisk(bars, parameters, explaining);
  const walked = walkedMethods(parameters);
  const stage = context.progress.stage('walk methods forward', walked.length);
  const methods = walked.map((one) => {
    const compared = walkedMethod(one, parameters, { ...settings, bars });
    stage.advance();
    return compared;
  });
  stage.done();
  const found = { method: parameters.method, covariance: parameters.covariance, ...risk, parameters, methods };
  if (out !== undefined) await writeWholeFile(out, `${JSON.stringify(found, null, 2)}\n`);
  const where = out === undefined ? '' : `\nAll of it is in ${out}.`;
  return { value: found, text: () => `${portfolioText(found)}${where}` };
}
