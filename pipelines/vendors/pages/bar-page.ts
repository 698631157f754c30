/** One bar as a vendor gives it: `timeMs` is the vendor's stamp, which for daily stock bars is midnight in New York. */
export interface VendorBar {
  readonly timeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** One answer of several. */
export interface BarPage {
  readonly bars: readonly VendorBar[];
  /** What to ask for the next page with; undefined on the last one. */
  readonly next: string | undefined;
}

/** Stamps in `[fromMs, toMs)`. */
export interface StampRange {
  readonly fromMs: number;
  readonly toMs: number;
}
