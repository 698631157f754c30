import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import type { FeedEvent } from './feed-event.ts';
import { LiveFeed } from './live-feed.ts';
import { VirtualClock } from './testing/virtual-clock.ts';
import { barsOf, Hand, MINUTE, minute, OPEN_MS, setting, statuses } from './testing/vendor-in-hand.ts';

describe('a consumer that is slow', () => {
  it('gets the latest quote of each symbol and the count of those it missed, and every bar', async () => {
    const clock = new VirtualClock(OPEN_MS);
    const hand = new Hand(clock);
    const symbols = ['A', 'B'];
    for (const symbol of symbols)
      hand.history.set(
        symbol,
        Array.from({ length: 120 }, (_, index) => minute(index)),
      );
    const shared = {
      symbols,
      timeframe: '1m',
      calendar: calendarNamed('crypto'),
      connector: hand,
      history: hand,
    } as const;
    const feed = new LiveFeed({
      ...shared,
      random: createRandom(1),
      clock,
      maxBars: 20,
      lagEveryMs: 1e9,
      silentAfterMs: 1e9,
    });
    for (let index = 0; index < 60; index++) {
      clock.after((index + 1) * MINUTE + 10, () => {
        for (const symbol of symbols) hand.stream(symbol, minute(index));
        hand.quote('A', index + 1);
        hand.quote('B', index + 100);
      });
    }
    const taken: FeedEvent[] = [];
    const consumer = async (): Promise<void> => {
      for await (const event of feed) {
        if (taken.length === 0) await clock.sleep(60 * MINUTE + 1_000);
        taken.push(event);
        if (taken.filter(({ kind }) => kind === 'bar').length === 120) return;
      }
    };
    await clock.runUntil(consumer());
    expect(taken.flatMap((event) => (event.kind === 'quote' ? [event.quote.bid] : []))).toEqual([60, 159]);
    const bars = barsOf(taken);
    expect(bars.map((text) => text.split(' ')[0])).toEqual(
      Array.from({ length: 60 }, (_, index) => [`A${index}`, `B${index}`]).flat(),
    );
    const { conflatedQuotes, refetched, heldPeak } = feed.status();
    expect(conflatedQuotes).toBe(118);
    expect(refetched).toBe(2 * 50);
    expect(heldPeak).toBeLessThanOrEqual(2 * 20);
    expect(statuses(taken, 'behind')).toHaveLength(1);
  });
});

describe('the status of a feed', () => {
  it('shows lag of bars and quotes and how far each symbol is', async () => {
    const { clock, hand, feed, events, run } = setting({ lagEveryMs: 30_000 });
    clock.after(MINUTE + 250, () => {
      for (const symbol of ['A', 'B']) hand.stream(symbol, minute(0));
      hand.quote('A', 1);
    });
    clock.after(MINUTE + 300, () => {
      const status = feed.status();
      expect(status).toMatchObject({
        connected: true,
        connections: 1,
        bars: { stream: 2, history: 0 },
        quotes: 1,
        held: 0,
      });
      expect(status.barLag).toEqual({ p50Ms: 250, p99Ms: 250 });
      expect(status.quoteLag).toEqual({ p50Ms: 30, p99Ms: 30 });
      expect(status.symbols[0]).toEqual({ symbol: 'A', lastBarCloseMs: OPEN_MS + MINUTE, behindMs: 300 });
    });
    await run(MINUTE + 31_000);
    expect(statuses(events, 'lag').length).toBeGreaterThanOrEqual(2);
    expect(feed.status().connected).toBe(false);
    expect(hand.open).toBe(null);
  });
});
