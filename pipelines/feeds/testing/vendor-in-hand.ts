import { createBarColumns, type Bar } from '../../../features/bar.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import { createRandom } from '../../../infra/random.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import type { FeedEvent, StatusKind } from '../feed-event.ts';
import { LiveFeed, type LiveFeedOptions } from '../live-feed.ts';
import type { ConnectOptions, HistoryReader, StreamConnector } from '../stream-connection.ts';
import { VirtualClock } from './virtual-clock.ts';

export const MINUTE = 60_000;
/** Thursday 10:00 in New York. */
export const OPEN_MS = Date.UTC(2024, 6, 11, 14);

/** A vendor in the test's hands: what it streams, and what its history holds. */
export class Hand implements StreamConnector, HistoryReader {
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

export const minute = (index: number, close = 10): Bar => {
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

export function setting(options: Partial<LiveFeedOptions> = {}, startMs = OPEN_MS): Setting {
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

export const statuses = (events: readonly FeedEvent[], status: StatusKind) =>
  events.filter((event) => event.kind === 'status' && event.status === status);
export const barsOf = (events: readonly FeedEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'bar' ? [`${event.symbol}${(event.bar.openTimeMs - OPEN_MS) / MINUTE} ${event.origin}`] : [],
  );
