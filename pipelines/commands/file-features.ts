import type { BarColumns } from '../../features/bar.ts';
import type { FeatureMatrix } from '../../features/feature-matrix.ts';
import type { FeatureSet } from '../../features/feature-set.ts';
import { TIMEFRAMES } from '../../features/timeframe.ts';
import type { CommandContext } from '../../infra/command.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';
import { computeAdjustedFeatures } from '../adjustments/adjusted-features.ts';
import { fileActions } from '../adjustments/actions-of-universe.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { marketHours } from '../calendars/market-hours.ts';
import { dialectOf, type DialectOptions } from '../dialects/file-dialect.ts';
import { parseFeaturesWithFiles } from '../own-features/own-feature-set.ts';
import { readTakenBars } from '../sources/files/bars-file.ts';
import type { Taken } from '../sources/files/taken.ts';
import { parseTimeframe } from '../timeframe.ts';
import { parseAdjustMode, parseSymbols } from './command-options.ts';

/** Options of commands that compute features of a bars file. */
export interface FileFeaturesOptions extends DialectOptions {
  readonly columns?: string;
  readonly bars: string;
  readonly symbol?: string;
  readonly timeframe?: string;
  readonly calendar?: string;
  readonly actions?: string;
  readonly adjust?: string;
  readonly trustActions?: boolean;
  readonly config?: string;
}

/** The bars of a file with features of them, a matrix per symbol. */
export interface FileFeatures {
  readonly universe: readonly BarColumns[];
  readonly set: FeatureSet;
  readonly matrices: readonly FeatureMatrix[];
  /** Bars of all symbols. */
  readonly rows: number;
  readonly taken: Taken;
}

/**
 * Computes `features` of the bars of a file, each row over bars adjusted by what was known at its close. `out` is where
 * the caller will write, which may be no file that is read. @throws InputError for options, files or features that
 * are not in order
 */
export async function fileFeatures(
  context: CommandContext,
  options: FileFeaturesOptions,
  { features, out }: { readonly features: string; readonly out?: string | undefined },
): Promise<FileFeatures> {
  const wanted = options.symbol === undefined ? undefined : [parseSymbols(options.symbol)].flat();
  const asked = options.timeframe === undefined ? undefined : parseTimeframe(options.timeframe);
  const calendar = calendarNamed(options.calendar ?? 'none');
  const mode = parseAdjustMode(options.adjust);
  if (out !== undefined) {
    await requireOwnOutput({ option: '--out', path: out }, [
      { option: '--bars', path: options.bars },
      { option: '--actions', path: options.actions },
      { option: '--config', path: options.config },
    ]);
  }
  // A mistake in the expressions is told before a file is read: whatever word they hold may be a symbol of the file.
  parseFeaturesWithFiles(features, {
    timeframe: asked ?? TIMEFRAMES[0]!,
    symbols: wanted ?? wordsOf(features),
  });
  const reading = context.progress.stage(`read ${options.bars}`);
  const dialect = dialectOf(options);
  const read = await readTakenBars(options.bars, { symbols: wanted, timeframe: asked, calendar, dialect });
  const { universe, timeframe, taken } = read;
  const rows = universe.reduce((sum, { length }) => sum + length, 0);
  reading.done(`${rows} bars`);
  const symbols = universe.map(({ symbol }) => symbol);
  const set = parseFeaturesWithFiles(features, { timeframe, symbols, hours: marketHours(calendar) });
  const computing = context.progress.stage('features');
  const actions = await fileActions(options.actions, universe, {
    ...{ calendar, mode, timeframe, trust: options.trustActions },
  });
  const matrices = computeAdjustedFeatures(set, universe, actions);
  computing.done(`${set.columns.length} columns`);
  return { universe, set, matrices, rows, taken };
}

/** The words of expressions: whichever of them is a symbol is among them. */
export function wordsOf(features: string): readonly string[] {
  return features.match(/[^\s(),="|{}]+/g) ?? [];
}
