import type { VenuePayment } from '../brokers/venue/request-verdict.ts';
import type { Payment } from '../venue-event.ts';

/** Payments that a venue tells when it is asked, as events of the engine: each once, by the venue's name for it. */
export class PaymentDesk {
  readonly #symbols: ReadonlyMap<string, number>;
  readonly #told = new Set<string>();
  /** Time of the newest that was told. */
  newestMs = -Infinity;

  constructor(symbols: ReadonlyMap<string, number>) {
    this.#symbols = symbols;
  }

  /** A payment on its way to the engine, replayed ones too. */
  note({ paymentId, timeMs }: Payment): void {
    this.#told.add(paymentId);
    if (timeMs > this.newestMs) this.newestMs = timeMs;
  }

  /** What is new among `payments`. `offsetMs`: the venue's clock minus ours. */
  *events(
    payments: readonly VenuePayment[],
    { nowMs, offsetMs }: { readonly nowMs: number; readonly offsetMs: number },
  ): Generator<Payment> {
    for (const { paymentId, symbol: name, kind: of, cash, timeMs: theirsMs } of payments) {
      const symbol = this.#symbols.get(name);
      if (symbol === undefined || this.#told.has(paymentId)) continue;
      yield { kind: 'payment', timeMs: Math.min(nowMs, theirsMs - offsetMs), symbol, paymentId, of, cash };
    }
  }
}
