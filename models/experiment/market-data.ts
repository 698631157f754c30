import { asTabled } from './instruments-schema.ts';
import type { FeatureSet } from '../../features/feature-set.ts';
import type { BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { Progress } from '../../infra/terminal/progress.ts';
import { adjustmentStatement, seriesAdjustments } from '../../pipelines/adjustments/action-store.ts';
import type { DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import { findSeries } from '../../pipelines/bars/bar-series-store.ts';
import { readBars } from '../../pipelines/bars/bar-store.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import type { Calendar } from '../../pipelines/calendars/calendar.ts';
import { marketHours } from '../../pipelines/calendars/market-hours.ts';
import { ingest, type IngestReport } from '../../pipelines/ingest/ingest.ts';
import { standInStatements } from '../../pipelines/ingest/vendor-statement.ts';
import { requireQuality, requireUnadjusted } from '../../pipelines/quality/quality-gate.ts';
import type { SeriesQuality } from '../../pipelines/quality/quality-store.ts';
import type { TrainingPlan } from '../registry/training-store.ts';
import type { BarsFiles } from './checked-experiment.ts';
import type { Experiment } from './experiment.ts';
import { dataHashWithEvents, seriesEventsHash } from '../../pipelines/events/events-hash.ts';
import { experimentEvents } from './events/experiment-events.ts';
import { experimentFeatures } from './experiment-features.ts';
import { inHoursOf } from './execution/extended-hours.ts';
import { ingestFiner, readFiner } from './finer-bars.ts';

/** What says which bars and feature rows are meant: the part of a training's plan about data. */
export interface DataReference extends Pick<
  TrainingPlan,
  'series' | 'featureSetHash' | 'fromMs' | 'toMs' | 'experiment'
> {
  /** Finer bars, where a simulated venue walks inside bars by them: no part of what is learned from. */
  readonly fine?: readonly { readonly id: number; readonly symbol: string }[];
}

export interface MarketDataOptions extends BarsFiles {
  /** As `checkedExperiment` returned it. */
  readonly experiment: Experiment;
  readonly progress: Progress;
  /** Ends requests to vendors. */
  readonly signal?: AbortSignal | undefined;
}

/** An experiment with its bars in the store and its features named: what sessions and trainings have in common. */
export interface MarketData {
  /** The experiment as it applies: with `--bars`, its universe and range are those of the files. */
  readonly experiment: Experiment;
  readonly ingested: IngestReport;
  /** What came of the finer bars; null where the experiment names none. */
  readonly finer: IngestReport | null;
  readonly set: FeatureSet;
  readonly calendar: Calendar;
  readonly instruments: readonly Instrument[];
  readonly sourceStatement: string;
  readonly reference: DataReference;
}

/** Bars in memory. */
export interface LoadedBars {
  /** As they were traded. */
  readonly bars: readonly BarColumns[];
  /** What the experiment takes out of them, one list per symbol. */
  readonly actions: readonly (readonly DatedAction[])[];
  /** Finer bars of each symbol, where the experiment names any. */
  readonly fine?: readonly (BarColumns | undefined)[] | undefined;
}

/**
 * Brings the bars of an experiment into the store, only what is missing. Throws QualityGateError for bars that have
 * more errors than the experiment allows, InputError for bars that would be adjusted twice; nothing is stored of their
 * series then. StoppedIngestError where `signal` ends it.
 */
export async function ingestMarketData(database: Database, options: MarketDataOptions): Promise<MarketData> {
  const { experiment } = options;
  const { data, universe } = experiment;
  const { barsFiles, barsCalendar, barsDialect, barsTimeframe, vendors, signal, progress } = options;
  const files = { barsFiles, barsCalendar, barsDialect, barsTimeframe };
  const gate = (quality: readonly SeriesQuality[]): void => {
    requireUnadjusted(quality, data);
    requireQuality(quality, data);
  };
  const stored = await ingest(database, { data, universe, ...files, vendors, signal, progress, gate });
  const finer = await ingestFiner(database, options);
  const [first] = stored.series;
  const symbols = stored.series.map(({ symbol }) => symbol);
  const calendar = calendarNamed(first!.calendar);
  const hours = marketHours(calendar);
  const events = await experimentEvents(experiment, { symbols, database });
  const set = experimentFeatures(experiment, { timeframe: first!.timeframe, symbols, hours, events: events?.book });
  const reference = referenceOf(stored, set, experiment);
  const ingested = { ...stored, dataHash: dataHashWithEvents(stored.dataHash, reference.series) };
  return {
    experiment,
    ingested,
    finer,
    set,
    calendar,
    instruments: inHoursOf(
      calendar,
      asTabled(
        ingested.series.map(({ instrument }) => instrument),
        experiment.instruments,
      ),
    ),
    sourceStatement: [statementOf(ingested), ...(events?.statements ?? [])].join(' '),
    reference: {
      ...reference,
      ...(finer === null ? {} : { fine: finer.series.map(({ id, symbol }) => ({ id, symbol })) }),
    },
  };
}

function referenceOf(ingested: IngestReport, set: FeatureSet, experiment: Experiment): DataReference {
  const series = ingested.series.map((one, s) => {
    const { id, symbol } = one;
    const { hash: adjustment } = ingested.adjustments[s]!;
    const events = seriesEventsHash(set, one, ingested.range);
    return {
      ...{ id, symbol },
      ...(adjustment === '' ? {} : { adjustment }),
      ...(events === '' ? {} : { events }),
    };
  });
  const bound = (timeMs: number): number | null => (Number.isFinite(timeMs) ? timeMs : null);
  const { fromMs, toMs } = ingested.range;
  return { series, featureSetHash: set.hash, fromMs: bound(fromMs), toMs: bound(toMs), experiment };
}

function statementOf({ series, adjustments }: IngestReport): string {
  const used = adjustmentStatement(adjustments);
  const told = [...standInStatements(series), ...(used === null ? [] : [used])];
  return [...new Set(series.map(({ sourceStatement }) => sourceStatement)), ...told].join(' ');
}

/** The range of open times of a reference. JSON has no infinities, so that a reference holds null for them. */
export function rangeOf({ fromMs, toMs }: DataReference): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: fromMs ?? -Infinity, toMs: toMs ?? Infinity };
}

/** Reads bars and actions by reference. SignalboxError where the actions on record are others meanwhile. */
export async function loadBars(database: Database, reference: DataReference): Promise<LoadedBars> {
  const ids = reference.series.map(({ id }) => id);
  const range = rangeOf(reference);
  return {
    bars: await readBars(database, ids, range),
    actions: await actionsOf(database, reference),
    fine: await readFiner(database, reference.fine, { symbols: reference.series.map(({ symbol }) => symbol), range }),
  };
}

async function actionsOf(database: Database, reference: DataReference): Promise<(readonly DatedAction[])[]> {
  if (reference.series.every(({ adjustment = '' }) => adjustment === '')) return reference.series.map(() => []);
  const ids = reference.series.map(({ id }) => id);
  const series = await findSeries(database.pool, ids);
  const { adjust } = reference.experiment.data;
  const found = await seriesAdjustments(database.pool, series, adjust, rangeOf(reference));
  found.forEach(({ hash }, s) => {
    const { symbol, adjustment = '' } = reference.series[s]!;
    if (hash === adjustment) return;
    throw new SignalboxError(`The splits and dividends of ${symbol} on record have changed since this was planned.`, {
      remedy: 'Run the experiment again: it plans on the data as they are now.',
    });
  });
  return found.map(({ actions }) => actions);
}
