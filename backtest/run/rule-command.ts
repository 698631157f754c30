import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { takenText } from '../../pipelines/sources/files/taken.ts';
import { strategyOf } from './strategy-option.ts';
import type { RuleOptions } from '../command-options.ts';
import type { ReportInput } from '../report/report-input.ts';
import { renderReport } from '../report/render-report.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { toldWords } from '../report/told-words.ts';
import { ruleBacktest } from './rule-backtest.ts';
import { parseMonteCarlo } from './monte-carlo-options.ts';
import { dataOfFiles, readRuleBars, requireBars, ruleSettings } from './rule-settings.ts';
import { parseAssignments } from '../../models/experiment/limits/assignments.ts';
import { parseWhole } from './number-options.ts';
import { terminalText } from './terminal.ts';

/** `backtest --bars FILE --strategy NAME`: every option is checked before the file is read. */
export async function ruleCommand(
  context: CommandContext,
  options: RuleOptions,
  strategy: string,
): Promise<CommandOutput> {
  const files = requireBars(options, strategy);
  const parameters = parseAssignments(options.set, '--set');
  const decides = await strategyOf(strategy, parameters, options.deadline);
  const monteCarlo = parseMonteCarlo(options);
  const seed = parseWhole(options.seed, '--seed');
  const settings = { ...ruleSettings(options), strategy: decides, parameters, monteCarlo, seed };
  const { costs } = settings;
  await requireOwnReport(options);
  const { bars, taken, fine, actions } = await readRuleBars(options, files);
  const stage = context.progress.stage(
    `backtest ${strategy}`,
    bars.reduce((sum, { length }) => sum + length, 0),
  );
  const { result, evaluation, analysis } = ruleBacktest({ ...settings, bars, fine, actions });
  stage.done();
  const report: ReportInput = {
    title: strategy,
    description: '',
    result,
    evaluation,
    data: dataOfFiles(files, taken),
    costs,
    currency: 'USD',
    source: `backtest --bars ${files.join(' --bars ')} --strategy ${strategy}`,
    identification: [],
    writtenAtMs: null,
    analysis,
  };
  if (options.report !== undefined) await writeWholeFile(options.report, await renderReport(report));
  return {
    value: { ...result, ...toldWords(evaluation.session), taken },
    text: () => {
      const color = process.stdout.isTTY === true;
      return `${terminalText(report, { color, reportPath: options.report ?? null, model: null })}\n${takenText(taken)}`;
    },
  };
}

/** The report is never written over what it is made from. */
async function requireOwnReport({
  report,
  bars = [],
  fine = [],
  actions,
  limits,
  instruments,
  config,
}: RuleOptions): Promise<void> {
  await requireOwnOutput({ option: '--report', path: report }, [
    ...bars.map((path) => ({ option: '--bars', path })),
    ...fine.map((path) => ({ option: '--fine', path })),
    { option: '--actions', path: actions },
    { option: '--limits', path: limits },
    { option: '--instruments', path: instruments },
    { option: '--config', path: config },
  ]);
}
