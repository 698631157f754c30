import { EventTimeline } from './event-timeline.ts';
import { MARKET, type PointInTimeEvent } from './point-in-time-event.ts';

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By the time that it became known, then by what it is: the order in which events may be taken. */
function byKnownTime(a: PointInTimeEvent, b: PointInTimeEvent): number {
  return a.knownMs - b.knownMs || compare(a.symbol, b.symbol) || compare(a.key, b.key) || compare(a.field, b.field);
}

/**
 * The events of a universe as features read them. It is read by time: who asks at a moment sees what had become known
 * by it, corrections included, and nothing else. It grows at its end only.
 */
export class EventBook {
  readonly #events: PointInTimeEvent[] = [];
  readonly #timelines = new Map<string, EventTimeline>();
  readonly #bySymbol = new Map<string, PointInTimeEvent[]>();

  /** `events` in any order. Of two with one key that became known together the later one counts. */
  constructor(events: Iterable<PointInTimeEvent> = []) {
    const sorted = [...events].sort(byKnownTime);
    for (const event of sorted) this.#keep(event);
  }

  get size(): number {
    return this.#events.length;
  }

  /** Adds an event. Throws RangeError where it became known before one that is there already. */
  add(event: PointInTimeEvent): void {
    const newestMs = this.#events.at(-1)?.knownMs ?? -Infinity;
    if (event.knownMs < newestMs) {
      throw new RangeError(
        `Events must come in the order in which they became known: ${event.knownMs} after ${newestMs}.`,
      );
    }
    this.#keep(event);
    for (const timeline of this.#timelines.values()) timeline.offer(event);
  }

  /** Every event, in the order in which they became known. */
  events(): readonly PointInTimeEvent[] {
    return this.#events;
  }

  /** Events about `symbol`, in the order in which they became known. */
  eventsOf(symbol: string): readonly PointInTimeEvent[] {
    return this.#bySymbol.get(symbol) ?? [];
  }

  /** A book of its own of what is about these symbols, and about the market. */
  about(symbols: readonly string[]): EventBook {
    return new EventBook([...new Set([...symbols, MARKET])].flatMap((symbol) => this.eventsOf(symbol)));
  }

  /** Those of `symbol` about `topic`: a kind, or a kind and a field as in `fundamental.eps`. */
  timeline(symbol: string, topic: string): EventTimeline {
    const name = `${topic} ${symbol}`;
    const known = this.#timelines.get(name);
    if (known !== undefined) return known;
    const timeline = new EventTimeline(symbol, topic);
    for (const event of this.eventsOf(symbol)) timeline.offer(event);
    this.#timelines.set(name, timeline);
    return timeline;
  }

  #keep(event: PointInTimeEvent): void {
    this.#events.push(event);
    const own = this.#bySymbol.get(event.symbol);
    if (own === undefined) this.#bySymbol.set(event.symbol, [event]);
    else own.push(event);
  }
}
