import { parseFeatureSet, type FeatureSet } from '../../features/feature-set.ts';
import type { Instrument } from '../../features/instrument.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { Progress } from '../../infra/progress.ts';
import { adjustmentStatement } from '../../pipelines/adjustments/action-store.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import type { Calendar } from '../../pipelines/calendars/calendar.ts';
import { marketHours } from '../../pipelines/calendars/market-hours.ts';
import { ingest, type IngestReport } from '../../pipelines/ingest/ingest.ts';
import { standInStatements } from '../../pipelines/ingest/vendor-statement.ts';
import { requireQuality, requireUnadjusted } from '../../pipelines/quality/quality-gate.ts';
import type { BarsFiles } from './checked-experiment.ts';
import type { Experiment } from './experiment.ts';
import { readTradedBars, type DataReference, type TradedBars } from './traded-bars.ts';

export interface MarketOptions extends BarsFiles {
  /** As `checkedExperiment` returned it. */
  readonly experiment: Experiment;
  readonly progress: Progress;
  /** Ends requests to vendors. */
  readonly signal?: AbortSignal | undefined;
}

/** The market of an experiment, in the store and in memory: what a session trades. It knows no label. */
export interface PreparedMarket extends TradedBars {
  /** The experiment as it applies: with `--bars`, its universe and range are those of the files. */
  readonly experiment: Experiment;
  readonly ingested: IngestReport;
  readonly set: FeatureSet;
  readonly calendar: Calendar;
  readonly instruments: readonly Instrument[];
  readonly sourceStatement: string;
  readonly reference: DataReference;
}

/**
 * Brings the bars of an experiment's universe into the store, where they are missing, and loads them. Throws QualityGateError
 * for bars that have more errors than the experiment allows, InputError for bars that would be adjusted twice.
 */
export async function prepareMarket(database: Database, options: MarketOptions): Promise<PreparedMarket> {
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
  const reference = referenceTo(ingested, set.hash, experiment);
  const used = adjustmentStatement(ingested.adjustments);
  const told = [...standInStatements(ingested.series), ...(used === null ? [] : [used])];
  const statements = [...new Set(ingested.series.map(({ sourceStatement }) => sourceStatement)), ...told];
  return {
    ...(await readTradedBars(database, reference)),
    experiment,
    ingested,
    set,
    calendar,
    instruments: ingested.series.map(({ instrument }) => instrument),
    sourceStatement: statements.join(' '),
    reference,
  };
}

function referenceTo(
  { series, adjustments, range }: IngestReport,
  featureSetHash: string,
  experiment: Experiment,
): DataReference {
  const bound = (timeMs: number): number | null => (Number.isFinite(timeMs) ? timeMs : null);
  return {
    series: series.map(({ id, symbol }, s) => {
      const { hash: adjustment } = adjustments[s]!;
      return adjustment === '' ? { id, symbol } : { id, symbol, adjustment };
    }),
    featureSetHash,
    fromMs: bound(range.fromMs),
    toMs: bound(range.toMs),
    experiment,
  };
}
