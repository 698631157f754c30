import type { PointInTimeEvent } from './point-in-time-event.ts';

/** Whether `topic` (a kind, or a kind and a field) means an event. */
function isAbout(topic: string, { kind, field }: PointInTimeEvent): boolean {
  return topic === kind || topic === `${kind}.${field}`;
}

/**
 * The events of one symbol about one topic, as columns in the order in which they became known. A row is one state of
 * one event: a correction is a row of its own, and ends the row before it at the moment it becomes known itself.
 */
export class EventTimeline {
  /** When each row became known. */
  readonly knownMs: number[] = [];
  /** When the first state of that event became known. */
  readonly firstKnownMs: number[] = [];
  /** When a correction of the row became known; Infinity while there is none. */
  readonly replacedMs: number[] = [];
  readonly eventMs: number[] = [];
  readonly values: number[] = [];
  readonly expected: number[] = [];
  readonly #symbol: string;
  readonly #topic: string;
  readonly #newest = new Map<string, number>();

  constructor(symbol: string, topic: string) {
    this.#symbol = symbol;
    this.#topic = topic;
  }

  get length(): number {
    return this.knownMs.length;
  }

  /** Takes an event if it is about this symbol and topic. It became known no earlier than those before it. */
  offer(event: PointInTimeEvent): void {
    if (event.symbol !== this.#symbol || !isAbout(this.#topic, event)) return;
    const key = `${event.field} ${event.key}`;
    const before = this.#newest.get(key);
    const row = this.knownMs.push(event.knownMs) - 1;
    this.firstKnownMs.push(before === undefined ? event.knownMs : this.firstKnownMs[before]!);
    this.replacedMs.push(Infinity);
    this.eventMs.push(event.eventMs);
    this.values.push(event.value);
    this.expected.push(event.expected);
    if (before !== undefined) this.replacedMs[before] = event.knownMs;
    this.#newest.set(key, row);
  }

  /** How many rows had become known by `timeMs`. `from`: a place that is not beyond, to search onwards from. */
  knownBy(timeMs: number, from = 0): number {
    let low = from;
    let high = this.length;
    // Most moments add nothing or little to the one before.
    for (let step = 1; low + step < high && this.knownMs[low + step - 1]! <= timeMs; step *= 2) low += step;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.knownMs[middle]! <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
