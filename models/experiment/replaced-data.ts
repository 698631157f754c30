import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { stringify } from 'yaml';
import type { BarColumns } from '../../features/bar.ts';
import { hashOf } from '../../infra/hash.ts';
import type { CalendarName } from '../../pipelines/calendars/calendar.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import { withoutDialect, type DialectOptions } from '../../pipelines/dialects/file-dialect.ts';
import type { Experiment } from './experiment.ts';

/** Stands between an experiment's name and its data's in the name over other data; no file's name may hold it. */
const OVER = '.';
const MARK_LENGTH = 8;
const LISTED = 3;

/** Files in the place of an experiment's own data, and what was found in them. */
export interface ReplacedData {
  readonly files: readonly string[];
  readonly bars: readonly BarColumns[];
  readonly universe: readonly [string, ...string[]];
  readonly calendar: CalendarName;
  readonly timeframe: Timeframe;
  /** What the user says of the files that they do not say themselves. */
  readonly dialect?: DialectOptions | undefined;
}

/**
 * The experiment over other data than its own. Universe, bar size, calendar and source are those of the files. So is
 * the name: models, trials and comparisons belong to the data they came from. A file that grows keeps the name, since
 * its symbols, its bar size and the first bar of each make it.
 */
export function overFiles(experiment: Experiment, replaced: ReplacedData): Experiment {
  const { files, bars, universe, calendar, timeframe, dialect } = replaced;
  const {
    from: _from,
    to: _to,
    path: _path,
    symbol: _symbol,
    sample: _sample,
    changes: _changes,
    ...data
  } = experiment.data;
  const used = bars.filter(({ symbol }) => universe.includes(symbol));
  const symbols = universe.length > LISTED ? `${universe.length} symbols` : universe.join(' ');
  const mark = hashOf({ timeframe, begins: used.map(beginningOf) }).slice(0, MARK_LENGTH);
  return {
    ...experiment,
    name: `${experiment.name}${OVER}${nameable(symbols)}-${mark}`,
    description: `The design of ${experiment.name} over other data: ${symbols} from ${files.map((file) => basename(file)).join(', ')}.`,
    universe: [...universe],
    data: { ...withoutDialect(data), ...dialect, source: 'csv', timeframe, calendar },
  };
}

function beginningOf({ symbol, openTimeMs, open, high, low, close }: BarColumns): unknown[] {
  return [symbol, openTimeMs[0], open[0], high[0], low[0], close[0]];
}

/** Letters, digits and dashes, as names of experiments have. */
function nameable(text: string): string {
  return text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
}

/** Whether a name is of an experiment over other data than its own. */
export function isOverFiles(name: string): boolean {
  return name.includes(OVER);
}

/** The name over other data as the file of an experiment may hold it. */
export function fileNameOf(name: string): string {
  return name.replaceAll(OVER, '-');
}

/** The experiment as the record keeps it: the user's own text, or what it became over files that replaced its data. */
export function recordedText(path: string, experiment: Experiment, files: readonly string[] | undefined): string {
  if (files === undefined || files.length === 0) return readFileSync(path, 'utf8');
  return `# ${basename(path)} over the bars of ${files.join(', ')}\n${stringify(experiment)}`;
}
