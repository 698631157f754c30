import Table from 'cli-table3';
import { parseFeaturesWithFiles } from '../own-features/own-feature-set.ts';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { adjustmentStatement } from '../adjustments/action-store.ts';
import { fetchedActionsStatements } from '../adjustments/fetched-actions.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { marketHours } from '../calendars/market-hours.ts';
import { isoDay, utcDayOf } from '../calendars/day.ts';
import { parseDataOptions, refuseIdle, type DataCommandOptions, type ExperimentData } from './command-options.ts';
import { fileFeatures, type FileFeaturesOptions } from './file-features.ts';
import { writeFeatures } from './write-features.ts';
import { featureViewName } from '../materialized/feature-view.ts';
import { ingest, type IngestOptions, type IngestReport } from '../ingest/ingest.ts';
import type { IngestedSeries } from '../ingest/store-series.ts';
import { materialize } from '../materialized/materialize.ts';
import { offeredSeries } from '../sources/offered-series.ts';
import { requireUnadjusted } from '../quality/quality-gate.ts';
import type { SeriesQuality } from '../quality/quality-store.ts';
import { takenText } from '../sources/files/taken.ts';
import { systemVendorAccess } from '../vendors/vendor-access.ts';
import type { VendorRange } from '../ingest/vendor-range-store.ts';
import { standInStatements, vendorNames } from '../ingest/vendor-statement.ts';

function ingestOptions(
  context: CommandContext,
  options: DataCommandOptions,
  experiment?: ExperimentData,
): IngestOptions {
  const { progress, signal, config } = context;
  if (experiment !== undefined) {
    refuseIdle(options, ['revise'], 'With an experiment, which says itself which bars are meant,');
  }
  const asked = { revise: options.revise, progress, signal, vendors: systemVendorAccess(config.vendors) };
  return { ...(experiment ?? parseDataOptions(options)), ...asked };
}

/** Ingests what the options or the experiment ask for; nothing where `gate` refuses it. */
export async function runIngest(
  context: CommandContext,
  options: DataCommandOptions,
  { experiment, gate, upload }: IngestOrigin & Pick<IngestOptions, 'gate'> = {},
): Promise<IngestReport> {
  const asked = ingestOptions(context, options, experiment);
  return ingest(await context.database(), { ...asked, gate, upload });
}

/** Where bars come from, besides what options say: an experiment, or a file that somebody sent, by its name. */
interface IngestOrigin extends Pick<IngestOptions, 'upload'> {
  readonly experiment?: ExperimentData | undefined;
}

/** `ingest`: brings bars into the store. */
export async function ingestCommand(
  context: CommandContext,
  options: DataCommandOptions,
  origin: IngestOrigin = {},
): Promise<CommandOutput> {
  const report = await runIngest(context, options, origin);
  return { value: ingestValue(report), text: () => ingestText(report) };
}

function ingestValue(report: IngestReport): unknown {
  const { inserted, unchanged, revised, dataHash, adjustments } = report;
  const series = report.series.map((one, s) => {
    const { id, symbol, timeframe, calendar, bars, sourceStatement, quality, vendors, fetchedActions } = one;
    const { errors, warnings, infos } = quality;
    const from = vendors.map(vendorValue);
    return {
      id,
      symbol,
      timeframe,
      calendar,
      bars,
      sourceStatement,
      quality: { errors, warnings, infos, firstErrors: firstErrors(one.quality) },
      vendors: from,
      actions: adjustments[s]!.actions.length,
      fetchedActions,
    };
  });
  const taken = report.taken === null ? {} : { taken: report.taken };
  return { inserted, unchanged, revised, dataHash, vendors: vendorNames(report.series), series, ...taken };
}

/** Errors that `ingest` tells of each series; `check` lists all findings. */
const TOLD = 5;

function firstErrors({ findings }: SeriesQuality): { time: string; check: string; message: string }[] {
  const errors = findings.filter(({ severity }) => severity === 'error').slice(0, TOLD);
  return errors.map(({ openTimeMs, check, message }) => ({ time: new Date(openTimeMs).toISOString(), check, message }));
}

function errorLines({ symbol, quality }: IngestedSeries): string[] {
  const told = firstErrors(quality).map(({ time, check, message }) => `${symbol} ${time} ${check}: ${message}`);
  const rest = quality.errors - told.length;
  return rest > 0 ? [...told, `${symbol}: ${rest} more errors; \`signalbox check\` lists them.`] : told;
}

function vendorValue({ vendor, fromMs, toMs, bars, because }: VendorRange): unknown {
  return { vendor, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), bars, because };
}

const day = (timeMs: number): string => isoDay(utcDayOf(timeMs));

function ingestText(report: IngestReport): string {
  const table = new Table({
    head: ['symbol', 'bars', 'from', 'to', 'size', 'errors', 'warnings'],
    style: { head: [], border: [] },
  });
  for (const one of report.series) {
    const { errors, warnings } = one.quality;
    table.push([one.symbol, one.bars, day(one.firstOpenMs), day(one.lastOpenMs), one.timeframe, errors, warnings]);
  }
  const statements = [...new Set(report.series.map(({ sourceStatement }) => sourceStatement))];
  const counts = `${report.inserted} bars written, ${report.unchanged} unchanged, ${report.revised} revised.`;
  const standIns = standInStatements(report.series);
  const used = adjustmentStatement(report.adjustments);
  const told = [...fetchedActionsStatements(report.series), ...(used === null ? [] : [used])];
  const errors = report.series.flatMap(errorLines);
  const taken = report.taken === null ? [] : [takenText(report.taken)];
  return [
    table.toString(),
    ...errors,
    ...taken,
    counts,
    `data ${report.dataHash}`,
    ...statements,
    ...told,
    ...standIns,
  ].join('\n');
}

/** `materialize`: ingests what is missing, then computes the feature rows that are missing. */
export async function runMaterialize(
  context: CommandContext,
  options: DataCommandOptions & { features?: string },
  experiment?: ExperimentData,
): Promise<CommandOutput> {
  const features = options.features ?? experiment?.features ?? 'core';
  // A mistake in the features is found before bars are written.
  const asked = ingestOptions(context, options, experiment);
  parseFeaturesWithFiles(features, await offeredSeries(asked));
  const gate = (quality: readonly SeriesQuality[]): void => requireUnadjusted(quality, asked.data);
  const report = await runIngest(context, options, { experiment, gate });
  const { series, range } = report;
  const symbols = series.map(({ symbol }) => symbol);
  const hours = marketHours(calendarNamed(series[0]!.calendar));
  const set = parseFeaturesWithFiles(features, { timeframe: series[0]!.timeframe, symbols, hours });
  const database = await context.database();
  const done = await materialize(database, {
    set,
    series,
    range,
    adjust: asked.data.adjust,
    progress: context.progress,
  });
  const view = featureViewName(set);
  const { dataHash, taken } = report;
  const value = {
    ...done,
    featureSetHash: set.hash,
    columns: set.columns,
    view,
    dataHash,
    ...(taken === null ? {} : { taken }),
  };
  const text = `${done.inserted} rows written, ${done.rows - done.inserted} already there: ${set.columns.length} features of ${symbols.length} symbols.\nfeature set ${set.hash}\nview ${view}`;
  return { value, text: () => text };
}

export interface FeaturesOptions extends FileFeaturesOptions {
  readonly features: string;
  readonly out: string;
}

/** `features`: writes any features of any bars file into a CSV file, without a database. */
export async function runFeatures(context: CommandContext, options: FeaturesOptions): Promise<CommandOutput> {
  const { universe, set, matrices, rows, taken } = await fileFeatures(context, options, options);
  await writeFeatures(options.out, universe, matrices);
  const { hash: featureSetHash, columns, warmUpBars } = set;
  const value = { out: options.out, rows, columns, featureSetHash, warmUpBars, taken };
  return { value, text: () => `${options.out}: ${rows} rows, ${columns.length} features\n${takenText(taken)}` };
}
