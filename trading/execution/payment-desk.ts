import type { VenuePayment } from '../brokers/venue/request-verdict.ts';
import type { Payment } from '../venue-event.ts';
import type { TrackedOrders } from './tracked-orders.ts';
import { timesOf } from './told-events.ts';

/** Payments that a venue tells when it is asked, as events of the engine: each once, by the venue's name for it. */
export class PaymentDesk {
  readonly #symbols: ReadonlyMap<string, number>;
  readonly #orders: Pick<TrackedOrders, 'named'>;
  readonly #told = new Set<string>();
  /** The venue's time of the newest that was told. */
  newestMs = -Infinity;

  constructor(symbols: ReadonlyMap<string, number>, orders: Pick<TrackedOrders, 'named'>) {
    this.#symbols = symbols;
    this.#orders = orders;
  }

  /** A payment on its way to the engine, replayed ones too. */
  note({ paymentId, theirsMs = -Infinity }: Payment): void {
    this.#told.add(paymentId);
    this.newestMs = Math.max(this.newestMs, theirsMs);
  }

  /** What is new among `payments`. `offsetMs`: the venue's clock minus ours. */
  *events(
    payments: readonly VenuePayment[],
    now: { readonly nowMs: number; readonly offsetMs: number },
  ): Generator<Payment> {
    for (const { paymentId, symbol: name, kind: of, cash, timeMs, clientOrderId = null } of payments) {
      const symbol = this.#symbols.get(name);
      if (symbol === undefined || this.#told.has(paymentId)) continue;
      const tracked = clientOrderId === null ? null : this.#orders.named(clientOrderId);
      // What was taken for an order of somebody else is not ours.
      if (tracked === undefined) continue;
      const order = tracked === null ? {} : { sequence: tracked.sequence };
      yield { kind: 'payment', ...timesOf(timeMs, now), symbol, paymentId, of, cash, ...order };
    }
  }
}
