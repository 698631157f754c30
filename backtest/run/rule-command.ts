import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { takenText } from '../../pipelines/sources/files/taken.ts';
import { createRuleStrategy } from '../../trading/strategies/rule-strategies.ts';
import type { RuleOptions } from '../command-options.ts';
import type { ReportInput } from '../report/report-input.ts';
import { toldWords } from '../report/told-words.ts';
import { ruleBacktest } from './rule-backtest.ts';
import { readRuleBars, requireBars, ruleSettings } from './rule-settings.ts';
import { parseAssignments, parseWhole } from './session-options.ts';
import { terminalText } from './terminal.ts';

/** `backtest --bars FILE --strategy NAME`: every option is checked before the file is read. */
export async function ruleCommand(
  context: CommandContext,
  options: RuleOptions,
  strategy: string,
): Promise<CommandOutput> {
  const files = requireBars(options, strategy);
  const parameters = parseAssignments(options.set, '--set');
  createRuleStrategy(strategy, parameters);
  const settings = { ...ruleSettings(options), strategy, parameters, seed: parseWhole(options.seed, '--seed') };
  const { costs } = settings;
  const { bars, taken, actions } = await readRuleBars(options, files);
  const stage = context.progress.stage(
    `backtest ${strategy}`,
    bars.reduce((sum, { length }) => sum + length, 0),
  );
  const { result, evaluation } = ruleBacktest({ ...settings, bars, actions });
  stage.done();
  const report: ReportInput = {
    title: strategy,
    description: '',
    result,
    evaluation,
    data: {
      title: files.join(', '),
      statement: takenText(taken),
      url: null,
      simulated: false,
      timeframe: taken.timeframe,
    },
    costs,
    currency: 'USD',
    source: `backtest --bars ${files.join(' --bars ')} --strategy ${strategy}`,
    identification: [],
    writtenAtMs: null,
  };
  return {
    value: { ...result, ...toldWords(evaluation.session), taken },
    text: () => {
      const color = process.stdout.isTTY === true;
      return `${terminalText(report, { color, reportPath: null, model: null })}\n${takenText(taken)}`;
    },
  };
}
