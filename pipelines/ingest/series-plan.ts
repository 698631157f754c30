import type pg from 'pg';
import { askForActions } from '../adjustments/fetched-actions.ts';
import { findDescribed, type SeriesDescription, type StoredSeries } from '../bars/bar-series-store.ts';
import type { BarSource } from '../sources/bar-source.ts';
import type { MissingActions, SourcedActions } from '../sources/vendor-actions-source.ts';
import { fetchSegments, type FetchSegment } from './fetch-segments.ts';
import { vendorRanges } from './vendor-range-store.ts';

/** What to bring of one series, beside what is stored. */
export interface SeriesPlan {
  readonly description: SeriesDescription;
  /** As it was when this was planned; undefined where it was not there. */
  readonly stored: StoredSeries | undefined;
  readonly segments: readonly FetchSegment[];
  /** Splits and dividends that the source has; null where it was not asked or can have none. */
  readonly askedActions: SourcedActions | MissingActions | null;
}

export interface PlanOptions {
  /** Opens of the bars wanted, `[fromMs, toMs)`. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly revise: boolean;
  readonly fetchActions: boolean;
}

/** Looks what is stored and asks the source for its actions; writes nothing. Throws VendorError. */
export async function planSeries(
  client: Pick<pg.ClientBase, 'query'>,
  source: BarSource,
  { description, ...options }: PlanOptions & { readonly description: SeriesDescription },
): Promise<SeriesPlan> {
  const { range, revise, fetchActions } = options;
  const stored = await findDescribed(client, description);
  const askedActions = fetchActions ? await askForActions(source, description.symbol, { stored, range }) : null;
  const given = stored === undefined ? [] : await vendorRanges(client, stored.id);
  return { description, stored, askedActions, segments: fetchSegments(source, stored, { range, given, revise }) };
}

/** Whether a segment goes on where the series ends: then a first part of it leaves no hole. */
export function appends({ stored }: SeriesPlan, segment: FetchSegment): boolean {
  return stored === undefined || stored.bars === 0 || segment.fromMs > stored.lastOpenMs;
}
