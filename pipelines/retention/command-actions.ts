import Table from 'cli-table3';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';
import { barsCsv } from '../bars/bars-csv.ts';
import { listRevisions, readBarsAsRecorded } from '../revisions/recorded-bars.ts';
import { parseTimeMs } from '../sources/files/bar-time.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { listPartitions } from './partitions.ts';

const PLAIN = { style: { head: [], border: [] } };
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
/** PostgreSQL's largest `integer`. */
const SERIES_MAX = 2 ** 31 - 1;
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
  if (!/^\d+$/.test(series) || Number(series) > SERIES_MAX) {
    throw new InputError(`--series ${series} is not a number of a series.`, 'See `signalbox ingest --json`.');
  }
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
