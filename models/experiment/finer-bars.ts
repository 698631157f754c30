import type { BarColumns } from '../../features/bar.ts';
import { TIMEFRAMES, timeframeMs, type Timeframe } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { readBars } from '../../pipelines/bars/bar-store.ts';
import { ingest, type IngestOptions, type IngestReport } from '../../pipelines/ingest/ingest.ts';
import { requireQuality } from '../../pipelines/quality/quality-gate.ts';
import { offeredSeries } from '../../pipelines/sources/offered-series.ts';
import type { VendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import type { Experiment } from './experiment.ts';

/** The bars by which a simulated venue walks inside those of an experiment; null where `costs.intrabar` names none. */
export function finerTimeframe({ costs }: Pick<Experiment, 'costs'>): Timeframe | null {
  return TIMEFRAMES.find((timeframe) => timeframe === costs.intrabar) ?? null;
}

/** @throws InputError, with file and key, where the experiment's source brings no finer bars of that size. */
export async function requireFiner(
  path: string,
  experiment: Experiment,
  files: { readonly barsFiles?: readonly string[] | undefined; readonly vendors?: VendorAccess | undefined },
): Promise<void> {
  const finer = finerTimeframe(experiment);
  if (finer === null) return;
  const { data, universe } = experiment;
  const key = `${path}: costs.intrabar`;
  if (timeframeMs(finer) >= timeframeMs(data.timeframe)) {
    throw new InputError(
      `${key}: bars of ${finer} are not finer than the experiment's, of ${data.timeframe}`,
      'Name a shorter one, or an order of prices inside a bar.',
    );
  }
  const madeUp = data.source === 'simulated' || data.source === 'sample';
  if (files.barsFiles !== undefined || data.path !== undefined || madeUp) {
    const source = madeUp && files.barsFiles === undefined ? `the source ${data.source} brings` : 'files of bars bring';
    throw new InputError(
      `${key}: ${source} no finer ones of ${finer}`,
      'Name an order of prices, or give both to `backtest --strategy NAME --bars FILE --fine FILE`.',
    );
  }
  try {
    await offeredSeries({ data: { ...data, timeframe: finer }, universe, vendors: files.vendors });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${key}: ${error.message}`, error.remedy, error);
  }
}

interface FinerOptions extends Pick<IngestOptions, 'vendors' | 'signal' | 'progress'> {
  readonly experiment: Experiment;
}

/** Brings the finer bars of an experiment into the store, only what is missing; null where it names none. */
export async function ingestFiner(database: Database, options: FinerOptions): Promise<IngestReport | null> {
  const { experiment, vendors, signal, progress } = options;
  const timeframe = finerTimeframe(experiment);
  if (timeframe === null) return null;
  const data = { ...experiment.data, timeframe, adjust: 'raw' as const };
  return ingest(database, {
    data,
    universe: experiment.universe,
    vendors,
    signal,
    progress,
    gate: (quality) => requireQuality(quality, data),
  });
}

/** The bars of finer series by the symbols of a session, where one has any; undefined where there are none. */
export async function readFiner(
  database: Database,
  fine: readonly { readonly id: number }[] | undefined,
  { symbols, range }: { symbols: readonly string[]; range: { readonly fromMs: number; readonly toMs: number } },
): Promise<readonly (BarColumns | undefined)[] | undefined> {
  if (fine === undefined) return undefined;
  const columns = await readBars(
    database,
    fine.map(({ id }) => id),
    range,
  );
  return symbols.map((symbol) => columns.find((one) => one.symbol === symbol));
}
