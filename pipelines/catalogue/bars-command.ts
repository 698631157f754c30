import { csvCell } from '../../infra/export/csv-cell.ts';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { timeframeMs } from '../../features/timeframe.ts';
import { parseSymbols } from '../commands/command-options.ts';
import { dialectOf, type DialectOptions } from '../dialects/file-dialect.ts';
import { readBarsFile } from '../sources/files/bars-file.ts';
import { parseTimeframe } from '../timeframe.ts';
import { sampledFromBars, type SampledSeries, type Sampling } from '../trades/sampled-bars.ts';
import { readSampledTrades } from '../trades/trades-file.ts';

export interface BarsCommandOptions extends DialectOptions {
  readonly columns?: string;
  readonly trades?: string;
  readonly bars?: string;
  readonly by: string;
  readonly size: string;
  readonly cell?: string;
  readonly symbol?: string;
  readonly out: string;
  readonly config?: string;
}

/** `data bars`: bars by trades, volume or value, of a file of trades or of finer bars, as a CSV file. */
export async function barsByTrading(context: CommandContext, options: BarsCommandOptions): Promise<CommandOutput> {
  const { trades, bars, out, config } = options;
  const path = trades ?? bars;
  if (path === undefined || (trades !== undefined && bars !== undefined)) {
    throw new InputError('Give either --trades or --bars.', 'As in: data bars --trades FILE --by volume --size 1000');
  }
  await requireOwnOutput({ option: '--out', path: out }, [
    { option: '--trades', path: trades },
    { option: '--bars', path: bars },
    { option: '--config', path: config },
  ]);
  const stage = context.progress.stage(`read ${path}`);
  const made = await sampled(path, samplingOf(options), options);
  const total = made.reduce((sum, one) => sum + one.bars.length, 0);
  stage.done(`${total} bars`);
  await writeWholeFile(out, csvOf(made));
  const series = made.map(({ bars: { symbol, length, volume }, rest }) => ({
    symbol,
    bars: length,
    volume: volume.reduce((sum, value) => sum + value, 0),
    rest,
  }));
  const value = { out, by: options.by, size: Number(options.size), cell: options.cell ?? null, bars: total, series };
  const lines = series.map((one) => `${one.symbol}: ${one.bars} bars; after the last ${round(one.rest.volume)} units`);
  return { value, text: () => [`${out}: ${total} bars`, ...lines].join('\n') };
}

const round = (value: number): number => Number(value.toPrecision(12));

function samplingOf({ by, size, bars }: BarsCommandOptions): Sampling {
  const known = (['ticks', 'volume', 'dollars'] as const).find((one) => one === by);
  if (known === undefined) throw new InputError(`--by ${by}: unknown.`, 'Use ticks, volume or dollars.');
  if (known === 'ticks' && bars !== undefined) {
    throw new InputError('--by ticks: trades cannot be counted in bars.', 'Use volume or dollars, or --trades.');
  }
  const number = Number(size);
  if (!(number > 0 && number <= 1e18)) throw new InputError(`--size ${size}: not a number above 0.`, 'Correct it.');
  return { by: known, size: number };
}

async function sampled(
  path: string,
  sampling: Sampling,
  { trades, cell, symbol, ...rest }: BarsCommandOptions,
): Promise<SampledSeries[]> {
  const symbols = symbol === undefined ? undefined : [parseSymbols(symbol)].flat();
  const dialect = dialectOf(rest);
  if (trades !== undefined) {
    const cellMs = cell === undefined ? 0 : cellOf(cell);
    return readSampledTrades(path, { sampling, cellMs, symbols, dialect });
  }
  if (cell !== undefined) throw new InputError('--cell: finer bars are the cells.', 'Leave it out.');
  return (await readBarsFile(path, { symbols, dialect })).map((finer) => sampledFromBars(finer, sampling));
}

function cellOf(cell: string): number {
  const timeframe = parseTimeframe(cell);
  if (timeframe !== '1d') return timeframeMs(timeframe);
  throw new InputError('--cell 1d: too long to look for full bars in.', 'Use 1m to 4h.');
}

const ROWS_PER_PIECE = 5_000;

/** `time` is where the cell of the last trade begins, or that trade, and `closeTime` where the bar is known. */
function* csvOf(made: readonly SampledSeries[]): Generator<string> {
  yield 'time,symbol,open,high,low,close,volume,closeTime,trades,value\n';
  const iso = (timeMs: number): string => new Date(timeMs).toISOString();
  for (const { bars, ticks, dollars } of made) {
    const symbol = csvCell(bars.symbol);
    for (let from = 0; from < bars.length; from += ROWS_PER_PIECE) {
      let piece = '';
      for (let i = from; i < Math.min(from + ROWS_PER_PIECE, bars.length); i++) {
        const prices = `${bars.open[i]},${bars.high[i]},${bars.low[i]},${bars.close[i]},${bars.volume[i]}`;
        piece += `${iso(bars.openTimeMs[i]!)},${symbol},${prices},${iso(bars.closeTimeMs[i]!)},${ticks[i]},${dollars[i]}\n`;
      }
      yield piece;
    }
  }
}
