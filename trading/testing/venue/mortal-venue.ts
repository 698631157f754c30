import type { Instrument } from '../../../features/instrument.ts';
import type { VenueBroker } from '../../brokers/venue/venue-broker.ts';
import type { FaultScript } from './stand-in-faults.ts';

/** What a venue's own books say in the end, in words that the journal has too. */
export interface VenueBooks {
  /** Client ids of all orders, in the order in which they were taken. */
  readonly orders: readonly string[];
  readonly executions: readonly string[];
  /** Exact decimals by symbol, 0 where nothing is held. */
  readonly positions: Readonly<Record<string, string>>;
  readonly cash: string;
  /** What of it came, or went, without an execution; absent where that is nothing. */
  readonly paid?: string;
  /** Symbols with a position that stops at the venue do not cover. */
  readonly bare: readonly string[];
}

/** A venue that stands in, at which sessions die while it goes on trading. */
export interface MortalVenue {
  readonly symbols: readonly string[];
  /** A SELL while flat goes short. */
  readonly longShort?: boolean;
  /** Where a session of another process finds it. */
  readonly url: string;
  faults: FaultScript;
  /** The market trades at `price`. */
  trade(symbol: string, price: string): void;
  /** From here on time passes by itself, in turns of `ms`. */
  run(ms: number): void;
  /** A broker of the next life, and what it trades. */
  open(): Promise<{ readonly broker: VenueBroker; readonly instruments: readonly Instrument[] }>;
  books(): VenueBooks;
  stop(): Promise<void>;
}

/** How a venue that is died at trades. */
export interface MortalVenueOptions {
  readonly seed: number;
  readonly shownAfterMs?: number | undefined;
  /** Of one request: short, so that a lost answer holds up little. */
  readonly deadlineMs?: number | undefined;
}

export type StartMortalVenue = (options: MortalVenueOptions) => Promise<MortalVenue>;
