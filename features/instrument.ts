/** What is traded, and the grid its prices and quantities live on. */
export interface Instrument {
  readonly symbol: string;
  readonly assetClass: 'index' | 'equity' | 'crypto' | 'simulated' | 'unknown';
  /** ISO 4217 code, or the quote asset of a crypto pair. */
  readonly currency: string;
  /** Smallest price step, in currency; of a US equity at $1 and above (`ticksOf`). */
  readonly tick: number;
  /** Smallest quantity step, in units. */
  readonly lot: number;
  /** Sector label where the source has one; exposure limits may group by it. */
  readonly sector: string | null;
}

/** Where US equities go over to a finer tick, and that tick: Rule 612 of Regulation NMS, 17 CFR 242.612. */
const PENNY_RULE = { below: 1, tick: 0.0001 };

/** Price steps: `tick`, and `fine` for prices under `below`. */
export interface Ticks {
  readonly tick: number;
  readonly fine: number;
  readonly below: number;
}

/** The price steps of an instrument: an equity in US dollars under $1 is quoted in hundredths of a cent. */
export function ticksOf({ assetClass, currency, tick }: Instrument): Ticks {
  const isFine = assetClass === 'equity' && currency === 'USD' && tick > PENNY_RULE.tick;
  return { tick, fine: isFine ? PENNY_RULE.tick : tick, below: isFine ? PENNY_RULE.below : 0 };
}
