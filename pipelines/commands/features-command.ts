import type { Command } from 'commander';
import { addCommand, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { addDialectOptions } from '../dialects/file-dialect.ts';
import type { FeaturesOptions } from './command-actions.ts';
import type { StoredFeaturesOptions } from './stored-features.ts';
import { TRUST_ACTIONS } from './trust-actions.ts';

/** Features over a file or over stored bars, or `--list`. */
export type FeaturesAsked = StoredFeaturesOptions & { readonly list?: string | true };

/** Adds `features` with what it asks of a file; whoever registers it binds it. */
export function addFeaturesCommand(program: Command): Command {
  const does = 'features of any bars file, without a database, or of stored bars; or those that a run or session used';
  const command = addCommand(program, 'features', does)
    .option('--bars <FILE>', 'CSV (also .gz) or Parquet file, or a folder of them')
    .option('--stored [SOURCE]', 'bars of the store instead: all, or those of a source or a file')
    .option('--features <LIST>', 'expressions, comma-separated, or the name of a set')
    .option('--out <FILE>', 'file to write: CSV (.gz packs it), or Parquet where it ends in .parquet')
    .option(
      '--list [NAME]',
      'every feature with its parameters, outputs and options, or all about one; with --features: their columns',
    );
  return addFileOptions(command);
}

/** Adds what is to be known of a bars file beside its path: symbols, bar size, calendar, actions, how it is written. */
export function addFileOptions(command: Command): Command {
  command
    .option('--symbol <LIST>', 'symbols, comma-separated (default: all in the file)')
    .option('--timeframe <SIZE>', 'bar size (default: what the times imply)')
    .option('--calendar <NAME>', 'where daily bars close (default: none, 24 hours after the open)')
    .option(
      '--actions <FILE>',
      'CSV of splits and dividends to take out: symbol, type, exDate, ratio or amount, knownAt',
    )
    .option('--adjust <MODE>', 'raw, splits or splits-and-dividends (default)')
    .option(...TRUST_ACTIONS);
  return addDialectOptions(command);
}

/** Features of the bars of a file, or what features there are. What it does is loaded when it runs. */
export async function featuresOfFile(context: CommandContext, options: FeaturesAsked): Promise<CommandOutput> {
  if (options.list !== undefined) {
    const { listColumns, listFeatures } = await import('./feature-list.ts');
    return options.features === undefined ? listFeatures(options.list) : listColumns(options.features, options);
  }
  if (options.stored !== undefined) return (await import('./stored-features.ts')).runStoredFeatures(context, options);
  return (await import('./command-actions.ts')).runFeatures(context, complete(options));
}

/** What `features` needs where it does not list them. */
function complete({ bars, features, out, ...rest }: FeaturesAsked): FeaturesOptions {
  if (bars !== undefined && features !== undefined && out !== undefined) return { bars, features, out, ...rest };
  const missing = Object.entries({ bars, features, out }).filter(([, value]) => value === undefined);
  throw new InputError(
    `features needs ${missing.map(([name]) => `--${name}`).join(', ')}.`,
    'As in: signalbox features --bars FILE --features "rsi(14),ema(20)" --out FILE. --list shows what may be written.',
  );
}
