import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { parseDay } from '../../pipelines/calendars/day.ts';
import { retain, type RetainReport } from './retain.ts';
import { DAY_MS } from '../../features/timeframe.ts';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

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
