import type { Clock } from '../../../infra/clock.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import type { Sleep } from '../../../infra/sleep.ts';
import type { VenueBroker, VenueMessage } from '../../brokers/venue/venue-broker.ts';
import type { DeskMessage } from '../desk-message.ts';
import type { MarketHours } from './market-hours.ts';
import type { VenuePatience } from '../venue-patience.ts';
import type { StreamSilence } from './stream-silence.ts';

/** Executions are asked for from this long before the newest one that is known, in ms: some are shown late. */
const OVERLAP_MS = 600_000;
const RECONNECT_MAX_MS = 30_000;
const TICK_MS = 20;
/** The clock's offset is measured again after this, in ms: either clock may drift, or be put. */
const OFFSET_MS = 60_000;
const MEASURE_MS_MAX = 5_000;

export interface WatchOptions {
  readonly broker: VenueBroker;
  readonly patience: VenuePatience;
  readonly clock: Clock;
  /** Goes on evenly where `clock` is put: for waits. */
  readonly steady: Clock;
  readonly sleep: Sleep;
  readonly hours: MarketHours;
  readonly post: (message: DeskMessage) => void;
  readonly note: (text: string) => void;
  /** Executions before this are none of the session's, by the venue's clock. */
  readonly sinceMs: number;
  /** What the desk has made of it so far. */
  readonly desk: {
    readonly newestMs: number;
    readonly payments: { readonly newestMs: number };
    agrees: boolean;
    readonly silence: StreamSilence;
    offsetMs: number;
  };
}

/**
 * Keeps a session in touch with its venue: opens the stream again whenever it ends, and asks for everything at the
 * start, after each reconnect, when something was missed, and now and then. The connection counts as lost until such a
 * reading agrees with the books.
 */
export class VenueWatch {
  readonly #options: WatchOptions;
  #streams = false;
  #stream = new AbortController();
  /** Something was missed. */
  #wanted = true;
  #reading = false;
  #isOutdated = false;
  #back = false;
  #measuredMs = -Infinity;
  /** By how much what was measured of the venue's clock may be wrong, either way. */
  #offsetErrorMs = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Something was missed: everything is asked for at the next turn. */
  readonly catchUp = (): void => void (this.#wanted = true);

  /** Our clock was put: when a reading that is under way began is not known any more. */
  clockStepped(): void {
    this.#isOutdated = this.#reading;
  }

  /** Runs until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#listen(signal), this.#ask(signal)]);
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { broker, patience, sleep, post, note } = this.#options;
    let tries = 0;
    while (!signal.aborted) {
      this.#stream = new AbortController();
      const onMessage = (message: VenueMessage): void => {
        if (message.kind !== 'opened') return post(message);
        tries = 0;
        this.#streams = true;
        this.catchUp();
      };
      const why = await broker.listen(onMessage, AbortSignal.any([signal, this.#stream.signal]));
      this.#streams = false;
      this.#lose();
      if (signal.aborted) return;
      note(`${broker.name}: the stream of orders ended: ${why}`);
      await pause(sleep, Math.min(RECONNECT_MAX_MS, patience.reconnectMs * 2 ** tries), signal);
      tries += 1;
    }
  }

  #lose(): void {
    this.#back = false;
    this.#options.post({ kind: 'connection', connected: false });
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { patience, clock, steady, sleep, desk } = this.#options;
    let askedMs = -Infinity;
    while (!signal.aborted) {
      const nowMs = steady();
      // Between two readings there is always a moment: what is wanted often is no reason to use up the budget.
      const waitMs = desk.agrees && !this.#wanted ? patience.compareMs : patience.lookAgainMs;
      if (this.#streams && nowMs - askedMs >= waitMs) {
        askedMs = nowMs;
        this.#wanted = false;
        await this.#read(clock());
      }
      await pause(sleep, TICK_MS, signal);
      this.#settle();
    }
  }

  /** A reading that agreed with the books makes the connection count as there again. */
  #settle(): void {
    const { desk, post, note, broker, clock } = this.#options;
    if (this.#streams && this.#back && desk.silence.isOverdue(clock() + desk.offsetMs)) {
      desk.silence.forget();
      note(`${broker.name}: the stream says nothing of what is executed: it is opened again`);
      this.#stream.abort();
    }
    if (this.#back || !this.#streams || !desk.agrees) return;
    this.#back = true;
    post({ kind: 'connection', connected: true });
  }

  async #read(beganMs: number): Promise<void> {
    const { broker, post, note, desk, sinceMs, clock } = this.#options;
    if (this.#reading) return;
    this.#reading = true;
    desk.agrees = this.#back && desk.agrees;
    try {
      await this.#measure();
      await this.#readHours(beganMs);
      // Positions first: whatever they hold is then among the executions, if only those are whole.
      const positions = await broker.positions();
      const orders = await broker.openOrders();
      const theirsMs = clock() + desk.offsetMs;
      const fromMs = Math.max(sinceMs, Math.min(desk.newestMs, theirsMs) - OVERLAP_MS);
      const executions = await broker.executionsSince(Math.max(0, fromMs));
      const paidFromMs = Math.max(0, sinceMs, Math.min(desk.payments.newestMs, theirsMs) - OVERLAP_MS);
      const payments = await broker.paymentsSince?.(paidFromMs);
      if (this.#isOutdated) return this.catchUp();
      post({
        kind: 'reading',
        beganMs,
        orders,
        executions,
        positions,
        ...(payments === undefined ? {} : { payments }),
      });
    } catch (error) {
      if (!(error instanceof SignalboxError)) throw error;
      this.#wanted = true;
      note(error.message);
    } finally {
      this.#reading = this.#isOutdated = false;
    }
  }

  /** After each reconnect, and now and then where another clock tells how long that is. */
  async #measure(): Promise<void> {
    const { broker, desk, steady, clock } = this.#options;
    if (this.#back && (steady === clock || steady() - this.#measuredMs < OFFSET_MS)) return;
    const beganMs = clock();
    const offsetMs = await broker.clockOffsetMs();
    // An answer that took long says little of the moment; the first one is better than none.
    const isFirst = this.#measuredMs === -Infinity;
    const tookMs = Math.abs(clock() - beganMs);
    if (!isFirst && tookMs > MEASURE_MS_MAX) return;
    desk.offsetMs = offsetMs;
    // The venue read its clock at any moment of that time.
    this.#offsetErrorMs = tookMs / 2;
    this.#measuredMs = steady();
  }

  /** When the market opens and closes next. */
  async #readHours(nowMs: number): Promise<void> {
    const { broker, hours, desk } = this.#options;
    if (broker.hours === undefined || !hours.isStale(nowMs)) return;
    const told = await broker.hours();
    hours.note(told, nowMs, { offsetMs: desk.offsetMs, errorMs: this.#offsetErrorMs });
  }
}

/** A pause that ends early, and without an error, where the session does. */
async function pause(sleep: Sleep, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
