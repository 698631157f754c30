import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { ResultOptions } from '../../trading/results/rows-source.ts';
import type { ReportOptions } from '../report/comparison/report-command.ts';
import type { RunsAsked } from './runs-output.ts';
import type { TaxOptions } from './taxes-command.ts';

const ROWS = [
  { what: 'trades', does: 'trades of a run or session: entry, exit, profit and what closed each' },
  { what: 'equity', does: 'equity of a run or session at each close' },
  {
    what: 'transactions',
    does: 'all that moved cash or units: trades, dividends, splits, interest, fees, with the balance',
  },
  { what: 'predictions', does: 'out-of-sample predictions that a run or session traded, beside what came of them' },
] as const;

/** Registers `runs list`, `runs show`, `runs compare`, and rows of results: `trades` to `taxes`. */
export function registerResultCommands(program: Command): void {
  const runs = program.command('runs').description('results of runs and sessions: what there is, one whole, several');
  const list = addCommand(runs, 'list', 'kept runs and sessions with their figures, the newest first', {
    isDefault: true,
  });
  list
    .option('--all', 'sessions of backtests too')
    .option('--experiment <NAME>', 'only those of this experiment')
    .option('--limit <N>', 'no more than the newest N')
    .option('--kind <KIND>', 'only experiment, rules, walk-forward or search')
    .option('--verdict <WORD>', 'only those judged evidence, weak or none')
    .option('--since <DATE>', 'made on this day (UTC) or later')
    .option('--until <DATE>', 'made on this day (UTC) or earlier');
  bindAction<RunsAsked>(list, async (context, asked) => (await import('./runs-output.ts')).runsOutput(context, asked));
  const show = addCommand(
    runs,
    'show <id>',
    'figures of one, and the hashes, versions and costs behind them; or latest',
  );
  bindAction<object>(show, async (context, _options, id) => (await import('./run-output.ts')).runOutput(context, id!));
  const compare = addCommand(runs, 'compare <runs...>', 'runs side by side, as `report` has them; --out writes a page');
  compare.option('--out <FILE>', 'write the comparison as one HTML file');
  bindAction<ReportOptions>(compare, async (context, options, ...named) =>
    (await import('./compared-runs.ts')).compareCommand(context, options, named),
  );
  for (const { what, does } of ROWS) {
    const command = addCommand(program, what, does)
      .option('--run <ID>', 'of this run: its name in `runs list`, or latest (the default)')
      .option('--session <ID>', 'of this session')
      .option('--limit <N>', 'the last N in the terminal (default: 50), the first N in a file (default: all)')
      .option('--out <FILE>', 'write them to FILE.csv, .parquet or .arrow, with FILE.manifest.json beside it');
    bindAction<ResultOptions>(command, async (context, options) =>
      (await import('./rows-command.ts')).rowsCommand(context, what, options),
    );
  }
  const taxes = addCommand(
    program,
    'taxes',
    'realised gains of a session by year and holding period, first in, first out',
  )
    .option('--session <ID>', 'of this session')
    .option('--run <ID>', 'of the session of this run, or latest (the default)')
    .option('--year <YYYY>', 'of this year alone')
    .option('--zone <ZONE>', 'whose days and years they are', 'UTC')
    .option('--out <FILE>', 'write each closed lot to FILE.csv, .parquet or .arrow, with FILE.manifest.json beside it');
  bindAction<TaxOptions>(taxes, async (context, options) =>
    (await import('./taxes-command.ts')).taxesCommand(context, options),
  );
}
