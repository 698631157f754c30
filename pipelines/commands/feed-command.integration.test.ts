import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bar } from '../../features/bar.ts';
import type { CommandContext } from '../../infra/command.ts';
import { loadConfig } from '../../infra/config.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import { createRandom } from '../../infra/random.ts';
import { systemSleep } from '../../infra/sleep.ts';
import type { VendorBar } from '../vendors/pages/bar-page.ts';
import { startFakeVendorServer, type FakeVendorServer } from '../vendors/testing/fake-vendor-server.ts';
import { fakeSeries } from '../vendors/testing/fake-market.ts';
import { runFeed, type FeedCommandOptions } from './feed-command.ts';
import { binanceProtocol } from '../feeds/testing/binance-protocol.ts';
import { createFastClock } from '../feeds/testing/fast-clock.ts';
import { StreamServer } from '../feeds/testing/stream-server.ts';

const MINUTE = 60_000;
const FROM_MS = Date.UTC(2024, 6, 11, 14);
/**
 * A minute in 400 ms: the 15 s for an answer are 100 ms, which a busy machine keeps. The feed is started half an hour
 * after the first bar.
 */
const SPEED = 150;
const NOW_MS = FROM_MS + 30 * MINUTE;

let http: FakeVendorServer;
let stream: StreamServer;
let truth: VendorBar[];
let clock = createFastClock(NOW_MS, SPEED);

beforeEach(async () => {
  clock = createFastClock(NOW_MS, SPEED);
  truth = fakeSeries(createRandom(4), { timeframe: '1m', kind: 'crypto', fromMs: FROM_MS, toMs: NOW_MS + 60 * MINUTE });
  const closed = () => truth.filter(({ timeMs }) => timeMs + MINUTE <= clock.now());
  http = await startFakeVendorServer({
    market: { bars: (symbol) => (symbol === 'BTCUSDT' ? closed() : undefined), quote: () => undefined },
  });
  stream = await StreamServer.start(binanceProtocol);
});
afterEach(async () => {
  await stream.stop();
  await http.close();
});

const barOf = ({ timeMs, ...values }: VendorBar): Bar => ({
  ...values,
  openTimeMs: timeMs,
  closeTimeMs: timeMs + MINUTE,
});

/** Streams minutes as they close, each fourth left out, and closes the connection once. */
function streamMinutes(): void {
  truth.forEach((bar, index) => {
    const inMs = bar.timeMs + MINUTE - clock.now();
    if (inMs < 0) return;
    clock.after(inMs, () => {
      if (index % 4 !== 0) stream.send(binanceProtocol.bar('BTCUSDT', barOf(bar)));
      if (index === 35) stream.drop('close');
    });
  });
}

async function run(options: Partial<FeedCommandOptions>, json = false) {
  const env = { BINANCE_URL: http.url, BINANCE_STREAM_URL: stream.url, BINANCE_REQUESTS_PER_MINUTE: '100000' };
  const lines: string[] = [];
  const notes: string[] = [];
  const context: CommandContext = {
    config: loadConfig(env),
    clock: () => clock.now(),
    progress: { ...silentProgress(), note: (text) => notes.push(text) },
    json,
    signal: new AbortController().signal,
    database: () => Promise.reject(new Error('a feed needs no database')),
    print: (text) => void (json ? undefined : lines.push(text)),
    announce: (text) => void lines.push(text),
  };
  const access = {
    settings: context.config.vendors,
    clock: context.clock,
    sleep: systemSleep,
    random: createRandom(1),
  };
  streamMinutes();
  const asked = { vendor: 'binance', symbols: 'BTC/USDT', timeframe: '1m', ...options };
  return { output: await runFeed(context, asked, { access, clock }), lines, notes };
}

describe('the feed command', () => {
  it('prints history from the time asked for and then bars as they close, each once', async () => {
    const { lines, notes } = await run({ from: new Date(FROM_MS).toISOString(), for: String(12.5 * 60) });
    const [header, ...rows] = lines;
    expect(header).toBe('time,symbol,open,high,low,close,volume');
    const wanted = truth.map(({ timeMs, open, high, low, close, volume }) =>
      [new Date(timeMs).toISOString(), 'BTC/USDT', open, high, low, close, volume].join(','),
    );
    expect(rows.length).toBeGreaterThanOrEqual(40);
    expect(rows).toEqual(wanted.slice(0, rows.length));
    expect(notes.some((note) => note.startsWith('disconnected'))).toBe(true);
    expect(notes.at(-1)).toMatch(/^\d+ bars \(\d+ with history\), 0 quotes, 0 corrections, \d+ connections, lag /);
  });

  it('gives one document with --json, of longer bars from the one under way', async () => {
    const { output, lines } = await run({ timeframe: '5m', for: String(11 * 60) }, true);
    expect(lines).toEqual([]);
    const { bars, status } = output!.value as {
      bars: { time: string; volume: number }[];
      status: { connections: number };
    };
    const volumes = [30, 35].map((first) => truth.slice(first, first + 5).reduce((sum, { volume }) => sum + volume, 0));
    expect(bars.slice(0, 2)).toMatchObject([
      { time: new Date(NOW_MS).toISOString(), volume: volumes[0] },
      { time: new Date(NOW_MS + 5 * MINUTE).toISOString(), volume: volumes[1] },
    ]);
    expect(status.connections).toBeGreaterThan(1);
  });

  it('names what is wrong with its options', async () => {
    const wrong: [Partial<FeedCommandOptions>, RegExp][] = [
      [{ vendor: 'csv' }, /--vendor csv has no live feed/],
      [{ vendor: 'alpaca' }, /ALPACA_API_KEY_ID/],
      [{ symbols: 'AAPL' }, /binance has no symbol "AAPL"/],
      [{ timeframe: '7m' }, /Unknown timeframe "7m"/],
      [{ calendar: 'moon' }, /Unknown calendar "moon"/],
      [{ from: 'noon' }, /--from noon is not a time/],
      [{ for: '0' }, /--for 0 is not a number of seconds/],
    ];
    for (const [options, message] of wrong) {
      await expect(run(options)).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(message) as string,
      });
    }
  });
});
