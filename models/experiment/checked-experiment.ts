import { basename } from 'node:path';
import type { BarColumns } from '../../features/bar.ts';
import { TIMEFRAMES, type Timeframe } from '../../features/timeframe.ts';
import { EventBook } from '../../features/events/event-book.ts';
import type { FeatureSet } from '../../features/feature-set.ts';
import { FeatureError } from '../../features/feature-error.ts';
import { InputError } from '../../infra/errors.ts';
import type { Experiment } from './experiment.ts';
import { requireExecution } from './execution/execution-check.ts';
import { requireExtendedHours } from './execution/extended-hours.ts';
import { readSourceFile } from './events/experiment-events.ts';
import { requireReducible } from './inputs/reducible.ts';
import { experimentFeatures } from './experiment-features.ts';
import { requireFiner } from './finer-bars.ts';
import { gateFeatureOf } from '../ensemble/combiner.ts';
import { sideColumnOf } from '../ensemble/primary-side.ts';
import { estimatorOf } from '../estimators/registry.ts';
import { estimatorParams, loadExperiment } from './load-experiment.ts';
import { overFiles } from './replaced-data.ts';
import { learns } from './strategies-schema.ts';
import type { CalendarName } from '../../pipelines/calendars/calendar.ts';
import { offeredSeries, type OfferedSeries } from '../../pipelines/sources/offered-series.ts';
import type { DialectOptions } from '../../pipelines/dialects/file-dialect.ts';
import { readTakenBars, requireSymbols } from '../../pipelines/sources/files/bars-file.ts';
import type { VendorAccess } from '../../pipelines/vendors/vendor-access.ts';

/** Files that replace the data of an experiment. */
export interface BarsFiles {
  readonly barsFiles?: readonly string[] | undefined;
  /** Calendar of those files; `none` unless named. */
  readonly barsCalendar?: CalendarName | undefined;
  /** What the user says of those files that they do not say themselves. */
  readonly barsDialect?: DialectOptions | undefined;
  /** Bar size of those files; what their times imply unless named. */
  readonly barsTimeframe?: Timeframe | undefined;
  /** Symbols wanted of those files; all that they hold unless named. */
  readonly barsSymbols?: readonly string[] | undefined;
  /** What reaches vendors, for experiments whose data come from one. */
  readonly vendors?: VendorAccess | undefined;
}

/** What a command can do with an experiment besides. */
export interface Wanted {
  /** The command trades rules: an experiment that names `strategies` is refused without. */
  readonly rules?: boolean;
}

/** What files bring to an experiment, before anything of it is stored. */
export interface CheckedBars {
  readonly experiment: Experiment;
  readonly set: FeatureSet;
  readonly bars: readonly BarColumns[];
  /** Where they are from, for messages: the files, or the source. */
  readonly from: string;
}

/**
 * Reads the experiment at `path` and looks at everything it names (keys, estimators, symbols, features, the bars files)
 * before a database is opened, so that a mistake costs nothing and leaves nothing. Returns it as it applies: with
 * `barsFiles`, name, universe, bar size and range are those of the files. `onBars` looks at the bars of files.
 * InputError names file and key.
 */
export async function checkedExperiment(
  path: string,
  files: BarsFiles & Wanted,
  onBars?: (checked: CheckedBars) => void,
): Promise<Experiment> {
  return checkLoaded(loadExperiment(path), path, files, onBars);
}

/** The same of an experiment that was read; `path` names it in errors. */
export async function checkLoaded(
  loaded: Experiment,
  path: string,
  files: BarsFiles & Wanted,
  onBars?: (checked: CheckedBars) => void,
): Promise<Experiment> {
  if (!learns(loaded) && files.rules !== true) {
    throw new InputError(
      `${path}: strategies: rules learn nothing, and this command is about what an ensemble learns`,
      'Use `backtest` or `paper`, or leave strategies out.',
    );
  }
  requireTraded(path, loaded);
  requireExecution(path, loaded);
  const { experiment, bars } = await applyBarsFiles(loaded, files);
  requireLonger(path, experiment);
  requireExtendedHours(path, experiment);
  await requireFiner(path, experiment, files);
  const { data, universe } = experiment;
  const offered = bars ?? (await inFile(path, '', () => offeredSeries({ data, universe, vendors: files.vendors })));
  const set = await inFile(path, 'features: ', () =>
    // How many rows there are does not depend on events, which are read later.
    experimentFeatures(experiment, { ...offered, events: experiment.events === undefined ? null : new EventBook() }),
  );
  await inFile(path, '', () => requireFeatures(experiment, set.columns));
  await inFile(path, '', () => requireEvents(experiment, set));
  const read = offered.bars;
  const from = bars === undefined ? (data.path ?? `data.source ${data.source}`) : files.barsFiles!.join(', ');
  if (read !== undefined) await inFile(path, '', () => onBars?.({ experiment, set, bars: read, from }));
  return experiment;
}

/** Bars of a strategy's own are made of the experiment's. InputError with the key. */
function requireLonger(path: string, { data, strategies = [] }: Experiment): void {
  strategies.forEach(({ timeframe = data.timeframe }, at) => {
    const [own, given] = [timeframe, data.timeframe].map((one) => TIMEFRAMES.findIndex((known) => known === one));
    if (own! >= given!) return;
    throw new InputError(
      `${path}: strategies[${at}].timeframe: bars of ${timeframe} cannot be made of bars of ${data.timeframe}`,
      `Name a longer one, or set data.timeframe to ${timeframe}.`,
    );
  });
}

/** A strategy trades symbols of its experiment. */
function requireTraded(path: string, { universe, rebalance, strategies = [] }: Experiment): void {
  if (rebalance !== undefined && strategies.length === 0) {
    throw new InputError(`${path}: rebalance: there are no strategies to share the account`, 'Leave it out.');
  }
  if (typeof universe === 'string') return;
  strategies.forEach(({ symbols = [] }, at) => {
    const strange = symbols.find((symbol) => !universe.includes(symbol));
    if (strange === undefined) return;
    throw new InputError(
      `${path}: strategies[${at}].symbols: ${strange} is not in the universe`,
      'Correct the symbol.',
    );
  });
}

/** What labels, the ensemble and its members ask of the features by name. InputError with the key. */
function requireFeatures(experiment: Experiment, featureNames: readonly string[]): void {
  requireReducible(experiment);
  if (experiment.labels.meta !== undefined) requireSide(experiment.labels.meta.side, experiment, featureNames);
  if (experiment.ensemble.kind === 'regime') gateFeatureOf(featureNames);
  for (const entry of experiment.estimators) {
    const estimator = estimatorOf(entry.kind);
    if (experiment.selection !== undefined && estimator.learns === false) {
      throw new InputError(
        `selection: ${entry.name} was trained elsewhere, and needs every feature that it was trained on`,
        'Leave selection out, or the member.',
      );
    }
    const mistake = estimator.mistake?.(estimator.params.parse(estimatorParams(entry)), featureNames) ?? null;
    if (mistake === null) continue;
    throw new InputError(`estimators.${entry.name}.${mistake.key}: ${mistake.message}`, mistake.remedy);
  }
}

/** Features that read events have some, and the files that are named are in order. InputError with the key. */
async function requireEvents({ events }: Experiment, { graph }: FeatureSet): Promise<void> {
  if (events === undefined && graph.readsEvents) {
    throw new InputError(
      'features: events(...) needs events',
      'Name them: events: [{ file: news.csv }], or stored: [SOURCE].',
    );
  }
  for (const [at, source] of (events ?? []).entries()) if ('file' in source) await readSourceFile(source, at);
}

/** A primary side must be a feature, and rows without one must lead to no trade. InputError with the key. */
function requireSide(side: string, { signals }: Experiment, featureNames: readonly string[]): void {
  sideColumnOf(featureNames, side);
  const [key, value] = signals.sellBelow > 0.5 ? ['sellBelow', signals.sellBelow] : ['buyAbove', signals.buyAbove];
  if (signals.sellBelow <= 0.5 && signals.buyAbove >= 0.5) return;
  throw new InputError(
    `signals.${key}: ${value} would trade rows without a primary side, whose probability is 0.5`,
    'With labels.meta keep sellBelow at or below 0.5 and buyAbove at or above it.',
  );
}

/** Runs a check and puts the file before what it finds. */
async function inFile<T>(path: string, key: string, check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof InputError || error instanceof FeatureError)) throw error;
    throw new InputError(`${path}: ${key}${error.message}`, error.remedy, error);
  }
}

/**
 * With `--bars`, the files decide range and universe, and the experiment goes by another name. A file without a symbol
 * column is its own symbol.
 */
async function applyBarsFiles(
  experiment: Experiment,
  { barsFiles, barsCalendar, barsDialect: dialect, barsSymbols: symbols, barsTimeframe }: BarsFiles,
): Promise<{ experiment: Experiment; bars?: OfferedSeries }> {
  if (barsFiles === undefined || barsFiles.length === 0) return { experiment };
  const { universe: bars, timeframe } = await readTakenBars(barsFiles, { dialect, symbols, timeframe: barsTimeframe });
  const found = bars.map(({ symbol }) => symbol);
  const universe = universeOf(experiment, barsFiles, found);
  const calendar = barsCalendar ?? 'none';
  requireSymbols(barsFiles.join(', '), universe, found);
  const over = overFiles(experiment, { files: barsFiles, bars, universe, calendar, timeframe, dialect });
  return { experiment: over, bars: { symbols: universe, timeframe, bars } };
}

function universeOf(
  experiment: Experiment,
  barsFiles: readonly string[],
  found: readonly string[],
): [string, ...string[]] {
  const wanted = typeof experiment.universe === 'string' ? [] : experiment.universe;
  const unnamed = barsFiles.length === 1 && found.length === 1 && basename(barsFiles[0]!).startsWith(`${found[0]}.`);
  if (unnamed && wanted.length > 1) {
    throw new InputError(
      `${barsFiles[0]}: no symbol column, and the experiment has ${wanted.length} symbols (${wanted.slice(0, 5).join(', ')}).`,
      'Add a symbol column, or use an experiment with one symbol.',
    );
  }
  const shared = wanted.filter((symbol) => found.includes(symbol));
  const universe = shared.length > 0 ? wanted : found;
  return [universe[0]!, ...universe.slice(1)];
}
