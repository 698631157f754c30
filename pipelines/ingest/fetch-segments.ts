import { DAY_MS } from '../../features/timeframe.ts';
import type { StoredSeries } from '../bars/bar-series-store.ts';
import type { BarSource } from '../sources/bar-source.ts';
import type { VendorRange } from './vendor-range-store.ts';

/** A part of a series to fetch, with the bars in it ascending. Parts may lie on either side of what is stored. */
export interface FetchSegment {
  readonly fromMs: number;
  readonly toMs: number;
  /** Ask this vendor and no other: the bars are compared with its own. */
  readonly only?: VendorRange['vendor'] | undefined;
  /** Why that vendor gave what is compared; see `VendorRange`. */
  readonly because?: string | null;
}

export interface SegmentOptions {
  /** Opens of the bars wanted, `[fromMs, toMs)`. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  /** The stretches of the series that vendors gave. */
  readonly given: readonly VendorRange[];
  /** Compare all that is stored, not only the last bars. */
  readonly revise: boolean;
}

/**
 * What to fetch of a series for `range`: everything for local files, else what is missing and the last bars stored once
 * more, to notice that the source has changed them; all of them where corrections are to be taken over. What vendors
 * give is fetched up to what is stored on either side, so that a series has no holes whatever ranges are asked for one
 * after the other.
 */
export function fetchSegments(
  source: BarSource,
  stored: StoredSeries | undefined,
  { range, given, revise }: SegmentOptions,
): readonly FetchSegment[] {
  if (stored === undefined || stored.bars === 0 || source.recheckBars === Infinity) return [{ ...range }];
  const next = stored.lastOpenMs + 1;
  const recheckMs = stored.lastOpenMs - source.recheckBars * DAY_MS;
  // Retention removed bars that are wanted again: what is missing begins with them.
  const dropped = stored.droppedBeforeMs > range.fromMs;
  if (source.recheckBars === 0) return dropped ? [{ ...range }] : [{ fromMs: next, toMs: range.toMs }];
  const [first] = given;
  const last = given.at(-1);
  if (first === undefined || last === undefined) {
    return [{ fromMs: dropped ? range.fromMs : recheckMs, toMs: range.toMs }];
  }
  const beginMs = dropped ? stored.firstOpenMs : first.fromMs;
  const compared = revise
    ? { fromMs: beginMs, toMs: next }
    : { fromMs: Math.max(recheckMs, last.fromMs), toMs: Math.min(next, range.toMs) };
  const segments: FetchSegment[] = [
    { fromMs: range.fromMs, toMs: beginMs },
    ...given.map(({ vendor: only, because, fromMs, toMs }) => ({
      fromMs: Math.max(fromMs, compared.fromMs),
      toMs: Math.min(toMs, compared.toMs),
      only,
      because,
    })),
    { fromMs: next, toMs: range.toMs },
  ];
  return segments.filter(({ fromMs, toMs }) => fromMs < toMs);
}
