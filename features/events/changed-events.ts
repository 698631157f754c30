import { HOUR_MS } from '../timeframe.ts';
import { EventBook } from './event-book.ts';
import type { PointInTimeEvent } from './point-in-time-event.ts';

/**
 * A copy of `book` in which everything that became known after `cutMs` is another: values, times, what is there at all,
 * and events and corrections that were not. What had become known by then is as it was. `next` draws from [0, 1).
 */
export function changedAfter(book: EventBook, cutMs: number, next: () => number): EventBook {
  const changed: PointInTimeEvent[] = [];
  for (const event of book.events()) {
    if (event.knownMs <= cutMs) {
      changed.push(event);
      // A correction of what was known, and something new, both after the cut.
      if (next() < 0.2) changed.push({ ...event, value: 100 * next() - 50, knownMs: cutMs + 1 + HOUR_MS * next() });
      continue;
    }
    if (next() < 0.3) continue;
    const value = Number.isNaN(event.value) ? 3 * next() : event.value * (2 * next() - 1) + next();
    const knownMs = cutMs + 1 + Math.floor((event.knownMs - cutMs) * (0.5 + next()));
    changed.push({ ...event, value, knownMs });
    if (next() < 0.3) changed.push({ ...event, key: `${event.key}+`, value, knownMs });
  }
  return new EventBook(changed);
}
