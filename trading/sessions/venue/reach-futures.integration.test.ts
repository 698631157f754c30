import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../infra/clock.ts';
import { loadConfig, maskSecrets } from '../../../infra/config.ts';
import { silentProgress } from '../../../infra/terminal/progress.ts';
import { experimentSchema } from '../../../models/experiment/experiment.ts';
import { bought, pairOf } from '../../testing/venue/binance/binance-in-hand.ts';
import { BINANCE_KEYS } from '../../testing/venue/binance/exchange-stand-in.ts';
import { futuresInHand, type FuturesInHand } from '../../testing/venue/binance/futures/futures-in-hand.ts';
import { accountText } from '../operators/account-text.ts';
import { venueFigures } from '../monitor/account-figures.ts';
import { feedAsked } from '../paper-command.ts';
import { prepareVenue, reachVenue } from './reach-venue.ts';
import { emulatedLines, requireEmpty, requireTradable, type VenuePlan } from './venue-plan.ts';

let hand: FuturesInHand;

beforeEach(async () => {
  hand = await futuresInHand();
});
afterEach(async () => {
  await hand.venue.stop();
});

const keys = { BINANCE_FUTURES_API_KEY: BINANCE_KEYS.apiKey, BINANCE_FUTURES_API_SECRET: BINANCE_KEYS.apiSecret };

function reach(env: Record<string, string>, asked: Parameters<typeof reachVenue>[2] = {}): Promise<VenuePlan> {
  const { url, streamUrl } = hand.venue;
  const paper = { BINANCE_FUTURES_URL: url, BINANCE_FUTURES_STREAM_URL: streamUrl };
  const live = { BINANCE_FUTURES_LIVE_URL: url, BINANCE_FUTURES_LIVE_STREAM_URL: streamUrl };
  const context = {
    config: loadConfig({ ...paper, ...live, ...env }),
    clock: systemClock,
    progress: silentProgress(),
    signal: new AbortController().signal,
  };
  return reachVenue('binance-futures', context, asked);
}

describe("the way to Binance's futures", () => {
  it('says what to set and where to get it, where keys are missing', async () => {
    await expect(reach({})).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('BINANCE_FUTURES_API_KEY and BINANCE_FUTURES_API_SECRET') as string,
      remedy: expect.stringContaining('https://demo.binance.com') as string,
    });
    expect(hand.venue.seen).toEqual([]);
    await reach(keys);
    expect(maskSecrets(`a ${BINANCE_KEYS.apiSecret} b`)).toBe('a *** b');
  });

  it('is the test network unless another is named, and never a live one on paper', async () => {
    const { futures } = loadConfig({}).vendors.binance;
    expect(futures.tradingUrl).toBe('https://demo-fapi.binance.com');
    expect(futures.liveTradingUrl).toBe('https://fapi.binance.com');
    expect(feedAsked({ broker: 'binance-futures' })).toBe('live');
    for (const host of ['https://fapi.binance.com', 'https://fapi-mm.binance.com']) {
      await expect(reach({ ...keys, BINANCE_FUTURES_URL: host })).rejects.toThrow(/address of live trading/);
    }
  });

  it('opens a live account by its name alone', async () => {
    await expect(reach(keys, { account: 'another' })).rejects.toThrow('The keys do not open the account another.');
    expect((await reach(keys, { account: 'FutA' })).account).toMatchObject({ id: 'FutA', shorting: true });
  });

  it('is told margin mode and leverage, which are set there, or refused by name', async () => {
    const plan = await reach(keys, { leverage: '3', marginMode: 'isolated' });
    const { venue, instruments } = await prepareVenue(plan, [pairOf('BTC/USDT')], null);
    expect(hand.venue.modes.get('BTCUSDT')).toBe('ISOLATED');
    expect(hand.venue.books.leverageOf('BTCUSDT')).toBe(3);
    expect(instruments).toMatchObject([
      { tick: 0.01, lot: 0.001, rules: { minimumQuantity: 0.001, minimumNotional: 5 } },
    ]);
    await requireEmpty(venue, instruments);
    await expect(reach(keys, { leverage: '0' })).rejects.toThrow('--leverage 0');
    await expect(reach(keys, { leverage: '1.5' })).rejects.toThrow('--leverage 1.5');
    await expect(reach(keys, { marginMode: 'both' })).rejects.toThrow('--margin-mode both');
    hand.venue.hedges = true;
    await expect(prepareVenue(plan, [pairOf('BTC/USDT')], null)).rejects.toThrow(/hedge mode/);
  });
});

describe("an experiment at Binance's futures", () => {
  const experiment = (more: Record<string, unknown> = {}) =>
    experimentSchema.parse({
      name: 'x',
      universe: ['BTCUSDT'],
      data: { source: 'binance', timeframe: '1h', from: '2025-01-01', to: '2025-12-31' },
      strategies: [{ name: 'cross', kind: 'ema-cross', allocation: 1 }],
      capital: 50_000,
      ...more,
    });

  it('may go short and keep several exits, on as much credit as the venue lends', async () => {
    const { venue, instruments } = await prepareVenue(await reach(keys, { leverage: '2' }), [pairOf('BTCUSDT')], null);
    const check = (more: Record<string, unknown>): void => requireTradable(experiment(more), instruments, venue);
    const protection = { stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.1 }, trailing: { percent: 0.05 } };
    check({ signals: { longShort: true }, protection });
    const margin = (initial: number) => ({ limits: { shortAllowed: true, margin: { initial, maintenance: 0.05 } } });
    check(margin(0.5));
    expect(() => check(margin(0.2))).toThrow(/limits.margin.initial: 0.2 needs a leverage of 5/);
    expect(emulatedLines(experiment(), venue)[0]).toBe(
      'binance-futures: cross margin with a leverage of 2, in one-way mode',
    );
    await expect(prepareVenue(venue, [pairOf('XXXUSDT')], null)).rejects.toThrow(/no contract XXXUSDT/);
  });

  it('is shown with its margin, and where the venue would close its positions', async () => {
    hand.venue.books.positions.wallet = 60_000_000_000n;
    await hand.broker.submit(bought('in'));
    hand.venue.books.turn();
    const word = {
      venue: 'binance-futures',
      account: await hand.broker.account(),
      positions: await hand.broker.positions(),
    };
    const venue = venueFigures({ venue: word, venueAt: new Date(0) })!;
    expect(venue).toMatchObject({ initialMargin: 500, maintenanceMargin: 4, gross: 1_000, unrealised: 0 });
    const text = accountText({ capital: 600, bookings: [], cash: 600, equity: 600, ours: null, venue });
    expect(text).toMatch(/liquidation at/);
    expect(text.replace(/[│ ]+/g, ' ')).toContain('BTCUSDT 10 100.00 1000.00 0.00 4.00 40.16');
  });
});
