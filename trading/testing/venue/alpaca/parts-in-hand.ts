import { expect } from 'vitest';
import { EndedDays } from './ended-days.ts';
import { sessionInHand, venueInHand, type InHandOptions } from '../session-in-hand.ts';
import { NO_FAULTS } from '../stand-in-faults.ts';
import { amountOf, type StandInOrder } from '../stand-in-order.ts';
import type { StandInVenue } from '../stand-in-venue.ts';

type Session = Awaited<ReturnType<typeof sessionInHand<StandInVenue>>>;

/** A session in parts of AAPL at Alpaca, in days that end when they are told to. */
export class PartsInHand {
  readonly days = new EndedDays();
  readonly #options: InHandOptions;
  #venue: StandInVenue | null = null;
  #session: Session | null = null;

  constructor(options: InHandOptions) {
    this.#options = { lot: 0.001, units: 10.5, ...options };
  }

  get venue(): StandInVenue {
    return this.#venue!;
  }

  get session(): Session {
    return this.#session!;
  }

  /** Starts the session, or goes on with the one that has ended. */
  async start(): Promise<this> {
    this.#venue ??= await venueInHand({ hours: this.days, cancelMs: 10 });
    const before = this.#session;
    this.#session = await sessionInHand(this.#venue, before === null ? this.#options : { ...this.#options, before });
    return this;
  }

  /** The session ends, and goes on after a while in which the price was `price`; nothing goes wrong from there on. */
  async again(price: string): Promise<void> {
    await this.session.end();
    this.venue.faults = NO_FAULTS;
    this.venue.books.trade('AAPL', price);
    await this.start();
  }

  /** What rests at the venue, in words. */
  get rests(): string {
    return this.venue.books
      .open('AAPL')
      .map(({ type, qty, filled, stop, limit, tif }: StandInOrder) => {
        const price = stop ?? limit;
        return `${type} ${amountOf(qty - filled)}${price === null ? '' : ` at ${amountOf(price)}`} ${tif}`;
      })
      .join('; ');
  }

  get held(): string {
    return amountOf(this.venue.books.held('AAPL'));
  }

  /** Names of the session's orders at the venue, in the order in which they were taken. */
  get names(): string[] {
    return this.venue.books.orders.map(({ clientOrderId }) => clientOrderId.replace(/^sb-\w+-/, ''));
  }

  /** Until that alone rests, and nothing is under way. */
  async until(what: string): Promise<void> {
    await this.session.until(what, () => this.rests === what);
    await this.session.settled();
    expect(this.rests).toBe(what);
  }

  /** The market trades at a price, and a bar closes at it. */
  trade(price: string): void {
    this.venue.books.trade('AAPL', price);
    this.close(price);
  }

  /** The same, until the session has that bar. */
  async traded(price: string): Promise<void> {
    this.trade(price);
    const { record } = this.session;
    await this.session.until('the bar is there', () => record.bars.at(-1)!.bars[0]!.bar.close === Number(price));
  }

  /** A bar closes at a price at which nothing is traded at the venue. */
  close(price: string): void {
    this.session.market.prices[0] = Number(price);
    this.session.close('HOLD');
  }

  /** Nothing is executed until `resume`: what reaches the venue rests there. */
  halt(): void {
    this.venue.books.market.halted.add('AAPL');
  }

  resume(): void {
    this.venue.books.market.halted.clear();
  }

  /** Ends the session: every execution is booked once, both hold so much, and no two orders worked at a time. */
  async ends(units: string, codes: readonly string[] = []): Promise<void> {
    const { session, venue } = this;
    await session.settled();
    const booked = session.record.fills.map(({ executionId }) => executionId).sort();
    expect(booked).toEqual(venue.books.executions.map(({ id }) => id).sort());
    expect(session.record.fills.reduce((sum, { quantity }) => sum + quantity, 0)).toBeCloseTo(Number(units), 9);
    expect(this.held).toBe(units);
    expect((await session.end()).refusals.map(({ code }) => code)).toEqual(codes);
  }
}
