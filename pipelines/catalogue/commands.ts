import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import { addDialectOptions } from '../dialects/file-dialect.ts';
import type { BarsCommandOptions } from './bars-command.ts';
import type { CatalogueOptions, CompactOptions, ExportOptions, QueryOptions } from './catalogue-commands.ts';

const catalogue = () => import('./catalogue-commands.ts');

/** Registers `data`: what the store holds, parts of it, and bars by trading. */
export function registerCatalogueCommands(program: Command): void {
  const data = addCommand(program, 'data', 'what the store holds: list, query, export, compact; bars: bars by trading');

  bindAction<CatalogueOptions>(
    chosen(addCommand(data, 'list', 'series: bars, range, gaps, size and hash')),
    async (context, options) => (await catalogue()).listData(context, options),
  );
  bindAction<QueryOptions>(
    ranged(chosen(addCommand(data, 'query', 'bars of series, the last of them'))).option(
      '--limit <N>',
      'bars of each series (default: 20)',
    ),
    async (context, options) => (await catalogue()).queryData(context, options),
  );
  bindAction<ExportOptions>(
    ranged(chosen(addCommand(data, 'export', 'bars of series into a file, with a manifest'))).requiredOption(
      '--out <FILE>',
      'file that ends in .csv, .parquet or .arrow',
    ),
    async (context, options) => (await catalogue()).exportData(context, options),
  );
  bindAction<CompactOptions>(
    addCommand(data, 'compact', 'give back room of rows that are gone, and look at how values are spread').option(
      '--full',
      'write every partition anew, in the least room; writers wait for it',
    ),
    async (context, options) => (await catalogue()).compactData(context, options),
  );

  const bars = addCommand(data, 'bars', 'bars that are full after as much trading, into a CSV file')
    .option('--trades <FILE>', 'CSV of trades (also .gz, .zip): time, price, size, and symbol where there are several')
    .option('--bars <FILE>', 'finer bars in place of trades; they are not divided')
    .requiredOption('--by <WHAT>', 'ticks, volume or dollars')
    .requiredOption('--size <N>', 'how much of it a bar holds at the least')
    .option('--cell <SIZE>', 'look at the ends of cells of time: 1m to 4h (default: at every trade)')
    .option('--symbol <LIST>', 'symbols, comma-separated (default: all in the file)')
    .requiredOption('--out <FILE>', 'CSV file (.gz packs it)');
  bindAction<BarsCommandOptions>(addDialectOptions(bars), async (context, options) =>
    (await import('./bars-command.ts')).barsByTrading(context, options),
  );
}

function chosen(command: Command): Command {
  return command
    .option('--symbol <LIST>', 'symbols, comma-separated')
    .option('--source <NAME>', 'sample, simulated, csv, alpaca, polygon or binance')
    .option('--timeframe <SIZE>', 'bar size')
    .option('--series <ID>', 'one series, by its number in `data list`');
}

function ranged(command: Command): Command {
  return command.option('--from <DATE>', 'first day (UTC) of the opens, YYYY-MM-DD').option('--to <DATE>', 'last day');
}
