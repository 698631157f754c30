import type { Effect } from '../../effect.ts';
import { FINAL_STATES, ORDER_STATES } from '../../orders/order-state.ts';
import { ORDER_TYPES, type OrderType } from '../../orders/order-terms.ts';
import { isMismatch } from '../health/effect-alerts.ts';

/** Of an order of before this process. */
const UNKNOWN = 'unknown';

/**
 * How often things happened in a session, as plain numbers: an effect costs an addition, and nobody who asks for the
 * figures is waited for. What may be counted is a closed list each time: actions, kinds of orders, states, codes of
 * refusals.
 */
export class OrderCounts {
  readonly signals = zeros(['BUY', 'SELL']);
  readonly orders = zeros(ORDER_TYPES);
  readonly fills = zeros([...ORDER_TYPES, UNKNOWN]);
  readonly updates = zeros(ORDER_STATES);
  readonly refusals = new Map<string, number>();
  readonly mismatches = zeros(['']);
  readonly stops = zeros(['']);
  readonly notional = zeros(['']);
  readonly fees = zeros(['']);
  /** Of orders that are not done. */
  readonly #types = new Map<number, OrderType>();

  /** An effect that is new. */
  hear(effect: Effect): void {
    if (effect.kind === 'signal') add(this.signals, effect.signal.action);
    else if (effect.kind === 'order') {
      const type = effect.terms?.type ?? 'market';
      this.#types.set(effect.sequence, type);
      add(this.orders, type);
    } else if (effect.kind === 'fill') this.#fill(effect);
    else if (effect.kind === 'order-update') {
      add(this.updates, effect.state);
      if (FINAL_STATES.includes(effect.state)) this.#types.delete(effect.sequence);
    } else if (effect.kind === 'refusal') {
      add(this.refusals, effect.code);
      if (isMismatch(effect.code)) add(this.mismatches, '');
    } else if (effect.kind === 'state' && effect.state.startsWith('stop')) add(this.stops, '');
  }

  #fill({ sequence, quantity, price, fee, final, takesBack }: Extract<Effect, { kind: 'fill' }>): void {
    if (takesBack === true) return;
    add(this.fills, this.#types.get(sequence) ?? UNKNOWN);
    add(this.notional, '', Math.abs(quantity * price));
    // What a venue pays for an execution is no cost, and a counter never falls.
    add(this.fees, '', Math.max(0, fee));
    if (final) this.#types.delete(sequence);
  }
}

/** What was never seen is told as 0: the first time is a rise, too. */
function zeros(names: readonly string[]): Map<string, number> {
  return new Map(names.map((name) => [name, 0]));
}

function add(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
