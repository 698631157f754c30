import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { BarColumns } from '../../../features/bar.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import type { CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { writeWholeFile } from '../../../infra/files/write-whole-file.ts';
import { none } from '../../../pipelines/calendars/always-open.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import type { CalendarName } from '../../../pipelines/calendars/calendar.ts';
import { marketDays } from '../../../pipelines/calendars/market-days.ts';
import { dialectOf, type DialectOptions } from '../../../pipelines/dialects/file-dialect.ts';
import { readTakenBars } from '../../../pipelines/sources/files/bars-file.ts';
import { SAMPLE_SYMBOL } from '../../../pipelines/sources/named-universe.ts';
import { checkedExperiment } from '../checked-experiment.ts';
import { experimentText, type ExperimentSubject } from './experiment-text.ts';

export interface InitOptions extends DialectOptions {
  readonly bars?: string;
  readonly calendar?: string;
}

const YAML = /\.ya?ml$/i;

/**
 * `init FILE.yaml [--bars FILE]`: writes a commented experiment that passes validation, over the bars of a file: their
 * symbols, size, calendar and number; over the sample without one. @throws InputError where FILE exists or the bars
 * cannot be read
 */
export async function initCommand(path: string, options: InitOptions): Promise<CommandOutput> {
  if (!YAML.test(path)) throw new InputError(`${path} is no name of an experiment's file.`, 'End it in .yaml.');
  if (existsSync(path)) throw new InputError(`${path} exists.`, 'Give another name, or remove it.');
  const subject = { name: nameOf(path), ...(await subjectOf(options)) };
  await writeWholeFile(path, experimentText(subject), { mustBeNew: true });
  try {
    await checkedExperiment(path, {});
  } catch (error) {
    await rm(path);
    throw error;
  }
  const { universe, timeframe, calendar, bars } = subject;
  const named =
    universe.length > 5 ? `${universe.slice(0, 5).join(', ')} and ${universe.length - 5} more` : universe.join(', ');
  return {
    value: { path, name: subject.name, universe, timeframe, calendar, bars },
    text: () =>
      `${path}: ${named}, ${timeframe}, calendar ${calendar}. Next: signalbox run ${path} (signalbox experiments show ${path} has every key).`,
  };
}

/** Letters, digits and dashes of the file's name. */
function nameOf(path: string): string {
  const name = basename(path)
    .replace(YAML, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'experiment' : name;
}

async function subjectOf({ bars: path, calendar, ...rest }: InitOptions): Promise<Omit<ExperimentSubject, 'name'>> {
  if (path === undefined) return sampleSubject(calendar);
  const dialect = dialectOf(rest) ?? {};
  const { universe, timeframe } = await readTakenBars(path, { dialect });
  const named = calendar === undefined ? calendarOf(universe) : calendarNamed(calendar).name;
  // Where daily bars close, and whether times fit, is up to the calendar: what it refuses is refused now.
  const taken = named === 'none' ? universe : await fitting(path, { dialect, calendar: named, asked: calendar });
  const used = taken ?? universe;
  return {
    universe: used.map(({ symbol }) => symbol),
    path,
    timeframe,
    calendar: taken === null ? 'none' : named,
    dialect,
    ...sizeOf(used),
  };
}

/** The bars under a calendar; null where they do not fit one that nobody asked for. */
async function fitting(
  path: string,
  { dialect, calendar, asked }: { dialect: DialectOptions; calendar: CalendarName; asked: string | undefined },
): Promise<readonly BarColumns[] | null> {
  try {
    return (await readTakenBars(path, { dialect, calendar: calendarNamed(calendar) })).universe;
  } catch (error) {
    if (asked === undefined && error instanceof InputError) return null;
    throw error;
  }
}

/** Markets that trade on weekends never close; of others, those whose every bar lies within New York's hours. */
function calendarOf(bars: readonly BarColumns[]): CalendarName {
  if (marketDays(none, bars).periodsPerYear === 365) return 'crypto';
  return bars.every(isWithinNewYork) ? 'us-equities' : 'none';
}

function isWithinNewYork({ openTimeMs, closeTimeMs, length }: BarColumns): boolean {
  const calendar = calendarNamed('us-equities');
  for (let at = 0; at < length; at++) {
    const openMs = openTimeMs[at]!;
    // A bar of a day is named by its date alone.
    const isDay = closeTimeMs[at]! - openMs >= DAY_MS;
    const hours = calendar.hoursOf(isDay ? Math.floor(openMs / DAY_MS) : calendar.dayAt(openMs));
    if (hours === undefined) return false;
    if (!isDay && (closeTimeMs[at]! <= hours.openTimeMs || openMs >= hours.closeTimeMs)) return false;
  }
  return true;
}

/** The daily index that comes along. */
function sampleSubject(calendar: string | undefined): Omit<ExperimentSubject, 'name'> {
  if (calendar !== undefined) throw new InputError('--calendar is of a file of bars.', 'Name it: --bars FILE.');
  const about = { timeframe: '1d', calendar: 'us-equities', dialect: {} } as const;
  return { universe: [SAMPLE_SYMBOL], path: null, ...about, bars: 5_105, span: 'from 2000-01-03 to 2020-04-17' };
}

function sizeOf(bars: readonly BarColumns[]): Pick<ExperimentSubject, 'bars' | 'span'> {
  const days = bars.flatMap(({ openTimeMs, length }) =>
    length === 0 ? [] : [openTimeMs[0]!, openTimeMs[length - 1]!],
  );
  const [first, last] = [Math.min(...days), Math.max(...days)].map((ms) => new Date(ms).toISOString().slice(0, 10));
  return { bars: Math.min(...bars.map(({ length }) => length)), span: `from ${first} to ${last}` };
}
