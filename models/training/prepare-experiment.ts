import type { Database } from '../../infra/postgres/database.ts';
import { materialize } from '../../pipelines/materialized/materialize.ts';
import { prepareMarket, type MarketOptions, type PreparedMarket } from '../experiment/prepare-market.ts';
import { datasetOver, type LoadedDataset } from './load-dataset.ts';

export interface PrepareOptions extends MarketOptions {
  /** Compute the feature rows again from the bars. */
  readonly fresh?: boolean | undefined;
}

/** An experiment with its data in the store, its features materialised and its dataset in memory. */
export interface PreparedExperiment extends PreparedMarket, LoadedDataset {
  /** Feature rows that this call computed. */
  readonly materialized: number;
}

/**
 * Brings everything an experiment learns from into the store, computing only what is missing, and loads it. Throws QualityGateError
 * for bars that have more errors than the experiment allows, InputError for bars that would be adjusted twice.
 */
export async function prepareExperiment(database: Database, options: PrepareOptions): Promise<PreparedExperiment> {
  const market = await prepareMarket(database, options);
  const { set, reference, ingested } = market;
  const materialized = await materialize(database, {
    set,
    series: reference.series,
    range: ingested.range,
    adjust: options.experiment.data.adjust,
    fresh: options.fresh,
    progress: options.progress,
  });
  const dataset = await datasetOver(market, database, reference);
  return { ...market, ...dataset, materialized: materialized.inserted };
}
