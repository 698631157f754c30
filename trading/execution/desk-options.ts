import type { Instrument } from '../../features/instrument.ts';
import type { VenueBroker } from '../brokers/venue/venue-broker.ts';
import type { MarketHours } from './watch/market-hours.ts';
import type { DeskMessage } from './desk-message.ts';
import type { OrderTerms } from '../orders/order-terms.ts';
import type { VenuePatience } from './venue-patience.ts';

/** What the parts of a session's desk work with. */
export interface DeskOptions {
  readonly broker: VenueBroker;
  readonly instruments: readonly Instrument[];
  readonly clientOrderId: (sequence: number) => string;
  readonly patience: VenuePatience;
  /** When the venue trades. */
  readonly hours: MarketHours;
  /** Signed units of a symbol by the session's books. */
  readonly positionOf: (symbol: number) => number;
  /** Other orders are placed once the order of this sequence has ended. */
  readonly awaits: (sequence: number) => boolean;
  /** Exits that are to be placed once all of the order of this sequence is filled, as far as they are known by now. */
  readonly exitsOf: (sequence: number) => readonly OrderTerms[];
  /** Takes what comes back from the venue, to be handed to `translate` in its turn. */
  readonly post: (message: DeskMessage) => void;
  /** Executions are missing: the venue is to be asked for them now. */
  readonly catchUp: () => void;
  /** Neither positions nor executions of the session are there any more. */
  readonly wiped: () => void;
  /** An order is handed to the venue, or the venue has taken it: for measuring. */
  readonly onStep?: ((sequence: number, step: 'sent' | 'acknowledged') => void) | undefined;
  /** For people. */
  readonly note: (text: string) => void;
}
