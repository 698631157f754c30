import type { ZoneOrigin } from './row-times.ts';

/** What one file was taken for. */
export interface FileReading {
  /** Whether a column or the header names the symbols. */
  readonly namesSymbols: boolean;
  /** How times are written: `ISO 8601`, `epoch seconds`, `DD/MM/YYYY`. */
  readonly unit: string;
  readonly zone: { readonly name: string; readonly from: ZoneOrigin };
  readonly hasVolume: boolean;
}
