import Table from 'cli-table3';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { requireOwnOutput } from '../../infra/output-file.ts';
import { barsCsv } from '../bars-csv.ts';
import { parseDay } from '../calendars/day.ts';
import { listRevisions, readBarsAsRecorded } from '../revisions/recorded-bars.ts';
import { parseTimeMs } from '../sources/bar-time.ts';
import { DAY_MS } from '../timeframe.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { listPartitions } from './partitions.ts';
import { retain, type RetainReport } from './retain.ts';

const PLAIN = { style: { head: [], border: [] } };
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const iso = (timeMs: number): string => new Date(timeMs).toISOString();

/** `db partitions`. */
export async function partitionsCommand(context: CommandContext): Promise<CommandOutput> {
  const partitions = await listPartitions((await context.database()).pool);
  const value = partitions.map(({ fromMs, toMs, ...rest }) => ({ ...rest, from: iso(fromMs), to: iso(toMs) }));
  const text = (): string => {
    const table = new Table({ head: ['partition', 'year', 'rows', 'size'], ...PLAIN });
    for (const { name, year, rows, bytes } of partitions) table.push([name, year, rows, megabytes(bytes)]);
    const bytes = partitions.reduce((sum, one) => sum + one.bytes, 0);
    return `${table.toString()}\n${partitions.length} partitions, ${megabytes(bytes)}`;
  };
  return { value, text };
}

export interface RetainCommandOptions {
  readonly barsBefore?: string;
  readonly featuresOlderThan?: string;
  readonly superseded?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

function parseDate(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const day = parseDay(text);
  if (day === undefined) throw new InputError(`${option} ${text} is not a date.`, 'Write it as YYYY-MM-DD.');
  return day * DAY_MS;
}

/** `db retain`. */
export async function retainCommand(context: CommandContext, options: RetainCommandOptions): Promise<CommandOutput> {
  const barsBeforeMs = parseDate(options.barsBefore, '--bars-before');
  const featuresBeforeMs = parseDate(options.featuresOlderThan, '--features-older-than');
  const { superseded, dryRun, force } = options;
  if (barsBeforeMs === undefined && featuresBeforeMs === undefined && superseded !== true) {
    throw new InputError('Nothing to remove is named.', 'Give --bars-before, --features-older-than or --superseded.');
  }
  const stage = context.progress.stage('retain');
  const report = await retain(await context.database(), { barsBeforeMs, featuresBeforeMs, superseded, dryRun, force });
  stage.done(`${report.rows} rows`);
  return { value: report, text: () => retainText(report) };
}

function retainText({ partitions, superseded, rows, bytes, neededBy, dryRun }: RetainReport): string {
  const verb = dryRun ? 'Would remove' : 'Removed';
  const needed = [...new Set(neededBy.map(({ experiment }) => experiment))].join(', ');
  return [
    ...partitions.map((one) => `${verb.toLowerCase()} ${one.name}: ${one.rows} rows, ${megabytes(one.bytes)}`),
    ...superseded.map(
      (one) => `${verb.toLowerCase()} ${one.rows} rows of set ${one.setHash.slice(0, 12)}: ${one.reason}`,
    ),
    `${verb} ${rows} rows; ${partitions.length} partitions give ${megabytes(bytes)} back.`,
    ...(needed === ''
      ? []
      : [`${neededBy.length} stored trainings were made from them: ${needed}${dryRun ? ' (--force is needed)' : ''}.`]),
  ].join('\n');
}

export interface RevisionsCommandOptions {
  readonly series?: string;
  readonly at?: string;
  readonly out?: string;
  readonly config?: string;
}

/** `db revisions`: the list, or with `--series`, `--at` and `--out` the bars as they were stored then. */
export async function revisionsCommand(
  context: CommandContext,
  options: RevisionsCommandOptions,
): Promise<CommandOutput> {
  const { series, at, out } = options;
  if (series === undefined && at === undefined && out === undefined) return revisionList(context);
  if (series === undefined || at === undefined || out === undefined) {
    throw new InputError(
      'Bars as they were stored need --series, --at and --out.',
      'Give all three, or none for the list.',
    );
  }
  await requireOwnOutput({ option: '--out', path: out }, [{ option: '--config', path: options.config }]);
  const atMs = parseTimeMs(at);
  if (!Number.isFinite(atMs)) throw new InputError(`--at ${at} is not a time.`, 'Use ISO 8601 in UTC.');
  if (!/^\d+$/.test(series))
    throw new InputError(`--series ${series} is not a number.`, 'See `signalbox ingest --json`.');
  const bars = await readBarsAsRecorded(await context.database(), Number(series), atMs);
  await writeWholeFile(out, barsCsv([bars]));
  const value = { out, symbol: bars.symbol, bars: bars.length, at: iso(atMs) };
  return { value, text: () => `${out}: ${bars.length} bars of ${bars.symbol} as stored at ${iso(atMs)}` };
}

async function revisionList(context: CommandContext): Promise<CommandOutput> {
  const revisions = await listRevisions(await context.database());
  const value = revisions.map(({ atMs, firstOpenMs, lastOpenMs, ...rest }) => {
    return { ...rest, at: iso(atMs), firstOpen: iso(firstOpenMs), lastOpen: iso(lastOpenMs) };
  });
  const text = (): string => {
    if (revisions.length === 0) return 'No source has offered corrections of stored bars.';
    const table = new Table({ head: ['at', 'series', 'symbol', 'bars', 'first', 'last', 'taken over'], ...PLAIN });
    for (const one of value) {
      table.push([
        one.at,
        one.seriesId,
        one.symbol,
        one.bars,
        one.firstOpen,
        one.lastOpen,
        one.accepted ? 'yes' : 'no',
      ]);
    }
    return table.toString();
  };
  return { value, text };
}
