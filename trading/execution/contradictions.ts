import type { VenueOrder } from '../brokers/venue/request-verdict.ts';
import type { EngineEvent } from '../effect.ts';
import type { TrackedOrder } from './tracked-order.ts';

/** What the venue tells of an order that is another than was sent: each order is told of once. */
export class Contradictions {
  readonly #symbols: readonly string[];
  readonly #told = new Set<number>();

  /** @param symbols by place */
  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
  }

  /** It is of another symbol, or of the other side. */
  has({ symbol, side }: TrackedOrder, told: Pick<VenueOrder, 'symbol' | 'side'>): boolean {
    return told.symbol !== this.#symbols[symbol] || told.side !== side;
  }

  /** Nothing is concluded from it: the order is asked for on and on. */
  *tell(tracked: TrackedOrder, timeMs: number): Generator<EngineEvent> {
    const { sequence } = tracked;
    tracked.missing = true;
    if (!this.#told.has(sequence)) yield { kind: 'contradiction', sequence, timeMs };
  }

  /** One is on record, replayed ones too. */
  note(sequence: number): void {
    this.#told.add(sequence);
  }
}
