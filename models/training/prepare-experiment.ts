import { parseFeatureSet, type FeatureSet } from '../../features/feature-set.ts';
import type { Instrument } from '../../features/instrument.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { Progress } from '../../infra/progress.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { loadDataset, type DataReference, type LoadedDataset } from './load-dataset.ts';
import { adjustmentStatement } from '../../pipelines/adjustments/action-store.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import type { Calendar } from '../../pipelines/calendars/calendar.ts';
import { marketHours } from '../../pipelines/calendars/market-hours.ts';
import { ingest, type IngestReport } from '../../pipelines/ingest/ingest.ts';
import { materialize } from '../../pipelines/materialized/materialize.ts';
import { requireQuality, requireUnadjusted } from '../../pipelines/quality/quality-gate.ts';
import { standInStatements } from '../../pipelines/ingest/vendor-statement.ts';
import type { BarsFiles } from '../experiment/checked-experiment.ts';

export interface PrepareOptions extends BarsFiles {
  /** As `checkedExperiment` returned it. */
  readonly experiment: Experiment;
  readonly progress: Progress;
  /** Compute the feature rows again from the bars. */
  readonly fresh?: boolean | undefined;
  /** Ends requests to vendors. */
  readonly signal?: AbortSignal | undefined;
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

/**
 * Brings everything an experiment learns from into the store, computing only what is missing, and loads it. Throws QualityGateError
 * for bars that have more errors than the experiment allows, InputError for bars that would be adjusted twice.
 */
export async function prepareExperiment(database: Database, options: PrepareOptions): Promise<PreparedExperiment> {
  const { experiment, progress } = options;
  const ingested = await ingest(database, {
    data: experiment.data,
    universe: experiment.universe,
    barsFiles: options.barsFiles,
    barsCalendar: options.barsCalendar,
    vendors: options.vendors,
    signal: options.signal,
    progress,
  });
  const quality = ingested.series.map((one) => one.quality);
  requireUnadjusted(quality, experiment.data.adjust);
  requireQuality(quality, experiment.data.maxQualityErrors);
  const [first] = ingested.series;
  const symbols = ingested.series.map(({ symbol }) => symbol);
  const calendar = calendarNamed(first!.calendar);
  const hours = marketHours(calendar);
  const set = parseFeatureSet(experiment.features, { timeframe: first!.timeframe, symbols, hours });
  const series = ingested.series.map(({ id, symbol }, s) => {
    const { hash: adjustment } = ingested.adjustments[s]!;
    return adjustment === '' ? { id, symbol } : { id, symbol, adjustment };
  });
  const materialized = await materialize(database, {
    set,
    series,
    range: ingested.range,
    adjust: experiment.data.adjust,
    fresh: options.fresh,
    progress,
  });
  const bound = (timeMs: number): number | null => (Number.isFinite(timeMs) ? timeMs : null);
  const reference: DataReference = {
    series,
    featureSetHash: set.hash,
    fromMs: bound(ingested.range.fromMs),
    toMs: bound(ingested.range.toMs),
    experiment,
  };
  const used = adjustmentStatement(ingested.adjustments);
  const told = [...standInStatements(ingested.series), ...(used === null ? [] : [used])];
  const statements = [...new Set(ingested.series.map(({ sourceStatement }) => sourceStatement)), ...told];
  return {
    ...(await loadDataset(database, reference)),
    experiment,
    ingested,
    set,
    calendar,
    instruments: ingested.series.map(({ instrument }) => instrument),
    sourceStatement: statements.join(' '),
    reference,
    materialized: materialized.inserted,
  };
}
