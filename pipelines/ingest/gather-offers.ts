import type pg from 'pg';
import type { Stage } from '../../infra/terminal/progress.ts';
import type { SeriesDescription } from '../bars/bar-series-store.ts';
import type { BarSource } from '../sources/bar-source.ts';
import type { FetchSegment } from './fetch-segments.ts';
import { offeredPieces, type OfferedPiece, type OfferedPieces } from './offered-pieces.ts';
import { planSeries, type PlanOptions, type SeriesPlan } from './series-plan.ts';
import { StagedBars } from './staged-bars-store.ts';

/** Everything that a source gives for an ingest, before any of it is stored. */
export interface GatheredOffers {
  readonly plans: readonly SeriesPlan[];
  /** The bars of a segment of one of the plans, as often as they are asked for. */
  readonly offered: (segment: FetchSegment) => OfferedPieces;
  /** First and last open of all of it; infinite where there is nothing. */
  readonly span: { readonly fromMs: number; readonly toMs: number };
  close(): void;
}

export interface GatherOptions {
  readonly source: BarSource;
  readonly descriptions: readonly SeriesDescription[];
  readonly plan: PlanOptions;
  readonly stage: Pick<Stage, 'advance'>;
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

/**
 * Plans each series and walks through what the source has for it: bars of vendors are put aside in the database, those
 * of files and simulations can be had again.
 */
export async function gatherOffers(
  database: { readonly pool: pg.Pool },
  { source, descriptions, plan: options, stage }: GatherOptions,
): Promise<GatheredOffers> {
  const isVendor = source.recheckBars !== Infinity && source.recheckBars > 0;
  const staged = new StagedBars(database.pool);
  const plans: SeriesPlan[] = [];
  const offers = new Map<FetchSegment, OfferedPieces>();
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
        const offered = offeredPieces(source, symbol, segment);
        if (isVendor) offers.set(segment, await staged.stage(symbol, offered, onPiece));
        else offers.set(segment, await walked(offered, onPiece));
      }
    }
  } catch (error) {
    staged.close();
    throw error;
  }
  return { plans, offered: (segment) => offers.get(segment)!, span, close: () => staged.close() };
}
