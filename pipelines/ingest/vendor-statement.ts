import { isoDay, utcDayOf } from '../calendars/day.ts';
import type { VendorRange } from './vendor-range-store.ts';

/** A series with the stretches that vendors gave. */
interface VendorSeries {
  readonly symbol: string;
  readonly vendors: readonly VendorRange[];
}

/** The vendors whose bars are in `series`, by name; none for other sources. */
export function vendorNames(series: readonly VendorSeries[]): string[] {
  return [...new Set(series.flatMap(({ vendors }) => vendors.map(({ vendor }) => vendor)))].sort();
}

const day = (timeMs: number): string => isoDay(utcDayOf(timeMs));

/** A sentence for each stretch that another vendor gave than the one the series is named after. */
export function standInStatements(series: readonly VendorSeries[]): string[] {
  return series.flatMap(({ symbol, vendors }) =>
    vendors
      .filter(({ because }) => because !== null)
      .map(({ vendor, fromMs, toMs, bars }) => {
        return `${symbol}: ${vendor} stood in from ${day(fromMs)} to ${day(toMs)} (${bars} bars).`;
      }),
  );
}
