import { barAt, createBarColumns, type Bar, type BarColumns } from '../../../features/bar.ts';
import type { Random } from '../../../infra/random.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import type { FeedClock } from '../feed-clock.ts';
import { LiveFeed } from '../live-feed.ts';
import { STREAM_BAR_MS, type HistoryReader } from '../stream-connection.ts';
import { createFastClock } from './fast-clock.ts';
import type { StreamFault } from './fault-names.ts';
import { StreamServer } from './stream-server.ts';
import type { VendorStream } from './vendor-streams.ts';

export interface StreamFaultOutcome {
  /** Bars there were, and what became of them. */
  readonly bars: number;
  readonly lost: number;
  readonly doubled: number;
  readonly different: number;
  readonly outOfOrder: number;
  readonly fromStream: number;
  /** How often the fault was done, and how often the client connected. */
  readonly injected: number;
  readonly connections: number;
  readonly quotes: number;
  readonly invalid: number;
}

/** 100 ms of the machine are a minute of the feed. */
const SPEED = 600;
const START_MS = Date.UTC(2024, 6, 11, 14);
/** Longer than a busy machine keeps a message waiting: 33 ms of it. */
const LATENESS_MS = 20_000;

/**
 * A feed through a vendor's real client and a socket, at 600 times the pace of the market, while the server commits
 * `fault`; compared bar for bar with what the vendor had.
 */
export async function compareOverSocket(
  vendor: VendorStream,
  options: { fault: StreamFault; minutes: number; random: Random },
): Promise<StreamFaultOutcome> {
  const { fault, minutes, random } = options;
  const server = await StreamServer.start(vendor.protocol);
  const clock = createFastClock(START_MS, SPEED);
  const truth = vendor.symbols.map((symbol) => madeUpMinutes(symbol, minutes, random.fork(symbol)));
  const script = new Script({ server, clock, truth, fault, random: random.fork('script') });
  const ending = new AbortController();
  const feed = new LiveFeed({
    symbols: vendor.symbols,
    timeframe: '1m',
    calendar: calendarNamed(vendor.protocol.vendor === 'binance' ? 'crypto' : 'us-equities'),
    connector: vendor.connector(server.url, () => clock.now()),
    history: historyOf(truth, clock),
    random: random.fork('feed'),
    latenessMs: LATENESS_MS,
    silentAfterMs: 150_000,
    // A second of the machine.
    handshakeMs: SPEED * 1_000,
    clock,
    signal: ending.signal,
  });
  const playing = script.play().finally(() => ending.abort());
  try {
    const seen: { symbol: string; bar: Bar }[] = [];
    for await (const event of feed) if (event.kind === 'bar') seen.push(event);
    await playing;
    const { bars, connections, quotes, invalid } = feed.status();
    const figures = { fromStream: bars.stream, injected: script.injected, connections, quotes, invalid };
    return { ...judge(truth, seen), ...figures };
  } finally {
    await server.stop();
  }
}

interface ScriptOptions {
  readonly server: StreamServer;
  readonly clock: FeedClock;
  readonly truth: readonly BarColumns[];
  readonly fault: StreamFault;
  readonly random: Random;
}

/** Streams the truth minute by minute, and does wrong what it is asked to. */
class Script {
  injected = 0;
  readonly #options: ScriptOptions;

  constructor(options: ScriptOptions) {
    this.#options = options;
  }

  async play(): Promise<void> {
    const { truth, server } = this.#options;
    for (let row = 0; row < truth[0]!.length; row++) {
      const bars = truth.map((columns) => ({ symbol: columns.symbol, bar: barAt(columns, row) }));
      await this.#until(bars[0]!.bar.closeTimeMs - STREAM_BAR_MS / 2);
      for (const { symbol, bar } of bars) {
        server.send(server.protocol.unclosed(symbol, { ...bar, close: bar.open }));
        const timeMs = this.#options.clock.now();
        server.send(server.protocol.quote({ symbol, bid: bar.low, bidSize: 1, ask: bar.high, askSize: 2, timeMs }));
      }
      await this.#until(bars[0]!.bar.closeTimeMs);
      this.#minute(bars);
    }
    await this.#until(START_MS + truth[0]!.length * STREAM_BAR_MS + 4 * LATENESS_MS);
  }

  #minute(bars: { symbol: string; bar: Bar }[]): void {
    const { server } = this.#options;
    if (this.#hits('reorders', 0.3)) bars.reverse();
    for (const { symbol, bar } of bars) {
      const frame = server.protocol.bar(symbol, bar);
      if (this.#hits('skips', 0.1)) continue;
      if (this.#hits('reorders', 0.15)) this.#later(frame, 5_000);
      else if (this.#hits('late', 0.1)) this.#later(frame, 5 * STREAM_BAR_MS);
      else server.send(frame);
      if (this.#hits('repeats', 0.2)) this.#later(frame, 2 * STREAM_BAR_MS);
      if (this.#hits('garbage', 0.2)) {
        server.send(server.protocol.garbage[this.#options.random.integer(server.protocol.garbage.length)]!);
      }
      // In the middle of a minute, so that some symbols have had their bar and some have not.
      if (this.#hits('closes', 0.05)) server.drop('close');
      if (this.#hits('cuts', 0.05)) server.drop('cut');
      if (this.#hits('stalls', 0.03)) server.stall();
    }
    const refusing = this.#hits('refusals', 0.3);
    server.mood = { ...server.mood, subscriptions: refusing ? 'refused' : 'accepted' };
    if (refusing) server.drop('close');
  }

  #hits(fault: StreamFault, share: number): boolean {
    const asked = this.#options.fault === fault || this.#options.fault === 'everything';
    if (!asked || this.#options.random.next() >= share) return false;
    this.injected += 1;
    return true;
  }

  #later(frame: Buffer, withinMs: number): void {
    const { clock, random, server } = this.#options;
    clock.after(random.integer(withinMs), () => server.send(frame));
  }

  #until(timeMs: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => clock.after(Math.max(0, timeMs - clock.now()), resolve));
  }
}

/** What the vendor's history holds: minutes from 10 s after their close on. */
function historyOf(truth: readonly BarColumns[], clock: FeedClock): HistoryReader {
  return {
    minutes: async function* (symbol, fromMs, toMs) {
      const columns = truth.find((one) => one.symbol === symbol)!;
      const known = Math.min(toMs, clock.now() - 10_000 - STREAM_BAR_MS + 1);
      const from = columns.openTimeMs.findIndex((openTimeMs) => openTimeMs >= fromMs);
      const to = columns.openTimeMs.findLastIndex((openTimeMs) => openTimeMs < known);
      if (from === -1 || to < from) return;
      const page = createBarColumns(symbol, to - from + 1);
      for (const name of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
        page[name].set(columns[name].subarray(from, to + 1));
      }
      yield page;
    },
  };
}

function madeUpMinutes(symbol: string, length: number, random: Random): BarColumns {
  const columns = createBarColumns(symbol, length);
  for (let row = 0; row < length; row++) {
    const [open, close] = [100 + random.normal(), 100 + random.normal()];
    columns.openTimeMs[row] = START_MS + row * STREAM_BAR_MS;
    columns.closeTimeMs[row] = columns.openTimeMs[row]! + STREAM_BAR_MS;
    columns.open[row] = open;
    columns.close[row] = close;
    columns.high[row] = Math.max(open, close) + random.next();
    columns.low[row] = Math.min(open, close) - random.next();
    columns.volume[row] = 1 + random.integer(1_000);
  }
  return columns;
}

function judge(
  truth: readonly BarColumns[],
  seen: readonly { symbol: string; bar: Bar }[],
): Pick<StreamFaultOutcome, 'bars' | 'lost' | 'doubled' | 'different' | 'outOfOrder'> {
  const outcome = { bars: 0, lost: 0, doubled: 0, different: 0, outOfOrder: 0 };
  for (const columns of truth) {
    const bars = seen.filter(({ symbol }) => symbol === columns.symbol).map(({ bar }) => bar);
    const byOpen = new Map(bars.map((bar) => [bar.openTimeMs, bar]));
    outcome.bars += columns.length;
    outcome.doubled += bars.length - byOpen.size;
    for (let row = 0; row < columns.length; row++) {
      const wanted = barAt(columns, row);
      const bar = byOpen.get(wanted.openTimeMs);
      byOpen.delete(wanted.openTimeMs);
      if (bar === undefined) outcome.lost += 1;
      else if (JSON.stringify(bar, Object.keys(wanted)) !== JSON.stringify(wanted)) outcome.different += 1;
    }
    outcome.different += byOpen.size;
  }
  for (let at = 1; at < seen.length; at++) {
    if (seen[at]!.bar.closeTimeMs < seen[at - 1]!.bar.closeTimeMs) outcome.outOfOrder += 1;
  }
  return outcome;
}
