import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { loadConfig } from '../../infra/config.ts';
import { createRandom } from '../../infra/random.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import { systemFeedClock } from '../feeds/feed-clock.ts';
import { fakeVariables } from '../vendors/testing/fake-vendor-server.ts';
import type { VendorAccess } from '../vendors/vendor-access.ts';
import { runFeed } from './feed-command.ts';
import { runQuote } from './quote-command.ts';

/** An address at which nobody listens. */
async function nowhere(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

async function surroundings(): Promise<{ access: VendorAccess; waits: number[] }> {
  const address = await nowhere();
  const waits: number[] = [];
  const { vendors: settings } = loadConfig({
    ...fakeVariables(`http://${address}`),
    BINANCE_URL: `http://${address}`,
    BINANCE_STREAM_URL: `ws://${address}`,
  });
  const sleep = (milliseconds: number): Promise<void> => Promise.resolve(void waits.push(milliseconds));
  return { access: { settings, clock: () => 0, sleep, random: createRandom(1) }, waits };
}

const context = {
  config: loadConfig({}),
  clock: () => 0,
  progress: silentProgress(),
  json: true,
  signal: new AbortController().signal,
  database: () => Promise.reject(new Error('no database is needed')),
  print: () => undefined,
  announce: () => undefined,
};

it('a quote is given up after some attempts, which is seconds', async () => {
  const { access, waits } = await surroundings();
  await expect(runQuote(context, { vendor: 'binance' }, 'BTC/USDT', access)).rejects.toThrow(
    /binance is not available/,
  );
  expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(5_000);
});

it('a quote that is given up says so once, with a remedy of its own', async () => {
  const { access } = await surroundings();
  const notes: string[] = [];
  const progress = { ...silentProgress(), note: (text: string) => void notes.push(text) };
  const error: unknown = await runQuote({ ...context, progress }, { vendor: 'binance' }, 'BTC/USDT', access).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ exitCode: 1, remedy: expect.stringMatching(/another --vendor; `signalbox doctor`/) });
  expect(notes.filter((text) => text.includes('is not available'))).toEqual([]);
  expect(notes[0]).toBe('binance is asked again.');
});

it('a feed takes its symbols by either name, and asks for them where they are missing', async () => {
  const { access } = await surroundings();
  const feed = (symbols: { symbol?: string; symbols?: string }) =>
    runFeed(context, { vendor: 'binance', timeframe: '1m', ...symbols }, { access, clock: systemFeedClock });
  await expect(feed({})).rejects.toThrow(/feed needs --symbol/);
  await expect(feed({ symbol: 'BTC/USDT', symbols: 'ETH/USDT' })).rejects.toThrow(/both given/);
  await expect(feed({ symbol: 'BTC/USDT' })).rejects.toThrow(/could not be connected in 3 attempts/);
});

it('a feed is given up after three attempts where it was never connected', async () => {
  const { access } = await surroundings();
  const options = { vendor: 'binance', symbols: 'BTC/USDT', timeframe: '1m' };
  await expect(runFeed(context, options, { access, clock: systemFeedClock })).rejects.toThrow(
    /could not be connected in 3 attempts/,
  );
});
