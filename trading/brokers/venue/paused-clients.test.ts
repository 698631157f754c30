import { afterEach, expect, it, vi } from 'vitest';
import { HOUR_MS } from '../../../features/timeframe.ts';
import { systemClock } from '../../../infra/clock.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import { AlpacaClient } from '../alpaca/alpaca-client.ts';
import { BinanceClient } from '../binance/binance-client.ts';

const tradingUrl = 'http://127.0.0.1:9';

const LIMITERS = {
  alpaca: () =>
    new AlpacaClient({ keyId: 'PK', secretKey: 'secret', tradingUrl, requestsPerMinute: 200 }, systemClock).limiter,
  binance: () =>
    new BinanceClient(
      { apiKey: 'key', apiSecret: 'secret', tradingUrl, tradingStreamUrl: tradingUrl, weightPerMinute: 6_000 },
      systemClock,
    ).limiter,
};

afterEach(() => {
  vi.restoreAllMocks();
});

// A limiter looks again every 100 ms.
it.each(['alpaca', 'binance'] as const)(
  'a pause that %s asked for lasts, though our clock is put on',
  async (venue) => {
    const limiter = LIMITERS[venue]();
    const given = new AbortController();
    let left = 0;
    limiter.pause(60_000);
    const turn = limiter.turn('order', given.signal).then(() => (left += 1));
    const now = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + HOUR_MS);
    await systemSleep(350, given.signal);
    expect([left, limiter.waiting]).toEqual([0, 1]);
    given.abort(new Error('enough'));
    await expect(turn).rejects.toThrow('enough');
  },
);

it.each(['alpaca', 'binance'] as const)('and ends at %s, though it is put back', async (venue) => {
  const limiter = LIMITERS[venue]();
  limiter.pause(300);
  const now = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => now() - HOUR_MS);
  await limiter.turn('order', new AbortController().signal);
  expect(limiter.waiting).toBe(0);
});
