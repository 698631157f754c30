import type { ExtendedHours } from '../../pipelines/calendars/extended-hours.ts';
import type { CorporateActionEvent, Fill, Instruction, OrderUpdate } from '../effect.ts';
import type { Market, MarketStep } from '../market.ts';
import type { ApprovedBefore, ApprovedOrder } from '../orders/approved-order.ts';
import type { Plain } from '../plain-values.ts';
import type { Account } from '../portfolio/portfolio.ts';

/** Takes what a broker reports: the session hands it to the engine and the journal before the call returns. */
export type Report = (event: Fill | OrderUpdate) => void;

/**
 * Where approved orders go. A simulated venue reports fills while the market moves (`onMarket`); a real one leaves that
 * empty and its reports come through the session's event source. The client order id makes `submit` repeatable: a
 * broker that already knows it does nothing.
 */
export interface Broker {
  /** @param caused what the reports of this call have led to so far: a simulated venue takes it up inside a bar */
  onMarket(step: MarketStep, report: Report, caused: () => readonly Instruction[]): void;
  /**
   * Every order decided at this close has been submitted: a simulated venue may fill some at it. True where it did.
   * Absent where no order is filled before the market moves on, as at every real venue.
   */
  settle?(step: MarketStep, report: Report): boolean;
  /**
   * A split or dividend comes into effect: a simulated venue restates what works there; a real one does so by itself.
   */
  onAction?(event: CorporateActionEvent, report: Report): void;
  submit(order: ApprovedOrder, clientOrderId: string, report: Report): void | Promise<void>;
  cancel(sequence: number, timeMs: number, report: Report): void | Promise<void>;
  /** The working order of this sequence gets new terms and a new size. */
  amend(order: ApprovedOrder, timeMs: number, report: Report): void | Promise<void>;
  /** The session is over: a simulated venue cancels what still works there. */
  expire?(timeMs: number, report: Report): void;
  /**
   * What works there, as JSON, and taken up again: of a simulated venue, which ends with its process. A real one keeps
   * its orders by itself.
   */
  save?(): Plain;
  restore?(state: Plain, approved: ApprovedBefore): void;
}

/** Bars from `from` to `end`, which is excluded. */
export interface BarRange {
  readonly from: number;
  readonly end: number;
}

/** A broker that history can be run through without waiting. */
export interface HistoricalBroker extends Broker {
  /** An order waits for the market: opens are passed over while none does. */
  readonly waiting: boolean;
  /** Nothing works, rests or is due: bars may pass without it. Absent where that cannot be told. */
  readonly idle?: boolean;
  /**
   * Of the only symbol, where orders rest: the first bar of `rows` that may do more than pass by them, the first of all
   * where that cannot be told of an order. Absent where it never can.
   */
  untouchedUntil?(rows: BarRange): number;
  submit(order: ApprovedOrder, clientOrderId: string, report: Report): void;
  cancel(sequence: number, timeMs: number, report: Report): void;
  amend(order: ApprovedOrder, timeMs: number, report: Report): void;
  expire(timeMs: number, report: Report): void;
}

/** What a session knows once it is put together: the traded bars, and the account that reports are booked to. */
interface BrokerSession {
  readonly market: Market;
  readonly account: Account;
  /** Trading day of a close: any number that changes with the day. */
  readonly dayOf: (closeTimeMs: number) => number;
  /** Whether a bar is the last of its trading day. Absent: another as long would be of another day. */
  readonly endsDay?: ((openTimeMs: number, closeTimeMs: number) => boolean) | undefined;
  /** Hours around the regular ones, in which only some orders work. None by default. */
  readonly extended?: ExtendedHours | undefined;
}

/**
 * Makes the broker of one session. Drivers are handed this instead of a broker, because an account begins with its
 * session.
 */
export type MakeBroker<B extends Broker = Broker> = (session: BrokerSession) => B;
