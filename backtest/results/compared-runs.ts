import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { keptReports, namedReport } from '../../trading/results/kept-reports.ts';
import { reportCommand, type ReportOptions } from '../report/comparison/report-command.ts';
import { plainTable } from '../../infra/terminal/plain-table.ts';
import { kindOf, readKeptRun } from './kept-run.ts';
import { settingDifferences, type SettingDifference } from './setting-differences.ts';

/**
 * `runs compare A B ...`: kept runs by name, `latest` among them, with the settings in which they differ.
 * @throws InputError for one that there is not
 */
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
  const compared = await reportCommand(
    context,
    options,
    runs.map(({ folder }) => folder),
  );
  const settings = settingDifferences(runs);
  const names = (compared.value as { runs: readonly { name: string }[] }).runs.map(({ name }) => name);
  return {
    value: { ...(compared.value as object), ids: runs.map(({ id }) => id), settings },
    text: () => `${compared.text()}\n${settingsText(names, settings)}`,
  };
}

function settingsText(names: readonly string[], settings: readonly SettingDifference[]): string {
  if (settings.length === 0) return 'They have the same settings.';
  const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  return plainTable(
    ['differs', ...names],
    settings.map(({ group, name, values }) => [`${group}: ${name}`, ...values.map(text)]),
  );
}
