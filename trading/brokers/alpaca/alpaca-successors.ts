import type { VenueOrder } from '../venue/request-verdict.ts';

/** A name that Alpaca made. Ours are none of these. */
const OF_ALPACA = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Orders that are remembered; an older one is asked for again. */
const KNOWN_MAX = 10_000;

interface Known {
  readonly clientOrderId: string;
  /** Units executed of it and of those before it. */
  readonly filled: number;
  /** Those of them that were before it. */
  readonly before: number;
}

/**
 * Orders that Alpaca replaces by others of its own accord, as a triggered stop by a limit order. Such an order goes on
 * under the name of the first, with what was executed of all of them; a change that we asked for has a name of ours.
 */
export class AlpacaSuccessors {
  readonly #known = new Map<string, Known>();
  readonly #changed = new Set<string>();

  /** We ask for a change of this order: what replaces it may be ours. */
  changes(clientOrderId: string): void {
    this.#changed.add(clientOrderId);
    if (this.#changed.size > KNOWN_MAX) this.#changed.delete(this.#changed.keys().next().value!);
  }

  /** Another of Alpaca's own has taken its place: what the stream says of its end is followed by what that says. */
  gaveWay({ status, replacedBy, clientOrderId }: VenueOrder): boolean {
    return status === 'replaced' && replacedBy !== undefined && !this.#changed.has(clientOrderId);
  }

  /** An order under the name by which it goes; null where what it has replaced is not known. */
  told(order: VenueOrder): VenueOrder | null {
    const { replaces, clientOrderId, venueOrderId, filled, quantity } = order;
    if (replaces === undefined || !OF_ALPACA.test(clientOrderId)) {
      this.#note(venueOrderId, { clientOrderId, filled, before: 0 });
      return order;
    }
    const first = this.#known.get(replaces);
    if (first === undefined) return null;
    const before = first.filled;
    const known = { clientOrderId: first.clientOrderId, filled: filled + before, before };
    this.#note(venueOrderId, known);
    const whole = quantity === null ? null : quantity + before;
    return { ...order, clientOrderId: known.clientOrderId, filled: known.filled, quantity: whole };
  }

  /** Units executed before an order under the name by which it goes. */
  before(venueOrderId: string): number {
    return this.#known.get(venueOrderId)?.before ?? 0;
  }

  #note(venueOrderId: string, known: Known): void {
    this.#known.set(venueOrderId, known);
    if (this.#known.size > KNOWN_MAX) this.#known.delete(this.#known.keys().next().value!);
  }
}
