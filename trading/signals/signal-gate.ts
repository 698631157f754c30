import type { RefusedOrder } from '../orders/approved-order.ts';
import { memoryOf, type Json, type Memory } from '../strategies/memory.ts';
import type { Signal } from '../strategies/strategy.ts';
import { openingRefusal } from './opening-rules.ts';
import { validateSignal, type SignalMoment, type SignalRules } from './signal-validator.ts';

/** A signal's moment, and which of the counts it belongs to. */
export interface GatedMoment extends SignalMoment {
  /** Place of the symbol, or of the strategy's symbol. */
  readonly place: number;
  readonly timeMs: number;
  readonly symbol: string;
}

/** Judges the signals of a session, and counts those that it lets through to open in a trading day. */
export class SignalGate implements Memory {
  readonly #rules: SignalRules;
  readonly #dayOf: (closeTimeMs: number) => number;
  /** By place: the trading day of the last that opened, and how many did on it. */
  readonly #day: Float64Array;
  readonly #opened: Float64Array;

  constructor(rules: SignalRules, { places, dayOf }: { places: number; dayOf: (closeTimeMs: number) => number }) {
    this.#rules = rules;
    this.#dayOf = dayOf;
    this.#day = new Float64Array(places).fill(NaN);
    this.#opened = new Float64Array(places);
  }

  /** Why the signal is not let through; null where it is. */
  refusal(signal: Signal, moment: GatedMoment): RefusedOrder | null {
    const refusal = validateSignal(signal, this.#rules, moment);
    const { opening } = this.#rules;
    if (refusal !== null || opening === undefined || !moment.opens) return refusal;
    const { place, timeMs, symbol } = moment;
    const day = this.#dayOf(timeMs);
    const openedToday = this.#day[place] === day ? this.#opened[place]! : 0;
    const held = openingRefusal(signal, opening, { timeMs, symbol, openedToday });
    if (held !== null) return held;
    this.#day[place] = day;
    this.#opened[place] = openedToday + 1;
    return null;
  }

  /** SELL opens a short position. */
  get longShort(): boolean {
    return this.#rules.longShort;
  }

  save(): Json {
    return this.#memory().save();
  }

  restore(state: Json): void {
    this.#memory().restore(state);
  }

  #memory(): Memory {
    return memoryOf({ day: this.#day, opened: this.#opened });
  }
}
