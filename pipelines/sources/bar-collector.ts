import { GREATEST_MAGNITUDE, LEAST_MAGNITUDE, type BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import { barHours } from '../calendars/bar-hours.ts';
import type { Calendar } from '../calendars/calendar.ts';
import type { Timeframe } from '../timeframe.ts';
import { inferTimeframe } from '../timeframe.ts';

/** One row of a file, as numbers: reused for every row, so that a million rows make no objects. */
export interface BarRow {
  timeMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

const COLUMNS = ['timeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

class GrowingBars {
  length = 0;
  lastLocation = '';
  columns = COLUMNS.map(() => new Float64Array(1024));

  push(row: BarRow): void {
    if (this.length === this.columns[0]!.length) {
      this.columns = this.columns.map((column) => {
        const larger = new Float64Array(column.length * 2);
        larger.set(column);
        return larger;
      });
    }
    for (let i = 0; i < COLUMNS.length; i++) this.columns[i]![this.length] = row[COLUMNS[i]!];
    this.length++;
  }
}

const isBeyond = (x: number): boolean => x < LEAST_MAGNITUDE || x > GREATEST_MAGNITUDE;
const RANGE = `${LEAST_MAGNITUDE} to ${GREATEST_MAGNITUDE}`;

/** What is wrong with a row's prices or volume, in words; undefined for a possible bar. */
export function impossibleBar(row: Omit<BarRow, 'timeMs'>): string | undefined {
  for (const field of ['open', 'high', 'low', 'close'] as const) {
    if (!Number.isFinite(row[field])) return `${field} is not a finite number`;
    if (row[field] < 0) return `${field} is negative (${row[field]})`;
    if (row[field] === 0) return `${field} is 0, and a price must be positive`;
    if (isBeyond(row[field])) return `${field} ${row[field]} is outside what a price may be, ${RANGE}`;
  }
  if (!Number.isFinite(row.volume)) return 'volume is not a finite number';
  if (row.volume < 0) return `volume is negative (${row.volume})`;
  if (row.volume > 0 && isBeyond(row.volume))
    return `volume ${row.volume} is outside what a volume may be, 0 or ${RANGE}`;
  if (row.high < row.low) return `high ${row.high} is below low ${row.low}`;
  if (row.open > row.high || row.open < row.low)
    return `open ${row.open} is outside low ${row.low} to high ${row.high}`;
  if (row.close > row.high || row.close < row.low)
    return `close ${row.close} is outside low ${row.low} to high ${row.high}`;
  return undefined;
}

export interface TakeOptions {
  readonly calendar: Calendar;
  /** Implied by the times where undefined. */
  readonly timeframe: Timeframe | undefined;
  /** The file or files, for messages. */
  readonly where: string;
}

/** Gathers rows of one or more files by symbol, refusing what cannot be a bar or comes out of order. */
export class BarCollector {
  private readonly bySymbol = new Map<string, GrowingBars>();

  /** Adds a row of `symbol`. `location` (file and line) is called only for messages. Throws InputError. */
  add(symbol: string, row: BarRow, location: () => string): void {
    let bars = this.bySymbol.get(symbol);
    if (bars === undefined) this.bySymbol.set(symbol, (bars = new GrowingBars()));
    const wrong = impossibleBar(row);
    if (wrong !== undefined) throw new InputError(`${location()}: ${wrong}.`, 'Correct or remove the row.');
    const last = bars.length === 0 ? -Infinity : bars.columns[0]![bars.length - 1]!;
    if (row.timeMs <= last) throw orderError(symbol, row.timeMs, last, location());
    bars.push(row);
  }

  get symbols(): string[] {
    return [...this.bySymbol.keys()];
  }

  /** The columns of `symbol`; closes come from the calendar, the timeframe from the times where it is not given. */
  take(symbol: string, options: TakeOptions): BarColumns {
    const { calendar, timeframe, where } = options;
    const { columns, length } = this.bySymbol.get(symbol)!;
    const [stamps, open, high, low, close, volume] = columns.map((column) => column.subarray(0, length));
    const size = timeframe ?? inferTimeframe(stamps!, length, where);
    const openTimeMs = new Float64Array(length);
    const closeTimeMs = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      const hours = barHours(calendar, size, stamps![i]!);
      openTimeMs[i] = hours.openTimeMs;
      closeTimeMs[i] = hours.closeTimeMs;
      if (i > 0 && openTimeMs[i]! < closeTimeMs[i - 1]!) throw overlapError(where, symbol, size, stamps![i]!);
    }
    return {
      symbol,
      length,
      openTimeMs,
      closeTimeMs,
      open: open!,
      high: high!,
      low: low!,
      close: close!,
      volume: volume!,
    };
  }
}

function overlapError(where: string, symbol: string, size: Timeframe, timeMs: number): InputError {
  const at = new Date(timeMs).toISOString();
  return new InputError(
    `${where}: bars of ${symbol} overlap at ${at}: they are closer together than ${size}.`,
    'Give the right --timeframe, or remove the bars in between.',
  );
}

function orderError(symbol: string, timeMs: number, lastMs: number, location: string): InputError {
  const at = new Date(timeMs).toISOString();
  if (timeMs === lastMs) {
    return new InputError(
      `${location}: duplicate time ${at} for ${symbol}.`,
      'Keep one bar per time; if the file holds several symbols, give it a symbol column.',
    );
  }
  return new InputError(
    `${location}: time ${at} comes after ${new Date(lastMs).toISOString()} for ${symbol}: rows must ascend in time.`,
    'Sort the file by time; if it holds several symbols, give it a symbol column.',
  );
}
