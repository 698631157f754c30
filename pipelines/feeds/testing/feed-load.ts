import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { Bar } from '../../../features/bar.ts';
import { createRandom } from '../../../infra/random.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import type { FeedClock } from '../feed-clock.ts';
import { LiveFeed } from '../live-feed.ts';
import { LagMeter } from '../lag-meter.ts';
import { STREAM_BAR_MS } from '../stream-connection.ts';
import { StreamServer } from './stream-server.ts';
import type { VendorStream } from './vendor-streams.ts';

const START_MS = Date.UTC(2024, 6, 11);
/** Messages sent and not yet read, at most: what lies in the buffers of the sockets. */
const IN_FLIGHT_MAX = 2_000;
const CHUNK = 100;

export interface FeedLoad {
  readonly symbols: number;
  readonly minutes: number;
  /** Quotes of each symbol in a minute, beside its bar. */
  readonly quotes: number;
  /** Messages a second; Infinity sends as fast as they are read. */
  readonly perSecond: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface FeedLoadFigures {
  readonly messages: number;
  readonly seconds: number;
  readonly bars: number;
  /** Sums of the closes sent and handed out: no bar was lost, doubled or changed. */
  readonly sentSum: number;
  readonly takenSum: number;
  readonly fromStream: number;
  readonly quotesTaken: number;
  readonly conflatedQuotes: number;
  readonly heldPeak: number;
  /** From sending a quote to its being taken out of the feed. */
  readonly lagP50Ms: number | null;
  readonly lagP99Ms: number | null;
  readonly peakRssMb: number;
}

/**
 * Sends minutes of bars and quotes, one message a frame, over a loopback socket through a vendor's real client into a
 * feed, all in this process, server included. The feed's minutes pass as fast as they are sent.
 */
export async function measureFeedLoad(vendor: VendorStream, load: FeedLoad): Promise<FeedLoadFigures> {
  const server = await StreamServer.start(vendor.protocol);
  const symbols = Array.from({ length: load.symbols }, (_, index) => symbolOf(vendor, index));
  const clock = new SentClock();
  const feed = new LiveFeed({
    symbols,
    timeframe: '1m',
    calendar: calendarNamed('none'),
    connector: vendor.connector(server.url, load.now),
    history: { minutes: async function* () {} },
    random: createRandom(1),
    // The clock jumps: nothing but the stream may bring a bar here.
    latenessMs: 10 * STREAM_BAR_MS,
    silentAfterMs: 1e12,
    lagEveryMs: 1e12,
    clock,
  });
  const sender = new Sender({ server, feed, clock, load, symbols });
  const taken = new Taken(load);
  const sending = sender.send();
  try {
    for await (const event of feed) {
      if (event.kind === 'quote') taken.quote(event.quote.timeMs);
      if (event.kind === 'bar' && taken.bar(event.bar) === load.symbols * load.minutes) break;
    }
    const seconds = (load.now() - (await sending)) / 1000;
    const { conflatedQuotes, heldPeak, bars } = feed.status();
    const { messages, sum: sentSum } = sender;
    return { messages, seconds, sentSum, conflatedQuotes, heldPeak, fromStream: bars.stream, ...taken.figures() };
  } finally {
    await server.stop();
  }
}

/** Names that each vendor understands; Binance's are pairs. */
function symbolOf(vendor: VendorStream, index: number): string {
  const letters = String.fromCharCode(65 + (index % 26), 65 + Math.floor(index / 26));
  return vendor.protocol.vendor === 'binance' ? `A${letters}USDT` : `A${letters}`;
}

/** The time of the newest minute sent; timers run on the machine's. */
class SentClock implements FeedClock {
  timeMs = START_MS;

  now(): number {
    return this.timeMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(callback, Math.min(delayMs, 1_000));
    return () => clearTimeout(timer);
  }
}

interface SenderOptions {
  readonly server: StreamServer;
  readonly feed: LiveFeed;
  readonly clock: SentClock;
  readonly load: FeedLoad;
  readonly symbols: readonly string[];
}

class Sender {
  messages = 0;
  sum = 0;
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Sends everything; returns when it began. */
  async send(): Promise<number> {
    const { server, load } = this.#options;
    while (server.listeners === 0) await sleep(5);
    const startedMs = load.now();
    for (let minute = 0; minute < load.minutes; minute++) {
      for (let round = 0; round < load.quotes; round++) await this.#quotes(startedMs);
      this.#options.clock.timeMs = START_MS + (minute + 1) * STREAM_BAR_MS;
      await this.#bars(minute, startedMs);
    }
    return startedMs;
  }

  async #quotes(startedMs: number): Promise<void> {
    const { server, load, symbols } = this.#options;
    for (const symbol of symbols) {
      // Whole milliseconds of the machine's clock, to see how long the message was under way.
      const timeMs = Math.floor(load.now());
      server.send(server.protocol.quote({ symbol, bid: 10, bidSize: 1, ask: 10.5, askSize: 2, timeMs }));
      await this.#sent(startedMs);
    }
  }

  async #bars(minute: number, startedMs: number): Promise<void> {
    const { server, symbols } = this.#options;
    const openTimeMs = START_MS + minute * STREAM_BAR_MS;
    for (let index = 0; index < symbols.length; index++) {
      const close = 100 + ((minute * 31 + index * 17) % 64) / 64;
      this.sum += close;
      const bar = {
        openTimeMs,
        closeTimeMs: openTimeMs + STREAM_BAR_MS,
        open: 100,
        high: 102,
        low: 99,
        close,
        volume: 10,
      };
      server.send(server.protocol.bar(symbols[index]!, bar));
      await this.#sent(startedMs);
    }
  }

  async #sent(startedMs: number): Promise<void> {
    this.messages += 1;
    if (this.messages % CHUNK !== 0) return;
    const { feed, load } = this.#options;
    const dueMs = startedMs + (this.messages / load.perSecond) * 1000;
    if (dueMs > load.now()) await sleep(dueMs - load.now());
    do await turn();
    while (this.messages - feed.messages > IN_FLIGHT_MAX);
  }
}

/** What came out. */
class Taken {
  readonly #load: FeedLoad;
  readonly #lag = new LagMeter();
  #bars = 0;
  #quotes = 0;
  #sum = 0;
  #peakRss = 0;

  constructor(load: FeedLoad) {
    this.#load = load;
  }

  quote(sentMs: number): void {
    this.#quotes += 1;
    this.#lag.add(this.#load.now() - sentMs);
  }

  bar({ close }: Bar): number {
    this.#sum += close;
    this.#bars += 1;
    if (this.#bars % 50 === 0) this.#peakRss = Math.max(this.#peakRss, process.memoryUsage.rss());
    return this.#bars;
  }

  figures() {
    const { p50Ms, p99Ms } = this.#lag.quantiles();
    const peakRssMb = Math.round(this.#peakRss / 2 ** 20);
    const sums = { bars: this.#bars, quotesTaken: this.#quotes, takenSum: this.#sum };
    return { ...sums, lagP50Ms: p50Ms, lagP99Ms: p99Ms, peakRssMb };
  }
}
