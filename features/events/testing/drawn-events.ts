import { DAY_MS } from '../../timeframe.ts';
import { EventBook } from '../event-book.ts';
import { EVENT_KINDS, MARKET, type PointInTimeEvent } from '../point-in-time-event.ts';

/**
 * Events of some days from `fromMs` on, drawn by `next`: of every kind, with and without values, some corrected later,
 * some known long after they happened, some before.
 */
export function drawnEvents(symbols: readonly string[], days: number, next: () => number, fromMs = 0): EventBook {
  const events: PointInTimeEvent[] = [];
  for (const symbol of [...symbols, MARKET]) {
    for (let day = 0; day < days; day++) {
      if (next() < 0.4) continue;
      const kind = EVENT_KINDS[Math.floor(next() * EVENT_KINDS.length)]!;
      const knownMs = fromMs + Math.floor((day + next()) * DAY_MS);
      const eventMs = kind === 'calendar' ? knownMs + 9 * DAY_MS * next() : knownMs - 40 * DAY_MS * next();
      const value = next() < 0.2 ? NaN : Math.round(200 * next() - 100) / 10;
      const expected = next() < 0.5 ? NaN : Math.round(200 * next() - 100) / 10;
      const field = kind === 'fundamental' ? 'eps' : '';
      const event = { symbol, kind, field, value, expected, eventMs, knownMs, key: `${symbol} ${day}` };
      events.push(event);
      if (next() < 0.2) events.push({ ...event, value: value + 1, knownMs: knownMs + Math.floor(6 * DAY_MS * next()) });
    }
  }
  return new EventBook(events);
}
