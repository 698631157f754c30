import type { Instrument } from '../../features/instrument.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type { ExtendedHours } from '../../pipelines/calendars/extended-hours.ts';
import type { BarView } from '../bar-view.ts';
import type { RateAt } from '../market.ts';
import type { OrderRegister } from '../orders/order-register.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { LastQuotes } from '../quotes/last-quotes.ts';
import type { EmergencyRule } from './degradation/emergency-rule.ts';

/** What a risk manager looks at. */
export interface RiskManagerOptions {
  readonly limits: RiskLimits;
  readonly portfolio: Portfolio;
  readonly instruments: readonly Instrument[];
  readonly orders: OrderRegister;
  readonly dayOf: (closeTimeMs: number) => number;
  /** Closed bars by symbol, for limits that look at returns. None by default. */
  readonly views?: readonly BarView[];
  /** What those are worth in the account's currency; absent where they are in that. */
  readonly rates?: readonly (RateAt | null)[] | undefined;
  /** How old those are; absent where they are in that. */
  readonly rateAges?: readonly (RateAt | null)[] | undefined;
  /** The newest quotes, which narrow the collar of prices. None by default. */
  readonly quotes?: LastQuotes;
  /** Hours around the regular ones, in which no market order is taken; none by default. */
  readonly extended?: ExtendedHours | undefined;
  /** What stops the session where the limits do not say. Nothing by default. */
  readonly emergency?: EmergencyRule | undefined;
}

/** A number for each instrument's sector, -1 without one. */
export function sectorNumbers(instruments: readonly Instrument[]): Int32Array {
  const sectors = [...new Set(instruments.map(({ sector }) => sector))];
  return Int32Array.from(instruments, ({ sector }) => (sector === null ? -1 : sectors.indexOf(sector)));
}
