import type { Instrument } from '../../features/instrument.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { Reservations } from './reservations.ts';
import type { SeenBars } from './returns-beside.ts';

/** A position that is to be opened or increased. Notionals are in currency and have no sign. */
export interface Opening {
  readonly symbol: number;
  readonly side: 1 | -1;
  /** What of it is there, or works, already. */
  readonly held: number;
  /** What it would come to. */
  readonly asked: number;
}

/** What limits on openings look at. */
export interface OpeningContext {
  readonly limits: RiskLimits;
  readonly portfolio: Portfolio;
  readonly instruments: readonly Instrument[];
  readonly reservations: Reservations;
  /** Sector number per symbol, -1 without one. */
  readonly sector: Int32Array;
  /** Closed bars by symbol, for limits that look at returns. */
  readonly seen: readonly SeenBars[];
  /** What has gone wrong around the session: less may open then. */
  readonly conditions: { readonly share: number };
}
