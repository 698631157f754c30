import { InputError } from '../../../infra/errors.ts';
import type { SendItem } from '../../../infra/threads/thread-service.ts';
import { namedLayout, type BarLayout } from '../../dialects/bar-layout.ts';
import { chooseTimes, joinedTime } from '../../dialects/choose-times.ts';
import type { FileDialect } from '../../dialects/file-dialect.ts';
import { writingOf, type FileReading } from '../../dialects/file-reading.ts';
import { RowTimes } from '../../dialects/row-times.ts';
import { TIME_FORMATS } from '../../dialects/time-format.ts';
import type { ColumnBatch } from './column-batch.ts';

/** Calls `take` with each value of a column of a group. It must not throw: nobody would hear of it. */
type ReadColumn = (at: number, take: (value: unknown, row: number) => void) => Promise<void> | void;

/** Some rows of a file that keeps its columns apart. */
interface ColumnGroup {
  readonly rows: number;
  readonly read: ReadColumn;
}

/** A file of columns. */
export interface ColumnFile {
  readonly path: string;
  readonly names: readonly string[];
  /**
   * What a column's values are: moments of UTC or times of a clock without a zone, both in milliseconds, or anything
   * else.
   */
  kindOf(at: number): 'utc' | 'local' | 'values';
  readonly groups: readonly ColumnGroup[];
}

/** Numbers only: a null, a text or a boolean in a price column is NaN, which the collector tells of by name. */
const numberOf = (value: unknown): number =>
  typeof value === 'number' || typeof value === 'bigint' ? Number(value) : NaN;

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.trim() : value === null || value === undefined ? '' : String(value as number);

async function valuesOf(group: ColumnGroup, at: number): Promise<unknown[]> {
  const values = new Array<unknown>(group.rows);
  await group.read(at, (value, row) => (values[row] = value));
  return values;
}

/** Gives the UTC times of a group, whose rows are of the symbols in `of`, and how far their clock was from UTC. */
type ReadTimes = (
  group: ColumnGroup,
  of: Uint32Array | undefined,
) => Promise<{ times: Float64Array; offsets: Int16Array | null }>;

interface OpenTimes {
  readonly read: ReadTimes;
  readonly rowTimes: RowTimes;
}

/** Moments and times of a clock: the file says itself what they are. */
function stampTimes({ time, isUtc: isUtcByName }: BarLayout, kind: 'utc' | 'local', dialect: FileDialect): OpenTimes {
  const at = time[0]!;
  const rowTimes = new RowTimes(TIME_FORMATS[0]!, dialect.zone, isUtcByName);
  const isUtc = kind === 'utc';
  const read: ReadTimes = async (group, of) => {
    const times = new Float64Array(group.rows);
    const offsets = isUtc || !rowTimes.isLocal ? null : new Int16Array(group.rows);
    await group.read(at, (value, row) => {
      const stamp = typeof value === 'number' ? value : NaN;
      times[row] = isUtc ? rowTimes.readMoment(stamp) : rowTimes.readLocal(stamp, of?.[row] ?? 0);
      if (offsets !== null) offsets[row] = rowTimes.offsetMinutes;
    });
    return { times, offsets };
  };
  return { read, rowTimes };
}

/** Numbers and texts: read as those of a CSV file are. */
async function valueTimes(file: ColumnFile, layout: BarLayout, dialect: FileDialect): Promise<OpenTimes> {
  const { time: columns, isUtc = false } = layout;
  const each = async (groups: readonly ColumnGroup[], onTime: (time: string, clock: string) => void): Promise<void> => {
    for (const group of groups) {
      const [dates, clocks] = await Promise.all(columns.map((at) => valuesOf(group, at)));
      dates!.forEach((date, row) => onTime(textOf(date), textOf(clocks?.[row])));
    }
  };
  const { times: rowTimes, clockDigits } = await chooseTimes({
    path: file.path,
    firstRow: 'row 1',
    dialect,
    isUtc,
    sample: (onTime) => each(file.groups.slice(0, 1), onTime),
    all: (onTime) => each(file.groups, onTime),
  });
  const readOne = (date: unknown, clock: unknown, symbol: number): number => {
    const isNumber = typeof date === 'number' || typeof date === 'bigint';
    if (rowTimes.format.isUtc && isNumber) return rowTimes.readEpoch(Number(date));
    return rowTimes.read(
      joinedTime(textOf(date), columns.length === 1 ? undefined : textOf(clock), clockDigits),
      symbol,
    );
  };
  const read: ReadTimes = async (group, of) => {
    const [dates, clocks] = await Promise.all(columns.map((at) => valuesOf(group, at)));
    const offsets = rowTimes.format.isUtc ? null : new Int16Array(group.rows);
    const times = Float64Array.from(dates!, (date, row) => {
      const timeMs = readOne(date, clocks?.[row], of?.[row] ?? 0);
      if (offsets !== null) offsets[row] = rowTimes.offsetMinutes;
      return timeMs;
    });
    return { times, offsets };
  };
  return { read, rowTimes };
}

/** Numbers symbols in the order in which they appear in the file. */
class SymbolNumbers {
  readonly #numbers = new Map<string, number>();

  async read(group: ColumnGroup, at: number): Promise<ColumnBatch['symbols']> {
    const added: string[] = [];
    const of = new Uint32Array(group.rows);
    await group.read(at, (value, row) => {
      // Codes of exchanges may be kept as numbers: 600519.
      const isCode = typeof value === 'number' || typeof value === 'bigint';
      const symbol = typeof value === 'string' || isCode ? String(value).trim() : '';
      let number = this.#numbers.get(symbol);
      if (number === undefined) {
        number = this.#numbers.size;
        this.#numbers.set(symbol, number);
        added.push(symbol);
      }
      of[row] = number;
    });
    return { added, of };
  }
}

async function numbersOf(group: ColumnGroup, at: number): Promise<Float64Array> {
  const column = new Float64Array(group.rows);
  if (at !== -1) await group.read(at, (value, row) => (column[row] = numberOf(value)));
  return column;
}

/** The first rows of the columns that may hold the time, to tell a date beside a time of day from other columns. */
async function firstRows(file: ColumnFile): Promise<string[][]> {
  const [group] = file.groups;
  const rows = Array.from({ length: Math.min(50, group?.rows ?? 0) }, () => file.names.map(() => ''));
  if (group === undefined) return rows;
  for (const [at, name] of file.names.entries()) {
    if (file.kindOf(at) !== 'values' || !/date|time|^day$|vol|symbol|ticker|pair/i.test(name)) continue;
    await group.read(at, (value, row) => {
      if (row < rows.length) rows[row]![at] = textOf(value);
    });
  }
  return rows;
}

async function openTimes(file: ColumnFile, layout: BarLayout, dialect: FileDialect): Promise<OpenTimes> {
  const { time } = layout;
  const kind = file.kindOf(time[0]!);
  if (kind === 'values' || time.length > 1 || dialect.timeFormat !== undefined)
    return valueTimes(file, layout, dialect);
  const opened = stampTimes(layout, kind, dialect);
  if (kind === 'utc') {
    opened.rowTimes.readMoment(0);
  }
  opened.rowTimes.requireIdleZone(file.path);
  return opened;
}

/**
 * Sends the bars of a file of columns, one group at a time, with what the file was taken for. Throws InputError for
 * what is no bars file.
 */
export async function sendBars(
  file: ColumnFile,
  layout: BarLayout,
  dialect: FileDialect,
  send: SendItem<ColumnBatch>,
): Promise<void> {
  if (file.groups.every(({ rows }) => rows === 0)) {
    throw new InputError(`${file.path}: columns and no bars.`, 'Give a file with at least one bar.');
  }
  const { read, rowTimes } = await openTimes(file, layout, dialect);
  const [fields] = layout.series;
  const symbolNumbers = new SymbolNumbers();
  let rowStart = 0;
  for (const group of file.groups) {
    const symbols = layout.symbol === -1 ? null : await symbolNumbers.read(group, layout.symbol);
    const { times, offsets } = await read(group, symbols?.of);
    const columns = [times];
    for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) {
      columns.push(await numbersOf(group, fields![field]));
    }
    const held = [...columns, ...(symbols === null ? [] : [symbols.of]), ...(offsets === null ? [] : [offsets])];
    const reading: FileReading = {
      namesSymbols: layout.symbol !== -1,
      unit: writingOf(rowTimes.format.name, layout.time.length),
      zone: rowTimes.zone,
      hasVolume: fields!.volume !== -1,
      volumeLike: layout.volumeLike ?? [],
    };
    const transfer = held.map(({ buffer }) => buffer as ArrayBuffer);
    await send({ rowStart, columns, offsets, symbols, reading }, transfer);
    rowStart += group.rows;
  }
}

/** The columns of the bars in a file of columns. Throws InputError. */
export async function columnLayout(file: ColumnFile, { columns }: FileDialect): Promise<BarLayout> {
  // pandas keeps the index in a column of its own name.
  const names = file.names.map((name) => (/^__index_level_\d+__$/.test(name) ? 'index' : name));
  return namedLayout(names, { where: file.path, columns, rows: await firstRows(file) });
}
