/** A price step, and the price from which on it holds. */
export interface TickLevel {
  readonly from: number;
  readonly tick: number;
}

/** What a venue takes of orders in an instrument. Absent: whatever lies on the grid. */
export interface VenueRules {
  /** False: nothing is opened in it. */
  readonly enabled?: boolean | undefined;
  /** Price steps by price level, ascending, the first from 0: in place of `tick`. */
  readonly ticks?: readonly TickLevel[] | undefined;
  /** Least and most units of one order. */
  readonly minimumQuantity?: number | undefined;
  readonly maximumQuantity?: number | undefined;
  /** Least value of one order, in currency. */
  readonly minimumNotional?: number | undefined;
  /** Share of the last price by which a limit may be away from it. */
  readonly band?: number | undefined;
  /** A limit by itself works before the open and after the close of the market, too; nothing else does. */
  readonly extendedHours?: boolean | undefined;
  /** A position of fewer units cannot be closed: it counts as none. What fees in the asset itself leave over. */
  readonly dustBelow?: number | undefined;
}

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
  readonly rules?: VenueRules | undefined;
}

/** Where US equities go over to a finer tick, and that tick: Rule 612 of Regulation NMS, 17 CFR 242.612. */
const PENNY_RULE = { below: 1, tick: 0.0001 };

/** The price steps of an instrument: an equity in US dollars under $1 is quoted in hundredths of a cent. */
export function ticksOf({ assetClass, currency, tick, rules }: Instrument): readonly TickLevel[] {
  if (rules?.ticks !== undefined) return rules.ticks;
  const isFine = assetClass === 'equity' && currency === 'USD' && tick > PENNY_RULE.tick;
  if (!isFine) return [{ from: 0, tick }];
  return [
    { from: 0, tick: PENNY_RULE.tick },
    { from: PENNY_RULE.below, tick },
  ];
}
