import type pg from 'pg';
import type { Stage } from '../../infra/terminal/progress.ts';
import type { SeriesDescription } from '../bars/bar-series-store.ts';
import type { BarSource } from '../sources/bar-source.ts';
import type { FetchSegment } from './fetch-segments.ts';
import { offeredPieces, type OfferedPiece, type OfferedPieces } from './offered-pieces.ts';
import { appends, planSeries, type PlanOptions, type SeriesPlan } from './series-plan.ts';
import { StagedBars } from './staged-bars-store.ts';

/** Everything that a source gives for an ingest, before any of it is stored. */
export interface GatheredOffers {
  readonly plans: readonly SeriesPlan[];
  /** The bars of a segment of one of the plans, as often as they are asked for. */
  readonly offered: (segment: FetchSegment) => OfferedPieces;
  /** First and last open of all of it; infinite where there is nothing. */
  readonly span: { readonly fromMs: number; readonly toMs: number };
  /** The source was stopped before it had given everything of the last series. */
  readonly isCut: boolean;
  close(): void;
}

export interface GatherOptions {
  readonly source: BarSource;
  readonly descriptions: readonly SeriesDescription[];
  readonly plan: PlanOptions;
  readonly stage: Pick<Stage, 'advance'>;
  /** Ends the walk. */
  readonly signal?: AbortSignal | undefined;
}

const NO_PIECES: OfferedPieces = { async *[Symbol.asyncIterator]() {}, closedByMs: () => -Infinity };

/** Shows all pieces, which can be had again; where there are none the source need not be asked again. */
async function walked(offered: OfferedPieces, onPiece: (piece: OfferedPiece) => void): Promise<OfferedPieces> {
  let pieces = 0;
  for await (const piece of offered) {
    pieces++;
    onPiece(piece);
  }
  return pieces === 0 ? NO_PIECES : offered;
}

interface StopOptions {
  readonly signal: AbortSignal | undefined;
  /** What came before the stop counts, where there is any. */
  readonly mayCut: boolean;
  readonly onCut: () => void;
}

/** The pieces up to the one at which it is time to stop. */
function untilStopped(offered: OfferedPieces, { signal, mayCut, onCut }: StopOptions): OfferedPieces {
  return {
    ...offered,
    async *[Symbol.asyncIterator]() {
      let pieces = 0;
      try {
        for await (const piece of offered) {
          yield piece;
          pieces++;
          signal?.throwIfAborted();
        }
      } catch (error) {
        if (signal?.aborted !== true || !mayCut || pieces === 0) throw error;
        onCut();
      }
    },
  };
}

/**
 * Plans each series and walks through what the source has for it: bars of vendors are put aside in the database, those
 * of files and simulations can be had again. What a vendor has given by the time `signal` ends it counts where nothing
 * behind it is stored.
 */
export async function gatherOffers(
  database: { readonly pool: pg.Pool },
  { source, descriptions, plan: options, stage, signal }: GatherOptions,
): Promise<GatheredOffers> {
  const isVendor = source.recheckBars !== Infinity && source.recheckBars > 0;
  const staged = new StagedBars(database.pool);
  const plans: SeriesPlan[] = [];
  const offers = new Map<FetchSegment, OfferedPieces>();
  let isCut = false;
  const onCut = (): void => void (isCut = true);
  const span = { fromMs: Infinity, toMs: -Infinity };
  const onPiece = ({ bars }: OfferedPiece): void => {
    if (bars.length === 0) return;
    span.fromMs = Math.min(span.fromMs, bars.openTimeMs[0]!);
    span.toMs = Math.max(span.toMs, bars.openTimeMs[bars.length - 1]!);
    stage.advance(bars.length);
  };
  try {
    for (const description of descriptions) {
      const { symbol } = description;
      const plan = await planSeries(database.pool, source, { description, ...options });
      plans.push(plan);
      for (const segment of plan.segments) {
        const mayCut = isVendor && appends(plan, segment);
        const offered = untilStopped(offeredPieces(source, symbol, segment), { signal, mayCut, onCut });
        if (isVendor) offers.set(segment, await staged.stage(symbol, offered, onPiece));
        else offers.set(segment, await walked(offered, onPiece));
      }
    }
  } catch (error) {
    staged.close();
    throw error;
  }
  return { plans, offered: (segment) => offers.get(segment)!, span, isCut, close: () => staged.close() };
}
