import type { BarColumns } from '../../features/bar.ts';
import { timeframeMs, type Timeframe } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import { dialectOf, type DialectOptions } from '../../pipelines/dialects/file-dialect.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { readTakenBars } from '../../pipelines/sources/files/bars-file.ts';
import type { RuleOptions } from '../command-options.ts';

/**
 * The bars of `--fine` for each of `bars`, undefined where it has none of a symbol. A file of one symbol is of the only
 * one of `bars`, whatever it is called. InputError where they are no finer, or of no symbol that is traded.
 */
export async function readFineBars(
  options: DialectOptions & Pick<RuleOptions, 'fine' | 'calendar'>,
  bars: readonly BarColumns[],
  timeframe: Timeframe,
): Promise<(BarColumns | undefined)[] | undefined> {
  const { fine: files = [] } = options;
  if (files.length === 0) return undefined;
  const calendar = calendarNamed(options.calendar ?? 'none');
  const read = await readTakenBars(files, { calendar, dialect: dialectOf(options) });
  const where = files.join(', ');
  if (!(timeframeMs(read.timeframe) < timeframeMs(timeframe))) {
    throw new InputError(
      `--fine ${where}: bars of ${read.timeframe} are no finer than those of --bars, which are of ${timeframe}.`,
      'Give bars of a smaller size, or leave the option out.',
    );
  }
  const { universe } = read;
  if (bars.length === 1 && universe.length === 1) return [{ ...universe[0]!, symbol: bars[0]!.symbol }];
  const found = bars.map(({ symbol }) => universe.find((one) => one.symbol === symbol));
  if (found.some((one) => one !== undefined)) return found;
  throw new InputError(
    `--fine ${where}: holds ${universe.map(({ symbol }) => symbol).join(', ')}, and none of them is traded.`,
    `Give bars of ${bars.map(({ symbol }) => symbol).join(', ')}.`,
  );
}
