import type { VenuePayment } from '../brokers/venue/request-verdict.ts';
import type { Payment } from '../venue-event.ts';
import { timesOf } from './told-events.ts';

/** Payments that a venue tells when it is asked, as events of the engine: each once, by the venue's name for it. */
export class PaymentDesk {
  readonly #symbols: ReadonlyMap<string, number>;
  readonly #told = new Set<string>();
  /** The venue's time of the newest that was told. */
  newestMs = -Infinity;

  constructor(symbols: ReadonlyMap<string, number>) {
    this.#symbols = symbols;
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
    for (const { paymentId, symbol: name, kind: of, cash, timeMs } of payments) {
      const symbol = this.#symbols.get(name);
      if (symbol === undefined || this.#told.has(paymentId)) continue;
      yield { kind: 'payment', ...timesOf(timeMs, now), symbol, paymentId, of, cash };
    }
  }
}
