import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';
import { suggest } from '../../features/expressions/nearest-name.ts';
import { listSeries, type StoredSeries } from '../bars/bar-series-store.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { marketHours } from '../calendars/market-hours.ts';
import { DIALECT_OPTIONS, flagOf } from '../dialects/file-dialect.ts';
import { parseFeaturesWithFiles } from '../own-features/own-feature-set.ts';
import { panelFeatures } from '../panel/panel-features.ts';
import { PanelFolder } from '../panel/panel-folder.ts';
import { parseTimeframe } from '../timeframe.ts';
import type { FeaturesOptions } from './command-actions.ts';
import { parseAdjustMode, parseSymbols } from './command-options.ts';
import { writeFeatures } from './write-features.ts';

/** Which bars, and what else features are asked for by. */
export type StoredFeaturesOptions = Partial<FeaturesOptions> & { readonly stored?: string | true };

/** What says how a file is read, or what is in none. */
const OF_FILES = ['bars', 'actions', 'calendar', 'trustActions', ...DIALECT_OPTIONS] as const;

/**
 * `features --stored`: features of bars that are in the store, which are kept beside it for the next who asks for the
 * same. @throws InputError for options that are of files, and where it is not one series per symbol that is meant
 */
export async function runStoredFeatures(
  context: CommandContext,
  options: StoredFeaturesOptions,
): Promise<CommandOutput> {
  const { features, out, adjust } = options;
  const ofFile = OF_FILES.find((name) => options[name] !== undefined);
  if (ofFile !== undefined)
    throw new InputError(`${flagOf(ofFile)} is of files: --stored reads none.`, 'Leave it out.');
  if (features === undefined || out === undefined) {
    const missing = features === undefined ? '--features' : '--out';
    const remedy = 'As in: signalbox features --stored --features "rsi(14),ema(20)" --out FILE.';
    throw new InputError(`features --stored needs ${missing}.`, remedy);
  }
  await requireOwnOutput({ option: '--out', path: out }, [{ option: '--config', path: options.config }]);
  const mode = parseAdjustMode(adjust);
  const database = await context.database();
  const series = wantedSeries(await listSeries(database.pool), options);
  const [{ timeframe, calendar }] = series as [StoredSeries];
  const symbols = series.map(({ symbol }) => symbol);
  const hours = marketHours(calendarNamed(calendar));
  const set = parseFeaturesWithFiles(features, { timeframe, symbols, hours });
  const stage = context.progress.stage('features');
  const folder = new PanelFolder(context.config.dataDir, context.clock);
  const seriesIds = series.map(({ id }) => id);
  const { matrices, wasKept } = await panelFeatures(database, { set, seriesIds, adjust: mode, folder });
  const rows = matrices.reduce((sum, { length }) => sum + length, 0);
  stage.done(`${rows} rows of ${symbols.length} symbols${wasKept ? ', which were there from before' : ''}`);
  await writeFeatures(out, matrices, matrices);
  const { hash: featureSetHash, columns, warmUpBars } = set;
  const value = { out, rows, columns, featureSetHash, warmUpBars, symbols, wasKept };
  return { value, text: () => `${out}: ${rows} rows of ${symbols.length} symbols, ${columns.length} features` };
}

/** One series per symbol, all of one size and calendar. */
function wantedSeries(
  all: readonly StoredSeries[],
  { stored, symbol, timeframe }: StoredFeaturesOptions,
): StoredSeries[] {
  const sources = [...new Set(all.flatMap(({ source, origin }) => [source, origin]))];
  if (typeof stored === 'string' && !sources.includes(stored)) {
    throw new InputError(`The store has nothing of "${stored}".`, suggest(stored, sources));
  }
  const size = timeframe === undefined ? undefined : parseTimeframe(timeframe);
  const asked = symbol === undefined ? undefined : [parseSymbols(symbol)].flat();
  const found = all.filter(
    (one) =>
      one.bars > 0 &&
      (typeof stored !== 'string' || one.source === stored || one.origin === stored) &&
      (size === undefined || one.timeframe === size) &&
      (asked === undefined || asked.includes(one.symbol)),
  );
  const known = new Set(found.map((one) => one.symbol));
  const lost = asked?.find((one) => !known.has(one));
  if (lost !== undefined) {
    throw new InputError(
      `The store has no such bars of ${lost}.`,
      suggest(lost, [...new Set(all.map((one) => one.symbol))]),
    );
  }
  if (found.length === 0) throw new InputError('The store has no such bars.', 'signalbox ingest brings some in.');
  requireAlike(found);
  const order = asked ?? [...known];
  return order.map((one) => found.find(({ symbol: own }) => own === one)!);
}

function requireAlike(found: readonly StoredSeries[]): void {
  const kinds = [...new Set(found.map(({ timeframe, calendar }) => `${timeframe} bars, calendar ${calendar}`))];
  if (kinds.length > 1) {
    throw new InputError(
      `The store has these in more than one way: ${kinds.join('; ')}.`,
      'Choose with --timeframe, --symbol or --stored SOURCE.',
    );
  }
  const seen = new Map<string, StoredSeries>();
  for (const one of found) {
    const other = seen.get(one.symbol);
    if (other !== undefined) {
      const [a, b] = [other, one].map(({ source, origin }) => `${source} (${origin})`);
      throw new InputError(
        `${one.symbol} is there twice: of ${a} and ${b}.`,
        'Choose one by --stored: it takes a source or what stands in brackets.',
      );
    }
    seen.set(one.symbol, one);
  }
}
