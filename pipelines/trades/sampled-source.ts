import { timeframeMs, type Timeframe } from '../../features/timeframe.ts';
import type { BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import { none } from '../calendars/always-open.ts';
import type { DataOptions } from '../data-options.ts';
import { dialectOf } from '../dialects/file-dialect.ts';
import { marketDays } from '../calendars/market-days.ts';
import type { Taken } from '../sources/files/taken.ts';
import { readTakenBars } from '../sources/files/bars-file.ts';
import { sampledFromBars, type SampledSeries, type Sampling } from './sampled-bars.ts';
import { readSampledTrades } from './trades-file.ts';

/** `data.sample`: bars by trading, of a file of trades or of finer bars. */
interface SampleOptions extends Sampling {
  readonly of: 'trades' | 'bars';
}

/** A `data` section that asks for them. */
export type SampledData = DataOptions & { readonly sample: SampleOptions };

/** Refuses what does not go with bars of unequal length. @throws InputError with the key */
export function requireSampled(data: SampledData): void {
  const { source, timeframe, calendar, sample, path } = data;
  const [key, problem, remedy] =
    source !== 'csv' || path === undefined
      ? ['data.source', 'is not csv with a data.path', 'Give a file of trades or of finer bars.']
      : calendar !== 'none'
        ? ['data.calendar', `${calendar} expects bars at times`, 'Set it to none.']
        : timeframe === '1d'
          ? ['data.timeframe', '1d is no cell of time to look for full bars in', 'Set it to 1m.']
          : sample.by === 'ticks' && sample.of === 'bars'
            ? ['data.sample.by', 'trades cannot be counted in bars', 'Use volume or dollars, or a file of trades.']
            : ['', '', ''];
  if (key !== '') throw new InputError(`${key}: ${problem}, and data.sample makes bars by trading.`, remedy);
}

/** The bars of `data.sample`, and what has to be said of them. */
export async function readSampled(
  data: SampledData,
  symbols: readonly string[] | undefined,
): Promise<{ readonly universe: BarColumns[]; readonly taken: Taken }> {
  requireSampled(data);
  const { sample, timeframe } = data;
  const path = data.path!;
  const dialect = dialectOf(data);
  const made =
    sample.of === 'trades'
      ? await readSampledTrades(path, { sampling: sample, cellMs: timeframeMs(timeframe), symbols, dialect })
      : await fromBars(path, { symbols, timeframe, dialect, calendar: none }, sample);
  const empty = made.find(({ bars }) => bars.length === 0);
  if (empty !== undefined) {
    const problem = `${path}: ${empty.bars.symbol} has less than ${sample.size} ${sample.by} in all: no bar is full.`;
    throw new InputError(problem, 'Make data.sample.size smaller.');
  }
  const universe = made.map(({ bars }) => bars);
  const names = universe.map(({ symbol }) => symbol);
  const taken: Taken = {
    symbol: names.length === 1 ? names[0]! : names,
    timeframe,
    unit: 'ends of the cells of time in which bars were full',
    zone: data.timezone ?? 'UTC',
    zoneFrom: data.timezone === undefined ? 'assumed' : 'option',
    calendar: data.calendar,
    daysPerYear: marketDays(none, universe).periodsPerYear,
    notes: [notesOf(made, sample, timeframe)],
  };
  return { universe, taken };
}

/** What tells the series of a file from those that are made of it otherwise. */
export function sampledOrigin({ sample }: SampledData, file: string): string {
  return `${file} by ${sample.size} ${sample.by} of ${sample.of}`;
}

async function fromBars(
  path: string,
  options: NonNullable<Parameters<typeof readTakenBars>[1]>,
  sample: SampleOptions,
): Promise<SampledSeries[]> {
  const { universe } = await readTakenBars(path, options);
  return universe.map((bars) => sampledFromBars(bars, sample));
}

function notesOf(made: readonly SampledSeries[], { by, size, of }: SampleOptions, timeframe: Timeframe): string {
  const rest = made
    .filter((one) => one.rest.ticks > 0)
    .map(({ bars, rest: { volume } }) => `${bars.symbol} ${Number(volume.toPrecision(12))}`);
  const value = by === 'dollars' ? ', whose value is volume x (high + low + close) / 3' : '';
  const lost = of === 'bars' ? ` They are made of whole ${timeframe} bars${value}: nothing is divided inside one.` : '';
  const left = rest.length === 0 ? '' : ` Volume after the last full bar, left out: ${rest.slice(0, 4).join(', ')}.`;
  return `Bars of at least ${size} ${by}, looked at where a ${timeframe} ends.${lost}${left}`;
}
