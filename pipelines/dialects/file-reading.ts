import type { ZoneOrigin } from './row-times.ts';

/** What one file was taken for. */
export interface FileReading {
  /** Whether a column or the header names the symbols. */
  readonly namesSymbols: boolean;
  /** How times are written: `ISO 8601`, `epoch seconds`, `DD/MM/YYYY`. */
  readonly unit: string;
  readonly zone: { readonly name: string; readonly from: ZoneOrigin };
  readonly hasVolume: boolean;
  /** Names of columns that may be the volume, where none was taken for it. */
  readonly volumeLike?: readonly string[];
}

/** How times are written, in words: a date and a time of day may stand in two columns. */
export function writingOf(format: string, columns: number): string {
  return columns === 1 ? format : `dates as ${format}, times of day in a column of their own`;
}
