import { basename } from 'node:path';
import { parseFeatureSet, type FeatureSet } from '../features/feature-set.ts';
import type { Instrument } from '../features/instrument.ts';
import { InputError } from '../infra/errors.ts';
import type { Database } from '../infra/postgres/database.ts';
import type { Progress } from '../infra/progress.ts';
import type { Experiment } from '../models/experiment.ts';
import { loadDataset, type DataReference, type LoadedDataset } from '../models/training/load-dataset.ts';
import { calendarNamed } from '../pipelines/calendars/calendar-named.ts';
import type { Calendar, CalendarName } from '../pipelines/calendars/calendar.ts';
import { ingest, type IngestReport } from '../pipelines/ingest.ts';
import { materialize } from '../pipelines/materialize.ts';
import { readBarsFile } from '../pipelines/sources/bars-file.ts';

export interface PrepareOptions {
  readonly experiment: Experiment;
  /** Files that replace the data of the experiment. */
  readonly barsFiles?: readonly string[] | undefined;
  /** Calendar of those files; `none` unless named. */
  readonly barsCalendar?: CalendarName | undefined;
  readonly progress: Progress;
}

/** An experiment with its data in the store, its features materialised and its dataset in memory. */
export interface PreparedExperiment extends LoadedDataset {
  /** The experiment as it applies: with `--bars`, its universe and range are those of the files. */
  readonly experiment: Experiment;
  readonly ingested: IngestReport;
  readonly set: FeatureSet;
  readonly calendar: Calendar;
  readonly instruments: readonly Instrument[];
  readonly sourceStatement: string;
  readonly reference: DataReference;
  /** Feature rows that this call computed. */
  readonly materialized: number;
}

/** Brings everything an experiment learns from into the store, computing only what is missing, and loads it. */
export async function prepareExperiment(database: Database, options: PrepareOptions): Promise<PreparedExperiment> {
  const { progress } = options;
  const experiment = await applyBarsFiles(options);
  // A mistake in the features is found before anything is fetched. Symbols that features name are checked again below.
  const ingested = await ingest(database, {
    data: experiment.data,
    universe: experiment.universe,
    barsFiles: options.barsFiles,
    barsCalendar: options.barsCalendar,
    progress,
  });
  const [first] = ingested.series;
  const symbols = ingested.series.map(({ symbol }) => symbol);
  const set = parseFeatureSet(experiment.features, { timeframe: first!.timeframe, symbols });
  const series = ingested.series.map(({ id, symbol }) => ({ id, symbol }));
  const materialized = await materialize(database, { set, series, range: ingested.range, progress });
  const bound = (timeMs: number): number | null => (Number.isFinite(timeMs) ? timeMs : null);
  const reference: DataReference = {
    series,
    featureSetHash: set.hash,
    fromMs: bound(ingested.range.fromMs),
    toMs: bound(ingested.range.toMs),
    experiment,
  };
  return {
    ...(await loadDataset(database, reference)),
    experiment,
    ingested,
    set,
    calendar: calendarNamed(first!.calendar),
    instruments: ingested.series.map(({ instrument }) => instrument),
    sourceStatement: [...new Set(ingested.series.map(({ sourceStatement }) => sourceStatement))].join(' '),
    reference,
    materialized: materialized.inserted,
  };
}

/**
 * With `--bars`, the files decide range and, where they name symbols of their own, universe. A file without a symbol column
 * stands for the only symbol of the experiment.
 */
async function applyBarsFiles(options: PrepareOptions): Promise<Experiment> {
  const { experiment, barsFiles } = options;
  if (barsFiles === undefined || barsFiles.length === 0) return experiment;
  const { from: _from, to: _to, ...data } = experiment.data;
  const universe = await universeOf(experiment, barsFiles);
  return { ...experiment, universe, data: { ...data, calendar: options.barsCalendar ?? 'none' } };
}

async function universeOf(experiment: Experiment, barsFiles: readonly string[]): Promise<[string, ...string[]]> {
  const found = (await readBarsFile(barsFiles)).map(({ symbol }) => symbol);
  const wanted = typeof experiment.universe === 'string' ? [] : experiment.universe;
  const unnamed = barsFiles.length === 1 && found.length === 1 && basename(barsFiles[0]!).startsWith(`${found[0]}.`);
  if (unnamed && wanted.length > 1) {
    throw new InputError(
      `${barsFiles[0]}: no symbol column, and the experiment has ${wanted.length} symbols (${wanted.slice(0, 5).join(', ')}).`,
      'Add a symbol column, or use an experiment with one symbol.',
    );
  }
  if (unnamed && wanted.length === 1) return [wanted[0]!];
  const shared = wanted.filter((symbol) => found.includes(symbol));
  const universe = shared.length > 0 ? wanted : found;
  return [universe[0]!, ...universe.slice(1)];
}
