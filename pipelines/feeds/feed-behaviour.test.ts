import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createBarColumns, type Bar } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import { createRandom } from '../../infra/random.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { VendorError } from '../vendors/vendor-error.ts';
import type { FeedEvent, StatusKind } from './feed-event.ts';
import { LiveFeed, type LiveFeedOptions } from './live-feed.ts';
import type { ConnectOptions, HistoryReader, StreamConnector } from './stream-connection.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const MINUTE = 60_000;
/** Thursday 10:00 in New York. */
const OPEN_MS = Date.UTC(2024, 6, 11, 14);

/** A vendor in the test's hands: what it streams, and what its history holds. */
class Hand implements StreamConnector, HistoryReader {
  readonly vendor = 'hand';
  readonly history = new Map<string, Bar[]>();
  readonly asked: { symbol: string; fromMs: number; toMs: number; atMs: number }[] = [];
  readonly connectedMs: number[] = [];
  refusal: Error | null = null;
  historyFailure: Error | null = null;
  open: ConnectOptions | null = null;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async connect(options: ConnectOptions) {
    this.connectedMs.push(this.#clock.now());
    if (this.refusal !== null) throw this.refusal;
    this.open = options;
    return { close: () => (this.open = null) };
  }

  async *minutes(symbol: string, fromMs: number, toMs: number) {
    this.asked.push({ symbol, fromMs, toMs, atMs: this.#clock.now() });
    if (this.historyFailure !== null) throw this.historyFailure;
    const bars = (this.history.get(symbol) ?? []).filter((bar) => bar.openTimeMs >= fromMs && bar.openTimeMs < toMs);
    const columns = createBarColumns(symbol, bars.length);
    for (const name of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
      bars.forEach((bar, row) => (columns[name][row] = bar[name]));
    }
    yield columns;
  }

  stream(symbol: string, bar: Bar, kind: 'bar' | 'revision' = 'bar'): void {
    const { closeTimeMs: _close, ...values } = bar;
    this.open?.onMessage({ kind, bar: { symbol, ...values } });
  }

  quote(symbol: string, bid: number): void {
    const quote = { symbol, bid, ask: bid + 1, bidSize: 1, askSize: 1, timeMs: this.#clock.now() - 30 };
    this.open?.onMessage({ kind: 'quote', quote });
  }
}

const minute = (index: number, close = 10): Bar => {
  const openTimeMs = OPEN_MS + index * MINUTE;
  return { openTimeMs, closeTimeMs: openTimeMs + MINUTE, open: 10, high: 12, low: 9, close, volume: 5 };
};

interface Setting {
  readonly clock: VirtualClock;
  readonly hand: Hand;
  readonly feed: LiveFeed;
  readonly events: FeedEvent[];
  /** Takes events for so long, of virtual time. */
  run(forMs: number): Promise<void>;
}

function setting(options: Partial<LiveFeedOptions> = {}, startMs = OPEN_MS): Setting {
  const clock = new VirtualClock(startMs);
  const hand = new Hand(clock);
  const ending = new AbortController();
  const feed = new LiveFeed({
    symbols: ['A', 'B'],
    timeframe: '1m',
    calendar: calendarNamed('us-equities'),
    connector: hand,
    history: hand,
    random: createRandom(1),
    lagEveryMs: DAY_MS,
    clock,
    signal: ending.signal,
    ...options,
  });
  const events: FeedEvent[] = [];
  const take = async (): Promise<void> => {
    for await (const event of feed) events.push(event);
  };
  const run = (forMs: number): Promise<void> => {
    clock.after(forMs, () => ending.abort());
    return clock.runUntil(take());
  };
  return { clock, hand, feed, events, run };
}

const statuses = (events: readonly FeedEvent[], status: StatusKind) =>
  events.filter((event) => event.kind === 'status' && event.status === status);
const barsOf = (events: readonly FeedEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'bar' ? [`${event.symbol}${(event.bar.openTimeMs - OPEN_MS) / MINUTE} ${event.origin}`] : [],
  );

describe('bars', () => {
  it('come as soon as every symbol has closed the minute, in universe order', async () => {
    const { clock, hand, events, run } = setting();
    clock.after(MINUTE + 10, () => hand.stream('B', minute(0)));
    let before = -1;
    clock.after(MINUTE + 400, () => (before = barsOf(events).length));
    clock.after(MINUTE + 500, () => hand.stream('A', minute(0)));
    clock.after(MINUTE + 600, () => expect(barsOf(events)).toEqual(['A0 stream', 'B0 stream']));
    await run(MINUTE + 700);
    expect(before).toBe(0);
    expect(events.flatMap((event) => (event.kind === 'bar' ? [event.lastOfClose] : []))).toEqual([false, true]);
    expect(hand.asked).toEqual([]);
  });

  it('that the stream has not brought within the lateness are read from history, with two minutes to check', async () => {
    const { clock, hand, events, run } = setting({ latenessMs: 7_000 });
    hand.history.set('A', [minute(0), minute(1)]);
    for (const index of [0, 1]) clock.after((index + 1) * MINUTE + 10, () => hand.stream('B', minute(index)));
    clock.after(MINUTE + 10, () => hand.stream('A', minute(0)));
    await run(3 * MINUTE);
    expect(barsOf(events)).toEqual(['A0 stream', 'B0 stream', 'A1 history', 'B1 stream']);
    const atMs = OPEN_MS + 2 * MINUTE + 7_000;
    expect(hand.asked).toEqual([{ symbol: 'A', fromMs: OPEN_MS - MINUTE, toMs: OPEN_MS + 2 * MINUTE, atMs }]);
    expect(statuses(events, 'gap-filled')).toMatchObject([{ symbol: 'A' }]);
  });

  it('of a longer size begin with the one under way, completed from history', async () => {
    const { hand, events, run } = setting({ symbols: ['A'], timeframe: '5m' }, OPEN_MS + 2 * MINUTE + 30_000);
    hand.history.set('A', [minute(-1, 7), minute(0, 8), minute(3, 9), minute(4, 11)]);
    await run(5 * MINUTE);
    const bars = events.flatMap((event) => (event.kind === 'bar' ? [event.bar] : []));
    expect(bars).toEqual([{ ...minute(0), closeTimeMs: OPEN_MS + 5 * MINUTE, close: 11, volume: 15 }]);
  });

  it('before and after trading hours are left out, and the night is no gap', async () => {
    const beforeOpen = Date.UTC(2024, 6, 11, 13, 25);
    const { clock, hand, events, run } = setting({ symbols: ['A'] }, beforeOpen);
    const at = (index: number): Bar => ({ ...minute(0), openTimeMs: beforeOpen + index * MINUTE });
    for (let index = 0; index < 7; index++) clock.after((index + 1) * MINUTE + 10, () => hand.stream('A', at(index)));
    await run(7 * MINUTE + 1_000);
    expect(events.filter(({ kind }) => kind === 'bar')).toHaveLength(2);
    expect(hand.asked).toEqual([]);
  });

  it('never repeat, and what is said otherwise afterwards is told as a correction', async () => {
    const { clock, hand, feed, events, run } = setting({ symbols: ['A'] });
    clock.after(MINUTE + 10, () => hand.stream('A', minute(0)));
    clock.after(MINUTE + 20, () => hand.stream('A', minute(0)));
    clock.after(MINUTE + 30_000, () => hand.stream('A', minute(0, 11), 'revision'));
    // The second minute was quiet, says history; then a bar of it comes after all.
    clock.after(2 * MINUTE + 20_000, () => hand.stream('A', minute(1)));
    clock.after(2 * MINUTE + 20_010, () => hand.stream('A', minute(1)));
    await run(3 * MINUTE);
    expect(barsOf(events)).toEqual(['A0 stream']);
    const corrections = events.filter(({ kind }) => kind === 'correction');
    expect(corrections).toMatchObject([
      { reason: 'revised', bar: minute(0, 11), previous: minute(0) },
      { reason: 'late', bar: minute(1), previous: null },
    ]);
    expect(feed.status()).toMatchObject({ repeats: 2, corrections: 2 });
  });

  it('that are revised while they wait for one before them come with the new values', async () => {
    const { clock, hand, events, run } = setting({ symbols: ['B'], latenessMs: 70_000 });
    clock.after(2 * MINUTE + 10, () => hand.stream('B', minute(1, 10)));
    clock.after(2 * MINUTE + 20, () => hand.stream('B', minute(1, 11), 'revision'));
    await run(3 * MINUTE);
    const closes = events.flatMap((event) => (event.kind === 'bar' && event.symbol === 'B' ? [event.bar.close] : []));
    expect(closes).toEqual([11]);
    expect(events.filter(({ kind }) => kind === 'correction')).toEqual([]);
  });

  it('off the minute, from the future or of a stranger are invalid', async () => {
    const { clock, hand, feed, events, run } = setting({ symbols: ['A'] });
    clock.after(10, () => {
      hand.stream('A', { ...minute(-1), openTimeMs: OPEN_MS - 30_000 });
      hand.stream('A', minute(5));
      hand.stream('C', minute(-1));
      hand.quote('C', 1);
    });
    await run(1_000);
    expect(feed.status().invalid).toBe(4);
    expect(statuses(events, 'invalid')).toHaveLength(4);
  });
});

describe('a connection', () => {
  it('is given up when it is silent while the market is open, and made anew after a short wait', async () => {
    const { clock, hand, events, run } = setting({ silentAfterMs: 90_000 });
    clock.after(30_000, () => hand.quote('A', 1));
    await run(150_000);
    expect(statuses(events, 'silent')).toMatchObject([{ timeMs: OPEN_MS + 120_000 }]);
    expect(hand.connectedMs).toHaveLength(2);
    const waited = hand.connectedMs[1]! - (OPEN_MS + 120_000);
    expect(waited).toBeGreaterThanOrEqual(500);
    expect(waited).toBeLessThanOrEqual(1_000);
  });

  it('may be silent outside trading hours, through a night and a holiday', async () => {
    // From Wednesday's close before Independence Day to Friday's open.
    const { hand, events, run } = setting({}, Date.UTC(2024, 6, 3, 17));
    await run(Date.UTC(2024, 6, 5, 13, 31) - Date.UTC(2024, 6, 3, 17));
    expect(statuses(events, 'silent')).toEqual([]);
    expect(hand.connectedMs).toHaveLength(1);
    expect(hand.asked).toEqual([]);
  });

  it('is made anew when it has forgotten one symbol of many', async () => {
    const { clock, hand, events, run } = setting();
    for (let index = 0; index < 6; index++) {
      hand.history.set('A', [...(hand.history.get('A') ?? []), minute(index)]);
      clock.after((index + 1) * MINUTE + 10, () => hand.stream('B', minute(index)));
    }
    await run(5 * MINUTE);
    expect(statuses(events, 'silent')).toMatchObject([{ message: 'the stream brings no bars of A' }]);
    expect(hand.connectedMs).toHaveLength(2);
  });

  it('waits longer and longer between attempts, up to a minute', async () => {
    const { hand, run } = setting({ silentAfterMs: DAY_MS });
    hand.refusal = new VendorError({ kind: 'unavailable', vendor: 'hand', endpoint: 'stream', detail: 'no' });
    await run(10 * MINUTE);
    const waits = hand.connectedMs.slice(1).map((timeMs, index) => timeMs - hand.connectedMs[index]!);
    [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000].forEach((longest, index) => {
      expect(waits[index]).toBeLessThanOrEqual(longest);
      expect(waits[index]).toBeGreaterThanOrEqual(longest / 2);
    });
  });

  it('that breaks as soon as it is made is no reason to hurry; one that lasted is', async () => {
    const { clock, hand, run } = setting({ silentAfterMs: DAY_MS });
    const breakAtOnce = (left: number): void => {
      clock.after(10, () => {
        if (hand.open === null) return breakAtOnce(left);
        const { onClose } = hand.open;
        hand.open = null;
        onClose('gone');
        if (left > 1) breakAtOnce(left - 1);
      });
    };
    breakAtOnce(4);
    clock.after(3 * MINUTE, () => hand.open!.onClose('gone after a while'));
    await run(4 * MINUTE);
    const waits = hand.connectedMs.slice(1).map((timeMs, index) => timeMs - hand.connectedMs[index]!);
    expect(waits[3]).toBeGreaterThan(4_000);
    expect(hand.connectedMs[5]! - (OPEN_MS + 3 * MINUTE)).toBeLessThanOrEqual(1_000);
  });

  it('that is refused for good at the start ends the feed; one that worked before is tried again', async () => {
    const no = new VendorError({ kind: 'unauthorised', vendor: 'hand', endpoint: 'stream', detail: 'no' });
    const first = setting();
    first.hand.refusal = no;
    await expect(first.run(MINUTE)).rejects.toBe(no);
    const later = setting();
    later.clock.after(1_000, () => {
      later.hand.refusal = no;
      later.hand.open!.onClose('gone');
    });
    later.clock.after(20_000, () => (later.hand.refusal = null));
    await later.run(MINUTE);
    expect(statuses(later.events, 'refused').length).toBeGreaterThan(1);
    expect(later.feed.status().connections).toBe(2);
  });
});

describe('history', () => {
  it('that fails is asked again, later and later; no bar passes it by', async () => {
    const { clock, hand, events, run } = setting({ symbols: ['A'] });
    hand.historyFailure = new VendorError({ kind: 'unavailable', vendor: 'hand', endpoint: 'bars', detail: 'no' });
    hand.history.set('A', [minute(0)]);
    clock.after(2 * MINUTE + 10, () => hand.stream('A', minute(1)));
    clock.after(2 * MINUTE + 30_000, () => {
      expect(barsOf(events)).toEqual([]);
      hand.historyFailure = null;
    });
    await run(4 * MINUTE);
    expect(statuses(events, 'history-failed').length).toBeGreaterThan(3);
    expect(barsOf(events)).toEqual(['A0 history', 'A1 stream']);
  });

  it('that does not hold yet what the stream has brought takes nothing away', async () => {
    const { clock, hand, events, run } = setting({ symbols: ['A'] });
    hand.historyFailure = new VendorError({ kind: 'unavailable', vendor: 'hand', endpoint: 'bars', detail: 'no' });
    hand.history.set('A', [minute(0), minute(2)]);
    clock.after(2 * MINUTE + 10, () => hand.stream('A', minute(1)));
    clock.after(3 * MINUTE + 20_000, () => (hand.historyFailure = null));
    await run(6 * MINUTE);
    expect(barsOf(events)).toEqual(['A0 history', 'A1 stream', 'A2 history']);
  });

  it('waits as long as the vendor asks', async () => {
    const { hand, run } = setting({ symbols: ['A'] });
    const options = {
      kind: 'rate-limited',
      vendor: 'hand',
      endpoint: 'bars',
      detail: 'slow',
      retryAfterMs: 90_000,
    } as const;
    hand.historyFailure = new VendorError(options);
    await run(4 * MINUTE);
    expect(hand.asked[1]!.atMs - hand.asked[0]!.atMs).toBe(90_000);
  });

  it('that refuses for good ends the feed', async () => {
    const { hand, run } = setting({ symbols: ['A'] });
    hand.historyFailure = new InputError('no such symbol');
    await expect(run(3 * MINUTE)).rejects.toThrow('no such symbol');
  });
});

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
