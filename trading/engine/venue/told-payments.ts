import type { Payment } from '../../venue-event.ts';
import type { EngineParts } from '../engine-parts.ts';

/** What a venue took or gave without an execution, by its names for it: each is booked once. */
export class ToldPayments {
  readonly #parts: Pick<EngineParts, 'portfolio' | 'emit'>;
  readonly #told = new Set<string>();

  constructor(parts: Pick<EngineParts, 'portfolio' | 'emit'>) {
    this.#parts = parts;
  }

  /** Books a payment that was not told of before. False for one of numbers that cannot be. */
  take({ paymentId, symbol, timeMs, of: charge, cash, sequence }: Payment): boolean {
    if (this.#told.has(paymentId)) return true;
    if (!(cash - cash + (timeMs - timeMs) === 0)) return false;
    this.#told.add(paymentId);
    if (cash === 0) return true;
    const { portfolio, emit } = this.#parts;
    const of = sequence === undefined ? {} : { sequence };
    const base = portfolio.quantity[symbol]! * portfolio.price[symbol]!;
    portfolio.takeCharge(symbol, -cash);
    emit({ kind: 'charge', timeMs, symbol, charge, base, days: 0, rate: 0, cash, paymentId, ...of });
    return true;
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return [...this.#told];
  }

  /** Takes up what one of the same options has saved. */
  restore(told: ReturnType<ToldPayments['save']>): void {
    for (const id of told) this.#told.add(id);
  }
}
