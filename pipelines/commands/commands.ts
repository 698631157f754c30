import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import { addDialectOptions } from '../dialects/file-dialect.ts';
import { InputError } from '../../infra/errors.ts';
import type { FeaturesOptions } from './command-actions.ts';
import type { QuoteCommandOptions } from './quote-command.ts';
import type { FeedCommandOptions } from './feed-command.ts';
import { TRUST_ACTIONS } from './trust-actions.ts';

/** What commands do is loaded when one runs: help and the other folders' commands need none of it. */
const actions = () => import('./command-actions.ts');

/** What `features` needs where it does not list them. */
function complete({ bars, features, out, ...rest }: Partial<FeaturesOptions>): FeaturesOptions {
  if (bars !== undefined && features !== undefined && out !== undefined) return { bars, features, out, ...rest };
  const missing = Object.entries({ bars, features, out }).filter(([, value]) => value === undefined);
  throw new InputError(
    `features needs ${missing.map(([name]) => `--${name}`).join(', ')}.`,
    'As in: signalbox features --bars FILE --features "rsi(14),ema(20)" --out FILE. --list shows what may be written.',
  );
}

/** Whose stored feature rows are asked for. */
export interface StoredFeaturesAsked {
  readonly run?: string;
  readonly session?: string;
  readonly limit?: string;
  readonly out?: string;
}

type FeaturesAsked = Partial<FeaturesOptions> & StoredFeaturesAsked & { readonly list?: string | true };

/** Rows that are on record are asked for, and nothing that would compute others. */
function asksForStored(options: FeaturesAsked): boolean {
  const { run, session, limit, bars, features, list } = options;
  const isStored = run !== undefined || session !== undefined;
  const other = Object.entries({ bars, features, list }).find(([, value]) => value !== undefined);
  if (isStored && other !== undefined) {
    throw new InputError(
      `--${other[0]} and --${run === undefined ? 'session' : 'run'}: features are computed from a file, or those of a run or session.`,
      'Leave one of the two out.',
    );
  }
  if (!isStored && limit !== undefined) {
    throw new InputError('--limit is of the rows of a run or session.', 'Name it: --run ID or --session ID.');
  }
  return isStored;
}

/**
 * Registers `features`, `feed` and `quote`, which know no experiment.
 * @param stored shows or writes the feature rows of a run or session
 */
export function registerPipelineCommands(
  program: Command,
  stored: (context: CommandContext, asked: StoredFeaturesAsked) => Promise<CommandOutput>,
): void {
  const does = 'features of any bars file into a CSV file, without a database; or those that a run or session used';
  const featuring = addCommand(program, 'features', does)
    .option('--bars <FILE>', 'CSV (also .gz) or Parquet file, or a folder of them')
    .option('--features <LIST>', 'expressions, comma-separated, or the name of a set')
    .option('--out <FILE>', 'file to write: CSV (.gz packs it), or Parquet where it ends in .parquet')
    .option('--run <ID>', 'rows that this run learned from: its name in `runs list`, or latest')
    .option('--session <ID>', 'rows that the model of this session learned from')
    .option('--limit <N>', 'of a run or session: the last N in the terminal, the first N in a file')
    .option('--list [NAME]', 'show every feature with its parameters, outputs and options, or all about one')
    .option('--symbol <LIST>', 'symbols, comma-separated (default: all in the file)')
    .option('--timeframe <SIZE>', 'bar size (default: what the times imply)')
    .option('--calendar <NAME>', 'where daily bars close (default: none, 24 hours after the open)')
    .option(
      '--actions <FILE>',
      'CSV of splits and dividends to take out: symbol, type, exDate, ratio or amount, knownAt',
    )
    .option('--adjust <MODE>', 'raw, splits or splits-and-dividends (default)')
    .option(...TRUST_ACTIONS);
  addDialectOptions(featuring);
  bindAction<FeaturesAsked>(featuring, async (context, options) => {
    if (asksForStored(options)) return stored(context, options);
    if (options.list !== undefined) return (await import('./feature-list.ts')).listFeatures(options.list);
    return (await actions()).runFeatures(context, complete(options));
  });

  const feeding = addCommand(
    program,
    'feed',
    'closed bars as they come, as CSV lines; what the feed does on standard error',
  )
    .requiredOption('--vendor <NAME>', 'alpaca, polygon or binance')
    .option('--symbol <LIST>', 'symbols, comma-separated: AAPL, BTC/USD, BTC/USDT')
    .option('--symbols <LIST>', 'the same as --symbol')
    .option('--timeframe <SIZE>', 'bar size; longer bars are made of minutes', '1m')
    .option('--calendar <NAME>', 'trading hours (default: crypto for crypto, else us-equities)')
    .option('--from <TIME>', 'begin with the bar open at this time, from history (default: the bar under way)')
    .option('--for <SECONDS>', 'stop after so long (default: until Ctrl-C); --json prints its document then')
    .option('--quotes', 'quotes too, on standard error');
  bindAction<FeedCommandOptions>(feeding, async (context, options) =>
    (await import('./feed-command.ts')).runFeed(context, options),
  );

  const quoting = addCommand(program, 'quote <symbol>', 'latest best bid and offer of a symbol, from a vendor').option(
    '--vendor <NAME>',
    'alpaca, polygon or binance (default: the first one configured that trades it)',
  );
  bindAction<QuoteCommandOptions>(quoting, async (context, options, symbol = '') =>
    (await import('./quote-command.ts')).runQuote(context, options, symbol),
  );
}
