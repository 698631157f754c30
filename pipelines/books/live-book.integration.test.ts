import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../infra/clock.ts';
import { commandContext } from '../../infra/testing/command-context.ts';
import { WAIT_MS } from '../../infra/testing/patience.ts';
import { createRandom } from '../../infra/random.ts';
import { loadConfig } from '../../infra/config.ts';
import { runBook } from '../commands/book-command.ts';
import { systemFeedClock } from '../feeds/feed-clock.ts';
import { createBinanceDepth } from '../vendors/binance/binance-depth.ts';
import type { BookReplica } from './book-replica.ts';
import { liveBook } from './live-book.ts';
import { BinanceBookServer, type BookFault } from './testing/binance-book-server.ts';

// Order books through Binance's SDK, beside a server that speaks its protocol and keeps its own book.

let server: BinanceBookServer;
let stop: AbortController;
let watching: Promise<void> = Promise.resolve();
let notes: string[];
let seen: BookReplica | null;

beforeEach(async () => {
  server = await BinanceBookServer.start(1);
  [stop, notes, seen] = [new AbortController(), [], null];
});
afterEach(async () => {
  stop.abort();
  await watching;
  await server.stop();
});

function watch(silentAfterMs?: number): void {
  const { url, streamUrl } = server;
  const source = createBinanceDepth({ settings: { url, streamUrl }, pair: 'BTCUSDT', clock: systemClock });
  const options = { source, clock: systemFeedClock, random: createRandom('book'), signal: stop.signal };
  const books = liveBook({ ...options, note: (text) => notes.push(text), silentAfterMs });
  watching = (async () => {
    for await (const book of books) seen = book;
  })();
}

async function until(what: string, holds: () => boolean, moves = true): Promise<void> {
  const untilMs = systemClock() + WAIT_MS;
  while (!holds()) {
    if (systemClock() > untilMs) throw new Error(`it never came to this: ${what}; notes: ${notes.join('; ')}`);
    if (moves) server.step();
    await sleep(5);
  }
}

/** The copy has come to the server's last update, and every level of it is the server's. */
async function isSame(): Promise<void> {
  await until('it is live', () => seen?.isLive === true);
  // An old snapshot shows only by the changes that come after it.
  let quietMs = systemClock();
  await until(
    'it is as far',
    () => {
      if (systemClock() - quietMs > 200) {
        server.step();
        quietMs = systemClock();
      }
      return seen?.last === server.update;
    },
    false,
  );
  for (const side of ['bids', 'asks'] as const) {
    const levels = Array.from({ length: seen![side].length }, (_, place) => seen![side].level(place));
    expect(levels).toEqual(server.levels(side));
    expect(levels.length).toBeGreaterThan(5);
  }
}

describe('a live order book', () => {
  it('is the venue’s, update after update', async () => {
    watch();
    for (let turn = 0; turn < 5; turn++) {
      for (let step = 0; step < 20; step++) server.step();
      await isSame();
    }
    expect([server.connections, notes]).toEqual([1, []]);
  });

  it.each<[BookFault, RegExp | null]>([
    ['skip', null],
    ['garble', /cannot be read: depthUpdate: U/],
    ['cut', /connection was (lost|closed)/],
  ])('is whole again by itself after "%s", and unknown meanwhile', async (fault, why) => {
    watch();
    await isSame();
    const before = server.snapshots;
    server.fault = fault;
    server.step();
    server.step();
    await until('it was lost', () => server.snapshots > before || seen?.isLive === false);
    await isSame();
    expect(server.snapshots).toBeGreaterThan(before);
    if (why === null) expect(notes).toEqual([]);
    else expect(notes.join()).toMatch(why);
  });

  it('asks again for a snapshot that is refused, or older than what it was told', async () => {
    watch();
    await isSame();
    for (let step = 0; step < 20; step++) server.step();
    const before = server.snapshots;
    // The answer of before, which the changes since the new connection do not reach back to.
    server.fault = 'cut';
    server.step();
    await until('it is asked for', () => server.connections === 2);
    server.fault = 'stale';
    await isSame();
    expect(server.snapshots).toBeGreaterThan(before);
    server.fault = 'cut';
    server.step();
    await until('it is lost', () => seen?.isLive === false);
    server.fault = 'refuse';
    await isSame();
    expect(notes.join()).toContain('503');
  });

  it('is lost where nothing changes for too long', async () => {
    watch(300);
    await isSame();
    server.fault = 'mute';
    const before = server.connections;
    const untilMs = systemClock() + WAIT_MS;
    while (server.connections === before && systemClock() < untilMs) await sleep(10);
    expect(notes.join()).toContain('no change for 0.3 s');
    server.fault = null;
    await isSame();
  });
});

describe('book SYMBOL', () => {
  const context = () => {
    const config = loadConfig({ BINANCE_URL: server.url, BINANCE_STREAM_URL: server.streamUrl });
    return commandContext({ config, signal: stop.signal });
  };

  it('shows the best levels, and what an order would cost as far as the book is known', async () => {
    const moving = setInterval(() => server.step(), 20);
    try {
      const { value, text } = await runBook(context(), { levels: '3', units: '10' }, 'BTC/USDT');
      const shown = value as { bids: [number, number][]; asks: [number, number][]; buy: { price: number } };
      expect([shown.bids.length, shown.asks.length]).toEqual([3, 3]);
      expect(shown.bids[0]![0]).toBeLessThan(shown.asks[0]![0]);
      expect(shown.buy.price).toBeGreaterThanOrEqual(shown.asks[0]![0]);
      expect(text()).toContain('BTC/USDT, update');
      expect(text()).toMatch(/^buy 10: \d+/m);
      const huge = await runBook(context(), { levels: '1', units: '1000000000' }, 'BTCUSDT');
      expect((huge.value as { sell: { price: number | null } }).sell.price).toBe(null);
      expect(huge.text()).toContain('the book is known to hold');
    } finally {
      clearInterval(moving);
    }
  });

  it('refuses what it cannot show, in words', async () => {
    await expect(runBook(context(), { levels: '0' }, 'BTC/USDT')).rejects.toThrow('--levels 0');
    await expect(runBook(context(), { levels: '1', units: 'x' }, 'BTC/USDT')).rejects.toThrow('--units x');
    await expect(runBook(context(), { levels: '1' }, 'AAPL')).rejects.toThrow('has no AAPL');
  });
});
