import type { Database } from '../../infra/postgres/database.ts';
import { materialize } from '../../pipelines/materialized/materialize.ts';
import { ingestMarketData, type MarketData, type MarketDataOptions } from '../experiment/market-data.ts';
import { loadDataset, type LoadedDataset } from './load-dataset.ts';

export interface PrepareOptions extends MarketDataOptions {
  /** Compute the feature rows again from the bars. */
  readonly fresh?: boolean | undefined;
}

/** An experiment with its data in the store, its features materialised and its dataset in memory. */
export interface PreparedExperiment extends MarketData, LoadedDataset {
  /** Feature rows that this call computed. */
  readonly materialized: number;
}

/**
 * Brings everything an experiment learns from into the store, computing only what is missing, and loads it. Throws what
 * `ingestMarketData` throws.
 */
export async function prepareExperiment(database: Database, options: PrepareOptions): Promise<PreparedExperiment> {
  const { experiment, progress, fresh } = options;
  const market = await ingestMarketData(database, options);
  const { set, reference, ingested } = market;
  const { series } = reference;
  const { adjust } = experiment.data;
  const { inserted } = await materialize(database, { set, series, range: ingested.range, adjust, fresh, progress });
  return {
    ...(await loadDataset(database, reference, { progress, dataHash: ingested.dataHash })),
    ...market,
    materialized: inserted,
  };
}
