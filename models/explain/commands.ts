import Table from 'cli-table3';
import type { Command } from 'commander';
import { DAY_MS } from '../../features/timeframe.ts';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';

/** Adds `explain` and `importance` to the `models` command. */
export function registerExplainCommands(models: Command): void {
  const explain = addCommand(
    models,
    'explain <model>',
    'why a model said what it said of one bar, in words and as a plot',
  );
  explain.option('--symbol <SYMBOL>', 'whose bar (default: the only symbol of the model)');
  explain.option('--at <TIME>', 'UTC, ISO 8601; a date alone is the end of that day; the newest bar by default');
  explain.option('--plot <FILE>', 'write a bar chart of the contributions (SVG)');
  bindAction<ExplainOptions>(explain, (context, options, reference) => runExplain(context, options, reference!));

  const importance = addCommand(
    models,
    'importance <model>',
    'permutation importance of the features on the bars that the walk-forward predicted out of sample',
  );
  importance.option('--rows <N>', 'most test rows of each fold', '1000');
  importance.option('--repeats <N>', 'permutations of each feature', '3');
  bindAction<ImportanceCommandOptions>(importance, (context, options, reference) =>
    runImportance(context, options, reference!),
  );
}

interface ExplainOptions {
  readonly symbol?: string;
  readonly at?: string;
  readonly plot?: string;
  readonly config?: string;
}

/** UTC milliseconds of `--at`. A date alone means all of that day. */
function parseAt(text: string | undefined): number {
  if (text === undefined) return Infinity;
  const dateOnly = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const zoned = dateOnly || /(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`;
  const timeMs = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(zoned) : NaN;
  if (Number.isNaN(timeMs)) {
    throw new InputError(`--at ${text} is no time.`, 'Write a date (2024-03-01) or a time (2024-03-01T21:00:00Z).');
  }
  return dateOnly ? timeMs + DAY_MS - 1 : timeMs;
}

async function runExplain(context: CommandContext, options: ExplainOptions, reference: string): Promise<CommandOutput> {
  const atMs = parseAt(options.at);
  await requireOwnOutput({ option: '--plot', path: options.plot }, [{ option: '--config', path: options.config }]);
  const [{ explainPrediction }, { explanationJson, explanationText }] = await Promise.all([
    import('./explain-prediction.ts'),
    import('./explanation-text.ts'),
  ]);
  const prediction = await explainPrediction(await context.database(), reference, { symbol: options.symbol, atMs });
  if (options.plot !== undefined) {
    const { explanationPlot } = await import('./explanation-plot.ts');
    await writeWholeFile(options.plot, await explanationPlot(prediction));
  }
  return { value: explanationJson(prediction), text: () => explanationText(prediction) };
}

interface ImportanceCommandOptions {
  readonly rows: string;
  readonly repeats: string;
}

function countOf(name: string, text: string, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new InputError(`--${name} ${text} is not a whole number from 1 to ${most}.`);
}

async function runImportance(
  context: CommandContext,
  options: ImportanceCommandOptions,
  reference: string,
): Promise<CommandOutput> {
  const rowsMax = countOf('rows', options.rows, 1_000_000);
  const repeats = countOf('repeats', options.repeats, 100);
  const { modelImportance } = await import('./model-importance.ts');
  const report = await modelImportance(await context.database(), reference, { rowsMax, repeats });
  const features = report.features.map((feature) => ({
    ...feature,
    standardError: Number.isFinite(feature.standardError) ? feature.standardError : null,
  }));
  return { value: { ...report, features }, text: () => importanceText({ ...report, features }) };
}

function importanceText(report: {
  readonly model: string;
  readonly folds: number;
  readonly rows: number;
  readonly logLoss: number;
  readonly features: readonly { name: string; lossRise: number; standardError: number | null }[];
}): string {
  const table = new Table({
    head: ['feature', 'rise of log-loss', 'standard error'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { name, lossRise, standardError } of report.features) {
    table.push([name, lossRise.toFixed(6), standardError === null ? '' : standardError.toFixed(6)]);
  }
  const { model, rows, folds, logLoss } = report;
  return `${model}: log-loss ${logLoss.toFixed(5)} on ${rows} rows that ${folds} folds predicted out of sample\n${table.toString()}`;
}
