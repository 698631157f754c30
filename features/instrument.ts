/** What is traded, and the grid its prices and quantities live on. */
export interface Instrument {
  readonly symbol: string;
  readonly assetClass: 'index' | 'equity' | 'crypto' | 'simulated' | 'unknown';
  /** ISO 4217 code, or the quote asset of a crypto pair. */
  readonly currency: string;
  /** Smallest price step, in currency. */
  readonly tick: number;
  /** Smallest quantity step, in units. */
  readonly lot: number;
  /** Sector label where the source has one; exposure limits may group by it. */
  readonly sector: string | null;
}
