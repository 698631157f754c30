import type { Lineage } from '../registry/training-store.ts';

/** Rows of one series in a partition, and the times they span. */
export interface Extent {
  readonly seriesId: number;
  readonly rows: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Of feature rows: the set they belong to. */
  readonly setHash?: string;
}

/** The trainings that were made from some of these rows. */
export function neededBy(extents: readonly Extent[], lineage: readonly Lineage[]): Lineage[] {
  return lineage.filter((one) =>
    extents.some(
      ({ seriesId, firstMs, lastMs, setHash }) =>
        one.seriesIds.includes(seriesId) &&
        (setHash === undefined || setHash === one.featureSetHash) &&
        one.fromMs <= lastMs &&
        one.toMs > firstMs,
    ),
  );
}
