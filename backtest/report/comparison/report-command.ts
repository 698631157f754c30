import Table from 'cli-table3';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { requireOwnOutput } from '../../../infra/files/output-file.ts';
import { writeWholeFile } from '../../../infra/files/write-whole-file.ts';
import { namedRuns, readRun } from './compared-run.ts';
import { comparedRows, comparedText, comparisonPage } from './comparison-page.ts';
import { compareRuns, type Comparison } from './comparison.ts';

/** Options of `report`. */
export interface ReportOptions {
  readonly out?: string;
  readonly config?: string;
}

const RUNS_MAX = 12;

/** `report A B ...`: runs side by side, as text and with `--out` as a page. */
export async function reportCommand(
  context: CommandContext,
  options: ReportOptions,
  named: readonly string[],
): Promise<CommandOutput> {
  if (named.length < 2 || named.length > RUNS_MAX) {
    const runs = `${named.length} run${named.length === 1 ? '' : 's'}`;
    const remedy = named.length < 2 ? 'Name at least two.' : `Name no more than ${RUNS_MAX}.`;
    throw new InputError(`${runs} named: from 2 to ${RUNS_MAX} can be compared.`, remedy);
  }
  const runs = await Promise.all(named.map((one) => readRun(one, context.config.dataDir)));
  await requireOwnOutput({ option: '--out', path: options.out }, [
    ...runs.map(({ path }) => ({ option: 'RUN', path })),
    { option: '--config', path: options.config },
  ]);
  const comparison = compareRuns(namedRuns(runs));
  if (options.out !== undefined) await writeWholeFile(options.out, await comparisonPage(comparison));
  return { value: valueOf(comparison), text: () => textOf(comparison, options.out) };
}

/** The comparison without the equity of every mark, which the documents themselves have. */
function valueOf({ runs, ...comparison }: Comparison): unknown {
  const figures = runs.map(({ name, path, result: { equity: _equity, ...result } }) => ({ name, path, ...result }));
  return { runs: figures, ...comparison };
}

function textOf(comparison: Comparison, out: string | undefined): string {
  const table = new Table({
    head: ['', ...comparison.runs.map(({ name }) => name)],
    style: { head: [], border: [] },
  });
  for (const [name, ...cells] of comparedRows(comparison)) table.push([name, ...cells.map(String)]);
  const judged = comparedText(comparison);
  return [
    table.toString(),
    ...(judged === null ? [] : [judged]),
    ...comparison.reasons,
    ...(out === undefined ? [] : [`The comparison is in ${out}.`]),
  ].join('\n');
}
