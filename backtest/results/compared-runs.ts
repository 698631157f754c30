import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { keptReports, namedReport } from '../../trading/results/kept-reports.ts';
import { reportCommand, type ReportOptions } from '../report/comparison/report-command.ts';
import { kindOf, readKeptRun } from './kept-run.ts';

/** `runs compare A B ...`: kept runs by name, `latest` among them. @throws InputError for one that there is not */
export async function compareCommand(
  context: CommandContext,
  options: ReportOptions,
  named: readonly string[],
): Promise<CommandOutput> {
  const reports = keptReports(context.config.dataDir);
  const runs = named.map((id) => readKeptRun(namedReport(reports, id)));
  const search = runs.find((run) => kindOf(run) === 'search');
  if (search !== undefined) {
    throw new InputError(
      `Run "${search.id}" is a search: it has no equity to be compared.`,
      `signalbox runs show ${search.id} names what it chose: backtest that, and compare the result.`,
    );
  }
  return reportCommand(
    context,
    options,
    runs.map(({ folder }) => folder),
  );
}
