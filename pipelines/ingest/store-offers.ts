import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { joinTransaction } from '../../infra/postgres/joined-transaction.ts';
import type { Stage } from '../../infra/terminal/progress.ts';
import { writeToBars } from '../bars/bar-row-store.ts';
import { findDescribed, registerSeries, type SeriesDescription } from '../bars/bar-series-store.ts';
import type { SeriesQuality } from '../quality/quality-store.ts';
import type { BarSource } from '../sources/bar-source.ts';
import type { Taken } from '../sources/files/taken.ts';
import type { FetchSegment } from './fetch-segments.ts';
import { gatherOffers, type GatheredOffers } from './gather-offers.ts';
import { offeredPieces, type OfferedPieces } from './offered-pieces.ts';
import { appends, planSeries, type PlanOptions, type SeriesPlan } from './series-plan.ts';
import { storeSeries, type IngestedSeries, type StoreOptions } from './store-series.ts';

/**
 * Throws where bars are not fit for their purpose.
 *
 * @param quality of each series as it would be stored
 * @param taken what files were taken for; null for bars of other sources
 */
export type QualityGate = (quality: readonly SeriesQuality[], taken: Taken | null) => void;

/** What to store, and how. */
export interface StoreWork {
  readonly source: BarSource;
  readonly descriptions: readonly SeriesDescription[];
  readonly plan: PlanOptions;
  readonly store: Omit<StoreOptions, 'offered'>;
  readonly stage: Pick<Stage, 'advance'>;
  readonly gate: QualityGate | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Bars of a series under way that are still stored once the ingest is to end: two seconds of work. A process that is
 * stopped has twenty.
 */
const STOPPED_BARS_MAX = 500_000;

/** The ingest was ended from outside. Says what is kept and how to go on. */
class StoppedIngestError extends SignalboxError {}

/**
 * Stores what the source has of each series. Files at once: a contradiction at their end refuses all of them. Else
 * series by series where a gate looks at them, and piece by piece where none does, each in a transaction of its own: an
 * ingest that is stopped or killed goes on where it was. Throws StoppedIngestError where `signal` ends it.
 */
export async function storeOffers(database: Database, work: StoreWork): Promise<IngestedSeries[]> {
  const { source, gate, signal } = work;
  const kept: Kept = { series: [], parts: [] };
  try {
    if (source.loaded !== undefined) return await storeAtOnce(database, work);
    return await (gate === undefined ? storeInPieces(database, work, kept) : storeBySeries(database, work, kept));
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    throw stopped(signal, work, kept);
  }
}

/** What an ingest has stored so far: whole series, and the beginning of one. */
interface Kept {
  readonly series: IngestedSeries[];
  readonly parts: { readonly symbol: string; readonly bars: number }[];
}

function stopped({ reason }: AbortSignal, { descriptions }: StoreWork, { series, parts }: Kept): StoppedIngestError {
  const why = reason instanceof Error ? reason.message : 'Stopped.';
  const whole = series.reduce((sum, { bars }) => sum + bars, 0);
  const begun = parts.map(({ symbol, bars }) => `, and ${bars} bars of ${symbol}`).join('');
  const told = `${series.length} of ${descriptions.length} series are whole in the store (${whole} bars)${begun}`;
  const goOn = 'Start it again: it goes on with what is missing.';
  return new StoppedIngestError(`${why} ${told}.`, { remedy: goOn, cause: reason });
}

async function storeInPieces(database: Database, work: StoreWork, kept: Kept): Promise<IngestedSeries[]> {
  const { source, stage, store, signal } = work;
  for (const description of work.descriptions) {
    const { symbol } = description;
    const plan = await planSeries(database.pool, source, { description, ...work.plan });
    const offered = (segment: FetchSegment): OfferedPieces =>
      counted(offeredPieces(source, symbol, segment), stage, signal);
    try {
      kept.series.push(await storeSeries(database, plan, { ...store, offered }));
    } catch (error) {
      const bars = (await findDescribed(database.pool, description))?.bars ?? 0;
      if (bars > 0) kept.parts.push({ symbol, bars });
      throw error;
    }
  }
  return kept.series;
}

/** The end of a piece, which is stored by the time the next is asked for, is the moment to stop at. */
function counted(
  offered: OfferedPieces,
  stage: Pick<Stage, 'advance'>,
  signal: AbortSignal | undefined,
): OfferedPieces {
  return {
    ...offered,
    async *[Symbol.asyncIterator]() {
      signal?.throwIfAborted();
      for await (const piece of offered) {
        yield piece;
        stage.advance(piece.bars.length);
        signal?.throwIfAborted();
      }
    },
  };
}

async function storeBySeries(database: Database, work: StoreWork, kept: Kept): Promise<IngestedSeries[]> {
  const { signal, descriptions } = work;
  for (const description of descriptions) {
    signal?.throwIfAborted();
    const gathered = await gatherOffers(database, { ...work, descriptions: [description] });
    const { series, isCut } = await storeGathered(database, gathered, { ...work, descriptions: [description], kept });
    if (isCut) {
      kept.parts.push(...series.map(({ symbol, bars }) => ({ symbol, bars })));
      signal!.throwIfAborted();
    }
    kept.series.push(...series);
  }
  return kept.series;
}

async function storeAtOnce(database: Database, work: StoreWork): Promise<IngestedSeries[]> {
  const { signal } = work;
  const gathered = await gatherOffers(database, work);
  signal?.throwIfAborted();
  const { series } = await storeGathered(database, gathered, { ...work, signal: undefined });
  return series;
}

/**
 * Stores what was gathered, in one transaction that ends well only where the gate lets it pass beside what it has let
 * pass before. With `isCut` the last series ends earlier than it was asked for.
 */
async function storeGathered(
  database: Database,
  gathered: GatheredOffers,
  { descriptions, store, source, gate, signal, kept }: StoreWork & { readonly kept?: Kept },
): Promise<{ readonly series: IngestedSeries[]; readonly isCut: boolean }> {
  const { plans, span } = gathered;
  const cut = { isCut: gathered.isCut };
  const offered = (plan: SeriesPlan) => {
    return (segment: FetchSegment): OfferedPieces =>
      untilStopped(gathered.offered(segment), { signal, cut, mayCut: appends(plan, segment) });
  };
  try {
    return await writeToBars(database, span, async (client) => {
      const access = joinTransaction(client);
      // In one order everywhere, so that two who bring the same series wait for each other once.
      const bySymbol = [...descriptions].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
      for (const description of bySymbol) await registerSeries(client, description);
      const series: IngestedSeries[] = [];
      for (const plan of plans) series.push(await storeSeries(access, plan, { ...store, offered: offered(plan) }));
      const all = [...(kept?.series ?? []), ...series];
      gate?.(
        all.map(({ quality }) => quality),
        source.taken?.() ?? null,
      );
      return { series, ...cut };
    });
  } finally {
    gathered.close();
  }
}

interface StopOptions {
  readonly signal: AbortSignal | undefined;
  /** Noted where pieces are left out. */
  readonly cut: { isCut: boolean };
  readonly mayCut: boolean;
}

/** The pieces, once it is time to stop only few more. Throws the signal's reason where none may be left out. */
function untilStopped(offered: OfferedPieces, { signal, cut, mayCut }: StopOptions): OfferedPieces {
  return {
    ...offered,
    async *[Symbol.asyncIterator]() {
      let left = STOPPED_BARS_MAX;
      for await (const piece of offered) {
        if (signal?.aborted === true && (left -= piece.bars.length) < 0) {
          if (!mayCut) throw signal.reason;
          cut.isCut = true;
          return;
        }
        yield piece;
      }
    },
  };
}
