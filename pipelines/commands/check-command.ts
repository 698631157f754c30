import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { datedFileActions } from '../adjustments/actions-of-universe.ts';
import { listSeries } from '../bars/bar-series-store.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { parseDay } from '../calendars/day.ts';
import { runIngest } from './command-actions.ts';
import {
  parseDate,
  parseSymbols,
  refuseIdle,
  type DataCommandOptions,
  type ExperimentData,
} from './command-options.ts';
import { fileQuality } from '../quality/file-quality.ts';
import { DIALECT_OPTIONS, dialectOf } from '../dialects/file-dialect.ts';
import { takenText, type Taken } from '../sources/files/taken.ts';
import type { Finding } from '../quality/quality-check.ts';
import { QualityGateError, requireQuality } from '../quality/quality-gate.ts';
import { qualityReport, type SeriesQuality } from '../quality/quality-store.ts';
import { parseTimeframe } from '../timeframe.ts';

export interface CheckOptions extends DataCommandOptions {
  readonly file?: string;
}

/**
 * `check`: quality findings of an experiment's bars, a file, or all that is stored. Exit code 1 for more errors than
 * are allowed.
 */
export async function runCheck(
  context: CommandContext,
  options: CheckOptions,
  experiment?: ExperimentData,
): Promise<CommandOutput> {
  const { series: quality, taken } = await qualityOf(context, options, experiment);
  const errors = quality.reduce((sum, one) => sum + one.errors, 0);
  const allowed = experiment?.data.maxQualityErrors ?? 0;
  const series = quality.map((one) => ({ ...one, findings: one.findings.map(findingValue) }));
  const shown = options.file === undefined ? SHOWN : Infinity;
  return {
    value: { errors, allowed, series, ...(taken === null ? {} : { taken }) },
    text: () => [...(taken === null ? [] : [takenText(taken)]), checkText(quality, shown)].join('\n'),
    exitCode: errors > allowed ? 1 : 0,
  };
}

const timeOf = ({ openTimeMs }: Finding): string | null =>
  Number.isNaN(openTimeMs) ? null : new Date(openTimeMs).toISOString();

function findingValue(finding: Finding): unknown {
  const { openTimeMs: _, place, ...rest } = finding;
  return { time: timeOf(finding), ...rest, ...(place === undefined ? {} : { file: place.file, line: place.line }) };
}

/** What was found, and what the bars were taken for where they come from files. */
interface CheckedQuality {
  readonly series: readonly SeriesQuality[];
  readonly taken: Taken | null;
}

async function qualityOf(
  context: CommandContext,
  options: CheckOptions,
  experiment?: ExperimentData,
): Promise<CheckedQuality> {
  if (options.file !== undefined) {
    if (experiment !== undefined) {
      throw new InputError('An experiment and --file are both given.', 'Name the one whose bars are to be checked.');
    }
    return qualityOfFile(options.file, options);
  }
  if (experiment !== undefined || options.vendor !== undefined) {
    return qualityOfSource(context, options, experiment);
  }
  refuseIdle(options, [], 'Without an experiment, --vendor or --file all that is stored is checked, and');
  const database = await context.database();
  const series = await listSeries(database.pool);
  if (series.length === 0) throw new InputError('No bars are stored yet.', 'Name an experiment, or ingest bars first.');
  const stored = await qualityReport(
    database,
    series.map(({ id }) => id),
  );
  return { series: stored, taken: null };
}

/** Bars that are fit are stored on the way; of others nothing is, and the corrected ones come into their place. */
async function qualityOfSource(
  context: CommandContext,
  options: CheckOptions,
  experiment: ExperimentData | undefined,
): Promise<CheckedQuality> {
  let checked: CheckedQuality | undefined;
  const gate = (series: readonly SeriesQuality[], taken: Taken | null): void => {
    checked = { series, taken };
    requireQuality(series, experiment?.data ?? { maxQualityErrors: 0 });
  };
  await runIngest(context, options, { experiment, gate }).catch((error: unknown) => {
    if (!(error instanceof QualityGateError)) throw error;
  });
  return checked!;
}

async function qualityOfFile(file: string, options: CheckOptions): Promise<CheckedQuality> {
  const used = ['symbol', 'timeframe', 'calendar', 'from', 'to', 'actions', ...DIALECT_OPTIONS] as const;
  refuseIdle(options, used, 'With --file,');
  const calendar = calendarNamed(options.calendar ?? 'none');
  const day = (name: 'from' | 'to') => {
    const text = parseDate(options[name], name);
    return text === undefined ? undefined : parseDay(text);
  };
  return fileQuality(file, {
    symbols: options.symbol === undefined ? undefined : [parseSymbols(options.symbol)].flat(),
    calendar,
    timeframe: options.timeframe === undefined ? undefined : parseTimeframe(options.timeframe),
    dialect: dialectOf(options),
    from: day('from'),
    to: day('to'),
    actionsOf: (symbols, timeframe) =>
      datedFileActions(options.actions, symbols, { calendar, timeframe, mode: 'splits-and-dividends' }),
  });
}

/** Findings shown of each stored series on a terminal; `--json` has all that are kept. Of a file all are shown. */
const SHOWN = 20;

function findingLine(finding: Finding): string {
  const { severity, check, message, place } = finding;
  const where = place === undefined ? '' : `${place.unit} ${place.line}`.padEnd(12);
  return `  ${severity.padEnd(7)} ${where}${timeOf(finding) ?? 'no time'.padEnd(24)} ${check}: ${message}`;
}

/** Where bars come from several files, each is named above its findings. */
function findingLines(findings: readonly Finding[], shown: number): string[] {
  const files = new Set(findings.flatMap(({ place }) => (place === undefined ? [] : [place.file])));
  let file: string | undefined;
  return findings.slice(0, shown).flatMap((finding) => {
    const head =
      files.size > 1 && finding.place !== undefined && finding.place.file !== file ? [finding.place.file] : [];
    file = finding.place?.file ?? file;
    return [...head.map((name) => `  ${name}`), findingLine(finding)];
  });
}

function checkText(quality: readonly SeriesQuality[], shown: number): string {
  return quality
    .flatMap(({ symbol, bars, errors, warnings, infos, findings }) => {
      const more = findings.length > shown ? [`  and ${findings.length - shown} more (--json shows them)`] : [];
      const head = `${symbol === '' ? 'rows of no symbol' : symbol}: ${bars} bars, ${errors} errors, ${warnings} warnings, ${infos} notes`;
      return [head, ...findingLines(findings, shown), ...more];
    })
    .join('\n');
}
