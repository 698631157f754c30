import type { BarColumns } from '../../features/bar.ts';
import type { SeriesDescription } from '../bars/bar-series-store.ts';
import type { KeptOutBar } from '../vendors/pages/bar-page.ts';
import type { Taken } from './files/taken.ts';
import type { VendorName } from '../vendors/vendor.ts';
import type { MissingActions, SourcedActions } from './vendor-actions-source.ts';

/** Which vendor gave a piece. */
export interface Provenance {
  readonly vendor: VendorName;
  /** Bars with opens from here on were asked for: there are none between it and the first bar of the piece. */
  readonly askedFromMs: number;
  /** Why it is another vendor than the one that was asked first; null where it is not. */
  readonly because: string | null;
}

export interface SourcedBars extends BarColumns {
  /** From sources that stand for more than one vendor. */
  readonly provenance?: Provenance;
  /** Bars of the vendor that were left out since the piece before. */
  readonly keptOut?: readonly KeptOutBar[] | undefined;
}

interface BarsOptions {
  /** Opens before this; without end by default. */
  readonly toMs?: number;
  /** Ask this vendor and no other. */
  readonly only?: VendorName | undefined;
  /**
   * Told at the end, by a vendor, that every bar of the range that closed by then was given; not told where it could
   * not be asked. Sources in memory always give everything.
   */
  readonly onWhole?: ((closedByMs: number) => void) | undefined;
}

/**
 * Where bars come from: files, a simulation or a vendor. A source gives closed bars only, each series ascending in time
 * without repeats, in pieces, so that memory does not grow with a series.
 */
export interface BarSource {
  readonly name: string;
  /**
   * How many days of stored bars to fetch again before the last one, to notice history that the source has changed
   * since: Infinity for local files (all of them), a few for a vendor, 0 for a simulation, which cannot change.
   */
  readonly recheckBars: number;
  /** What files were taken for, once `series` has been asked; absent for sources that are no files. */
  taken?(): Taken | undefined;
  /** All bars, once `series` has been asked; absent for sources that do not hold them in memory. */
  loaded?(): readonly BarColumns[] | undefined;
  /** The series asked for. Throws InputError for a symbol that the source does not have. */
  series(): Promise<SeriesDescription[]>;
  /**
   * Bars of `symbol` with opens at or after `fromMs`, in pieces. Sources without vendors may give more than `options`
   * asks for.
   */
  bars(symbol: string, fromMs: number, options?: BarsOptions): AsyncIterable<SourcedBars>;
  /**
   * Splits and cash dividends for bars with opens in the range, from sources that have them; null for a symbol that can
   * have none. Throws VendorError during an outage.
   */
  actions?(
    symbol: string,
    range: { readonly fromMs: number; readonly toMs: number },
  ): Promise<SourcedActions | MissingActions | null>;
}
