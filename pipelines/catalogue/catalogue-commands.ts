import { DAY_MS } from '../../features/timeframe.ts';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import type { Cell, ExportColumn } from '../../infra/export/export-table.ts';
import { writeExport } from '../../infra/export/write-export.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { plainTable } from '../../infra/terminal/plain-table.ts';
import { barBytes, barPartitions, type BarRange } from '../bars/bar-row-store.ts';
import type { StoredSeries } from '../bars/bar-series-store.ts';
import { readBars, streamBars } from '../bars/bar-store.ts';
import { compactPartition } from '../bars/year-partitions.ts';
import { parseDay } from '../calendars/day.ts';
import { parseDate, parseSymbols } from '../commands/command-options.ts';
import { storeCoverage } from '../holdings/coverage.ts';
import { featureRowPartitions } from '../materialized/feature-row-store.ts';
import { parseTimeframe } from '../timeframe.ts';

/** Which series are meant. */
export interface CatalogueOptions {
  readonly symbol?: string;
  readonly source?: string;
  readonly timeframe?: string;
  readonly series?: string;
}

interface RangeOptions extends CatalogueOptions {
  readonly from?: string;
  readonly to?: string;
}

export interface QueryOptions extends RangeOptions {
  readonly limit?: string;
}

export interface ExportOptions extends RangeOptions {
  readonly out: string;
}

export interface CompactOptions {
  readonly full?: boolean;
}

type Coverage = Awaited<ReturnType<typeof storeCoverage>>[number];

const iso = (timeMs: number): string | null => (Number.isNaN(timeMs) ? null : new Date(timeMs).toISOString());
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** The series that are meant. @throws InputError where there are none */
function chosen(all: readonly Coverage[], options: CatalogueOptions): Coverage[] {
  const { source, series } = options;
  const symbols = options.symbol === undefined ? null : [parseSymbols(options.symbol)].flat();
  const timeframe = options.timeframe === undefined ? null : parseTimeframe(options.timeframe);
  const found = all.filter(
    ({ series: one }) =>
      (symbols === null || symbols.includes(one.symbol)) &&
      (timeframe === null || one.timeframe === timeframe) &&
      (source === undefined || one.source === source) &&
      (series === undefined || String(one.id) === series),
  );
  if (found.length > 0) return found;
  const held = [...new Set(all.map(({ series: one }) => `${one.symbol} ${one.timeframe} (${one.source})`))];
  throw new InputError(
    all.length === 0 ? 'No bars are stored yet.' : 'No stored series is meant by that.',
    all.length === 0 ? 'Ingest bars first.' : `There are ${held.slice(0, 5).join(', ')}; \`data list\` has all.`,
  );
}

/** `data list`: every series with its bars, range, gaps, size and hash. */
export async function listData(context: CommandContext, options: CatalogueOptions): Promise<CommandOutput> {
  const database = await context.database();
  const all = await storeCoverage(database);
  const found = chosen(all, options);
  const held = all.reduce((sum, { series: { bars: own } }) => sum + own, 0);
  const perBar = held === 0 ? 0 : (await barBytes(database.pool)) / held;
  const series = found.map(({ series: one, expected }) => ({
    ...{ id: one.id, source: one.source, origin: one.origin, symbol: one.symbol, timeframe: one.timeframe },
    ...{ calendar: one.calendar, bars: one.bars, from: iso(one.firstOpenMs), to: iso(one.lastOpenMs) },
    missing: expected === null ? null : Math.max(0, expected - one.bars),
    bytes: Math.round(one.bars * perBar),
    hash: one.fingerprint,
    revision: one.revision,
  }));
  const bytes = series.reduce((sum, one) => sum + one.bytes, 0);
  const bars = series.reduce((sum, one) => sum + one.bars, 0);
  const head = ['id', 'source', 'symbol', 'bars of', 'from', 'to', { number: 'bars' }, { number: 'missing' }];
  const rows = series.map((one) => [
    ...[String(one.id), one.source, one.symbol, one.timeframe, one.from, one.to, one.bars, one.missing],
    ...[megabytes(one.bytes), one.hash.slice(0, 12)],
  ]);
  const table = (): string => plainTable([...head, { number: 'size' }, 'hash'], rows);
  const said = `${series.length} series, ${bars} bars, about ${megabytes(bytes)} with indexes.`;
  return { value: { series, bars, bytes }, text: () => `${table()}\n${said}` };
}

function rangeOf({ from, to }: RangeOptions): BarRange {
  const ms = (text: string | undefined, name: 'from' | 'to'): number | undefined => {
    const date = parseDate(text, name);
    return date === undefined ? undefined : parseDay(date)! * DAY_MS;
  };
  const [fromMs, lastMs] = [ms(from, 'from'), ms(to, 'to')];
  if (fromMs !== undefined && lastMs !== undefined && fromMs > lastMs) {
    throw new InputError(`--from ${from} comes after --to ${to}.`, 'Turn them round.');
  }
  return { fromMs, toMs: lastMs === undefined ? undefined : lastMs + DAY_MS };
}

const COLUMNS: readonly ExportColumn[] = [
  { name: 'time', kind: 'time', unit: 'UTC' },
  { name: 'closeTime', kind: 'time', unit: 'UTC' },
  { name: 'symbol', kind: 'text', unit: null },
  ...['open', 'high', 'low', 'close'].map((name) => ({ name, kind: 'number' as const, unit: 'currency a unit' })),
  { name: 'volume', kind: 'number', unit: 'units of the instrument' },
];

type Bars = Awaited<ReturnType<typeof readBars>>[number];

const rowsOf = (bars: Bars, from = 0): Cell[][] =>
  Array.from({ length: bars.length - from }, (_, k) => {
    const i = from + k;
    const prices = [bars.open[i]!, bars.high[i]!, bars.low[i]!, bars.close[i]!, bars.volume[i]!];
    return [bars.openTimeMs[i]!, bars.closeTimeMs[i]!, bars.symbol, ...prices];
  });

/** `data query`: the last bars of the series that are meant, within a range. */
export async function queryData(context: CommandContext, options: QueryOptions): Promise<CommandOutput> {
  const limit = Number(options.limit ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100_000) {
    throw new InputError(`--limit ${options.limit}: not a whole number from 1 to 100000.`, '`data export` has all.');
  }
  const range = rangeOf(options);
  const database = await context.database();
  const found = chosen(await storeCoverage(database), options);
  const ids = found.map(({ series }) => series.id);
  const universe = await readBars(database, ids, range);
  const rows = universe.flatMap((bars) => rowsOf(bars, Math.max(0, bars.length - limit)));
  const bars = rows.map((row) => Object.fromEntries(COLUMNS.map(({ name }, at) => [name, told(row[at]!, at)])));
  const total = universe.reduce((sum, { length }) => sum + length, 0);
  const head = COLUMNS.map(({ name, kind }) => (kind === 'number' ? { number: name } : name));
  const table = (): string =>
    plainTable(
      head,
      rows.map((row) => row.map((cell, at) => told(cell, at) as string)),
    );
  return { value: { bars, total }, text: () => `${table()}\n${rows.length} of ${total} bars.` };
}

const told = (cell: Cell, at: number): Cell => (at < 2 ? iso(cell as number) : cell);

/** `data export`: the bars of the series that are meant, as CSV, Parquet or Arrow, with a manifest beside it. */
export async function exportData(context: CommandContext, options: ExportOptions): Promise<CommandOutput> {
  const range = rangeOf(options);
  const database = await context.database();
  const series = chosen(await storeCoverage(database), options).map((one) => one.series);
  requireOneOfEach(series);
  const whole = range.fromMs === undefined && range.toMs === undefined;
  const hashes = Object.fromEntries(series.map((one) => [one.symbol, whole ? one.fingerprint : null]));
  const stage = context.progress.stage('write bars');
  const manifest = await writeExport(
    options.out,
    { columns: COLUMNS, portions: portionsOf(database, series, range) },
    {
      what: 'bars',
      of: { kind: 'store', id: series.map(({ id }) => id).join(',') },
      hashes,
      notes: series.map(
        (one) => `${one.symbol}: ${one.timeframe} bars, calendar ${one.calendar}. ${one.sourceStatement}`,
      ),
      writtenAtMs: context.clock(),
    },
  );
  stage.done(`${manifest.rows} bars`);
  const { rows, sha256 } = manifest;
  const said = `${options.out}: ${rows} bars of ${series.length} series, SHA-256 ${sha256.slice(0, 12)}`;
  return { value: { ...manifest, path: options.out }, text: () => said };
}

/** Two series of one symbol would be bars twice. */
function requireOneOfEach(series: readonly StoredSeries[]): void {
  const sizes = new Set(series.map(({ timeframe }) => timeframe));
  const twice = series.find((one, at) => series.findIndex(({ symbol }) => symbol === one.symbol) !== at);
  if (sizes.size === 1 && twice === undefined) return;
  throw new InputError(
    twice === undefined
      ? `The series have bars of ${[...sizes].join(' and ')}.`
      : `${twice.symbol} has several series.`,
    'Choose by --timeframe, --source, --symbol or --series; `data list` has their numbers.',
  );
}

async function* portionsOf(
  database: Database,
  series: readonly StoredSeries[],
  range: BarRange,
): AsyncGenerator<Cell[][]> {
  for (const one of series) for await (const piece of streamBars(database, one, range)) yield rowsOf(piece);
}

/** `data compact`: gives back the room of rows that are gone, partition by partition. */
export async function compactData(context: CommandContext, { full = false }: CompactOptions): Promise<CommandOutput> {
  const { pool } = await context.database();
  const list = async () => [...(await barPartitions(pool)), ...(await featureRowPartitions(pool))];
  const before = await list();
  const stage = context.progress.stage('compact', before.length);
  for (const partition of before) {
    await compactPartition(pool, partition, full);
    stage.advance();
  }
  const after = new Map((await list()).map((one) => [one.name, one.bytes]));
  stage.done(`${before.length} partitions`);
  const partitions = before.map(({ name, rows, bytes }) => ({
    name,
    rows,
    before: bytes,
    after: after.get(name) ?? 0,
  }));
  const sum = (key: 'before' | 'after'): number => partitions.reduce((total, one) => total + one[key], 0);
  const value = { full, partitions, before: sum('before'), after: sum('after') };
  const said = `${partitions.length} partitions: ${megabytes(value.before)} before, ${megabytes(value.after)} after.`;
  return { value, text: () => said };
}
