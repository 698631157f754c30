import { InputError } from '../../infra/errors.ts';
import type { Transactional } from '../../infra/postgres/joined-transaction.ts';
import { recordActions } from '../adjustments/action-store.ts';
import type { OfferedActions } from '../adjustments/actions-of-universe.ts';
import { recordAskedActions, type FetchedActions } from '../adjustments/fetched-actions.ts';
import { findSeries, registerSeries, saveDroppedBefore, type StoredSeries } from '../bars/bar-series-store.ts';
import { SeriesWriter, type WriteResult } from '../bars/series-writer.ts';
import type { Finding } from '../quality/quality-check.ts';
import { QualityInspector } from '../quality/quality-inspector.ts';
import {
  keptOutFinding,
  qualityContext,
  saveQuality,
  seriesQuality,
  type SeriesQuality,
} from '../quality/quality-store.ts';
import type { FetchSegment } from './fetch-segments.ts';
import type { OfferedPieces } from './offered-pieces.ts';
import type { SeriesPlan } from './series-plan.ts';
import { vendorRanges, type VendorRange } from './vendor-range-store.ts';

export interface IngestedSeries extends StoredSeries {
  readonly inserted: number;
  readonly unchanged: number;
  readonly revised: number;
  /** Which vendor gave which part of the series, in order of time; none for series without vendors. */
  readonly vendors: readonly VendorRange[];
  /** What the quality checks say of the series as it is stored now. */
  readonly quality: SeriesQuality;
  /** Splits and dividends fetched from the vendor; null where none was asked. */
  readonly fetchedActions: FetchedActions | null;
}

export interface StoreOptions {
  /** Splits and dividends of a file. */
  readonly actions: OfferedActions | undefined;
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly revise: boolean;
  /** The source gives all bars of a series in one segment: files do. */
  readonly isWhole: boolean;
  /** The bars of each segment of the plan. */
  readonly offered: (segment: FetchSegment) => OfferedPieces;
}

/** A series that is in the store for certain, with its actions on record. */
interface OpenSeries {
  readonly series: StoredSeries;
  readonly fetchedActions: FetchedActions | null;
  /** Checks bars that fill an empty series on their way in; another series is checked as a whole, once a state. */
  readonly inspector: QualityInspector | undefined;
}

async function openSeries(access: Transactional, plan: SeriesPlan, options: StoreOptions): Promise<OpenSeries> {
  const { actions, revise } = options;
  const series = await registerSeries(access.pool, plan.description);
  const own = actions?.bySymbol.get(series.symbol);
  if (own !== undefined) await recordActions(access, series, own, { origin: actions!.origin, revise });
  const fetchedActions = await recordAskedActions(access, series, { asked: plan.askedActions, revise });
  const isEmpty = series.bars === 0;
  const inspector = isEmpty ? new QualityInspector(await qualityContext(access, series)) : undefined;
  return { series, fetchedActions, inspector };
}

function noBars(symbol: string): InputError {
  return new InputError(`${symbol}: no bars between data.from and data.to.`, 'Widen the range or remove the symbol.');
}

/**
 * Stores what is offered for one series. A series that nothing is offered of comes into no table. Throws InputError
 * where it has no bars then, ChangedHistoryError and ChangedActionsError for what contradicts the store.
 */
export async function storeSeries(
  access: Transactional,
  plan: SeriesPlan,
  options: StoreOptions,
): Promise<IngestedSeries> {
  const { range, revise, isWhole } = options;
  const { symbol } = plan.description;
  let opened = plan.stored === undefined ? undefined : await openSeries(access, plan, options);
  const keptOut: Finding[] = [];
  const sum = { inserted: 0, unchanged: 0, revised: 0 };
  const add = (written: WriteResult): void => {
    sum.inserted += written.inserted;
    sum.unchanged += written.unchanged;
    sum.revised += written.revised;
  };
  for (const segment of plan.segments) {
    const { only, because } = segment;
    const offered = options.offered(segment);
    let writer: SeriesWriter | undefined;
    for await (const { bars, provenance, ...piece } of offered) {
      keptOut.push(...piece.keptOut.map((bar) => keptOutFinding(bar.openTimeMs, bar.message)));
      if (bars.length === 0) continue;
      opened ??= await openSeries(access, plan, options);
      const { series, inspector } = opened;
      writer ??= new SeriesWriter(access, (await findSeries(access.pool, [series.id]))[0]!, {
        revise,
        fromMs: isWhole && revise ? segment.fromMs : undefined,
        onInserted: (inserted) => inspector?.inspect(inserted),
      });
      const from = only === undefined || provenance === undefined ? provenance : { ...provenance, because: because! };
      add(await writer.write(bars, from));
    }
    if (writer === undefined || !(isWhole || only !== undefined)) continue;
    add(await writer.finish({ toMs: segment.toMs, closedByMs: offered.closedByMs() }));
  }
  if (opened === undefined) throw noBars(symbol);
  const { series, inspector, fetchedActions } = opened;
  if (series.droppedBeforeMs > range.fromMs) {
    await saveDroppedBefore(access.pool, series.id, range.fromMs === -Infinity ? null : range.fromMs);
  }
  const [after] = await findSeries(access.pool, [series.id]);
  if (after!.bars === 0) throw noBars(symbol);
  const found = inspector?.finish();
  if (found?.bars === after!.bars) await saveQuality(access, after!, found, keptOut);
  const vendors = await vendorRanges(access.pool, series.id);
  return { ...after!, ...sum, vendors, fetchedActions, quality: await seriesQuality(access, after!, keptOut) };
}
