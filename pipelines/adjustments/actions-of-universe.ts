import type { BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import type { Calendar } from '../calendars/calendar.ts';
import { readActionsFile } from './actions-file.ts';
import { requireUnadjusted } from './already-adjusted.ts';
import {
  actionsOfMode,
  dateAction,
  type AdjustMode,
  type CorporateAction,
  type DatedAction,
} from './corporate-action.ts';
import { wantedActions } from './no-actions.ts';

/** Corporate actions by symbol, and the file they were read from. */
export interface OfferedActions {
  readonly bySymbol: ReadonlyMap<string, readonly CorporateAction[]>;
  readonly origin: string;
}

/**
 * Reads the actions file of an experiment or command; undefined where there is none. Throws InputError for a file that
 * has mistakes, or that speaks of none of `symbols`.
 */
export async function actionsOfUniverse(
  path: string | undefined,
  symbols: readonly string[],
): Promise<OfferedActions | undefined> {
  if (path === undefined) return undefined;
  const bySymbol = await readActionsFile(path);
  if (bySymbol.size > 0 && symbols.every((symbol) => !bySymbol.has(symbol))) {
    throw new InputError(
      `${path}: none of its symbols (${[...bySymbol.keys()].slice(0, 5).join(', ')}) is in the universe.`,
      `Name the symbols as the bars do: ${symbols.slice(0, 5).join(', ')}.`,
    );
  }
  return { bySymbol, origin: path };
}

/** How actions of a file are seen. */
export interface FileActionsOptions {
  readonly calendar: Calendar;
  readonly mode: AdjustMode;
  /** Size of the bars. */
  readonly timeframe: Timeframe;
  /** A split that does not show is no reason to refuse. */
  readonly trust?: boolean | undefined;
}

/**
 * The actions of a file on the clock, one list per symbol; none without a path or for `none`. Throws InputError like
 * `actionsOfUniverse`.
 */
export async function datedFileActions(
  path: string | undefined,
  symbols: readonly string[],
  { calendar, mode, timeframe }: FileActionsOptions,
): Promise<DatedAction[][]> {
  const offered = await actionsOfUniverse(wantedActions({ actions: path, adjust: mode }).path, symbols);
  return symbols.map((symbol) => {
    const own = offered?.bySymbol.get(symbol) ?? [];
    return actionsOfMode(
      own.map((action) => dateAction(action, calendar, timeframe)),
      mode,
    );
  });
}

/**
 * The actions of a file for bars of a file. Throws InputError also where a split does not show in the bars, which were
 * adjusted already.
 */
export async function fileActions(
  path: string | undefined,
  universe: readonly BarColumns[],
  options: FileActionsOptions,
): Promise<DatedAction[][]> {
  const actions = await datedFileActions(
    path,
    universe.map(({ symbol }) => symbol),
    options,
  );
  if (options.trust !== true) universe.forEach((bars, s) => requireUnadjusted(bars, actions[s]!));
  return actions;
}
