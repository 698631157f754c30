import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { LiveFeed } from './live-feed.ts';
import type { ConnectOptions, StreamMessage } from './stream-connection.ts';
import { compareOverSocket } from './testing/stream-faults.ts';
import { StreamServer } from './testing/stream-server.ts';
import { VENDOR_STREAMS, type VendorStream } from './testing/vendor-streams.ts';

const OPEN_MS = Date.UTC(2024, 6, 11, 14);
const PATHS = { alpaca: '/v2/iex', polygon: '/stocks', binance: '/stream' };
const BAR = {
  openTimeMs: OPEN_MS,
  closeTimeMs: OPEN_MS + 60_000,
  open: 10.25,
  high: 11,
  low: 9.5,
  close: 10.5,
  volume: 1_234,
};

let server: StreamServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

/** Waits for `met`, at most five seconds. */
async function eventually(met: () => boolean): Promise<void> {
  for (let waited = 0; !met() && waited < 5_000; waited += 10) await sleep(10);
  expect(met()).toBe(true);
}

interface Heard {
  readonly messages: StreamMessage[];
  readonly closes: string[];
  readonly options: ConnectOptions;
}

function listen(vendor: VendorStream, signal = new AbortController().signal): Heard {
  const heard: Pick<Heard, 'messages' | 'closes'> = { messages: [], closes: [] };
  const onMessage = (message: StreamMessage): void => void heard.messages.push(message);
  const onClose = (reason: string): void => void heard.closes.push(reason);
  return { ...heard, options: { symbols: vendor.symbols, quotes: true, signal, onMessage, onClose } };
}

describe.each(VENDOR_STREAMS.map((vendor) => ({ name: vendor.protocol.vendor, vendor })))(
  'the $name stream',
  ({ name, vendor }) => {
    const { protocol } = vendor;
    const symbol = vendor.symbols[0]!;
    const start = async (): Promise<StreamServer> => (server = await StreamServer.start(protocol));
    const connector = (url: string) => vendor.connector(url, () => OPEN_MS);

    it('hands on bars, revisions and quotes, and nothing that has not closed', async () => {
      const { url } = await start();
      const { messages, options } = listen(vendor);
      const connection = await connector(url).connect(options);
      expect(server!.paths).toEqual([PATHS[name]]);
      const quote = { symbol, bid: 10, bidSize: 3, ask: 10.25, askSize: 4, timeMs: OPEN_MS };
      server!.send(protocol.unclosed(symbol, { ...BAR, close: 10 }));
      server!.send(protocol.bar(symbol, BAR));
      server!.send(protocol.revision(symbol, { ...BAR, volume: 1_300 }));
      server!.send(protocol.quote(quote));
      await eventually(() => messages.some(({ kind }) => kind === 'quote'));
      const { closeTimeMs: _close, ...values } = BAR;
      const bar = { symbol, ...values };
      expect(messages).toEqual([
        ...(name === 'binance' ? [{ kind: 'beat' }] : []),
        { kind: 'bar', bar },
        ...(name === 'alpaca' ? [{ kind: 'revision', bar: { ...bar, volume: 1_300 } }] : []),
        { kind: 'quote', quote },
      ]);
      connection.close();
      await eventually(() => server!.listeners === 0);
    });

    it('reports every frame that breaks the protocol and goes on', async () => {
      const { url } = await start();
      const { messages, closes, options } = listen(vendor);
      const connection = await connector(url).connect(options);
      for (const frame of protocol.garbage) server!.send(frame);
      server!.send(protocol.bar(symbol, BAR));
      await eventually(() => messages.some(({ kind }) => kind === 'bar'));
      expect(messages.map(({ kind }) => kind)).toEqual([...protocol.garbage.map(() => 'invalid'), 'bar']);
      expect(closes).toEqual([]);
      connection.close();
    });

    it('tells of a lost connection once and leaves reconnecting to the feed', async () => {
      const { url } = await start();
      for (const how of ['close', 'cut'] as const) {
        const { closes, options } = listen(vendor);
        await connector(url).connect(options);
        server!.drop(how);
        await eventually(() => closes.length > 0);
        const { length } = server!.paths;
        // The SDKs that reconnect by themselves do so after half a second.
        await sleep(800);
        expect(server!.paths.length).toBe(length);
        expect(closes.length).toBe(1);
      }
    });

    it('refuses when the vendor says no, and in a way that ends the feed', async () => {
      const { url } = await start();
      server!.mood = { credentials: 'accepted', subscriptions: 'refused' };
      const refusal = { name: 'VendorError', retryable: false };
      await expect(connector(url).connect(listen(vendor).options)).rejects.toMatchObject(refusal);
      server!.mood = { credentials: 'refused', subscriptions: 'accepted' };
      const feed = new LiveFeed({
        symbols: vendor.symbols,
        timeframe: '1m',
        calendar: calendarNamed('none'),
        connector: connector(url),
        history: { minutes: async function* () {} },
        random: createRandom(1),
      });
      const wait = async (): Promise<void> => {
        for await (const event of feed) expect(event.kind).toBe('status');
      };
      const kind = name === 'binance' ? 'invalid-request' : 'unauthorised';
      await expect(wait()).rejects.toMatchObject({ ...refusal, kind });
    });

    it('leaves nothing behind when it is called off while the vendor does not answer', async () => {
      const { url } = await start();
      server!.mood = { credentials: 'accepted', subscriptions: 'unanswered' };
      const aborter = new AbortController();
      const connecting = connector(url).connect(listen(vendor, aborter.signal).options);
      await eventually(() => server!.paths.length === 1);
      await sleep(50);
      aborter.abort(new Error('called off'));
      await expect(connecting).rejects.toThrow('called off');
      await eventually(() => server!.clients === 0);
    });

    it('says that nobody listens where nobody does', async () => {
      const { url } = await start();
      await server!.stop();
      server = null;
      const refused = connector(url).connect(listen(vendor).options);
      await expect(refused).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    });

    it('loses and doubles no bar whatever the server does', async () => {
      const outcome = await compareOverSocket(vendor, { fault: 'everything', minutes: 15, random: createRandom(7) });
      expect(outcome).toMatchObject({ bars: 45, lost: 0, doubled: 0, different: 0, outOfOrder: 0 });
      expect(outcome.injected).toBeGreaterThan(10);
      expect(outcome.connections).toBeGreaterThan(1);
    });
  },
);
