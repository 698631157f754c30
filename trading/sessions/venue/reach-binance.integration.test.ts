import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Instrument } from '../../../features/instrument.ts';
import { systemClock } from '../../../infra/clock.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { loadConfig, maskSecrets } from '../../../infra/config.ts';
import { silentProgress } from '../../../infra/terminal/progress.ts';
import { experimentSchema, type Experiment } from '../../../models/experiment/experiment.ts';
import { binanceInHand, bought, pairOf, type BinanceInHand } from '../../testing/venue/binance/binance-in-hand.ts';
import { BINANCE_KEYS } from '../../testing/venue/binance/exchange-stand-in.ts';
import { feedAsked } from '../paper-command.ts';
import { prepareVenue, reachVenue } from './reach-venue.ts';
import { requireEmpty, requireTradable, type VenuePlan } from './venue-plan.ts';

let hand: BinanceInHand;
let urls: Record<string, string>;
const notes: string[] = [];

beforeEach(async () => {
  hand = await binanceInHand();
  urls = { BINANCE_TRADING_URL: hand.venue.url, BINANCE_TRADING_STREAM_URL: hand.venue.streamUrl };
  notes.length = 0;
});
afterEach(async () => {
  await hand.venue.stop();
});

const keys = { BINANCE_API_KEY: BINANCE_KEYS.apiKey, BINANCE_API_SECRET: BINANCE_KEYS.apiSecret };

function reach(env: Record<string, string>): Promise<VenuePlan> {
  const context: Pick<CommandContext, 'config' | 'clock' | 'progress' | 'signal'> = {
    config: loadConfig({ ...urls, ...env }),
    clock: systemClock,
    progress: { ...silentProgress(), note: (text) => notes.push(text) },
    signal: new AbortController().signal,
  };
  return reachVenue('binance', context);
}

describe('the way to Binance', () => {
  it('says what to set and where to get it, where keys are missing', async () => {
    await expect(reach({})).rejects.toMatchObject({
      exitCode: 2,
      message: 'Binance needs BINANCE_API_KEY and BINANCE_API_SECRET, and they are not set.',
      remedy: expect.stringContaining('https://testnet.binance.vision') as string,
    });
    expect(hand.venue.seen).toEqual([]);
  });

  it('says what it tried where nobody answers, and no secret', async () => {
    const { url } = hand.venue;
    await hand.venue.stop();
    const error = await reach(keys).catch((one: Error) => one);
    expect(error).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining(url) as string,
    });
    expect(String(error)).toMatch(/ECONNREFUSED|ECONNRESET/);
    expect(notes.filter((note) => note.includes('try'))).toHaveLength(2);
    const said = [...notes, String(error), JSON.stringify(error)].join('\n');
    expect(said).not.toContain(BINANCE_KEYS.apiSecret);
    expect(said).not.toContain(BINANCE_KEYS.apiKey);
    expect(maskSecrets(`a ${BINANCE_KEYS.apiSecret} b ${BINANCE_KEYS.apiKey}`)).toBe('a *** b ***');
  });

  it('is the test network unless another is named, and no key stands in a file', () => {
    const { binance } = loadConfig({}).vendors;
    expect(binance.tradingUrl).toBe('https://testnet.binance.vision');
    expect(binance.tradingStreamUrl).toBe('wss://ws-api.testnet.binance.vision');
    expect(feedAsked({ broker: 'binance' })).toBe('live');
  });

  it('is tried once with keys that are refused, and not at all with an account that may not trade', async () => {
    await expect(reach({ ...keys, BINANCE_API_KEY: 'another-key' })).rejects.toThrow(/HTTP 401/);
    hand.venue.account = { canTrade: false };
    await expect(reach(keys)).rejects.toThrow('The account at Binance may not trade: canTrade is false.');
  });
});

describe('an experiment at Binance', () => {
  const experiment = (more: Record<string, unknown> = {}): Experiment =>
    experimentSchema.parse({
      name: 'x',
      universe: ['BTCUSDT'],
      data: { source: 'binance', timeframe: '1h', from: '2025-01-01', to: '2025-12-31' },
      strategies: [{ name: 'cross', kind: 'ema-cross', allocation: 1 }],
      capital: 50_000,
      ...more,
    });
  const check = async (more: Record<string, unknown>, instrument: Instrument = pairOf('BTCUSDT')): Promise<void> => {
    const { venue, instruments } = await prepareVenue(await reach(keys), [instrument], null);
    requireTradable(experiment(more), instruments, venue);
  };

  it('is refused by what asks for what cannot be done', async () => {
    await check({});
    await check({ protection: { stopLoss: { percent: 0.05 } } });
    await check({ protection: { trailing: { percent: 0.05 } } });
    const both = { stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.1 } };
    await expect(check({ protection: both })).rejects.toThrow(/keep one exit/);
    await expect(check({ capital: 1e9 })).rejects.toThrow(/capital: 1000000000, and the account is worth 100000/);
    await expect(check({ signals: { longShort: true } })).rejects.toThrow(/signals.longShort/);
    await expect(check({}, { ...pairOf('SPX'), assetClass: 'index' })).rejects.toThrow(
      'SPX is no pair of crypto assets.',
    );
    await expect(check({}, pairOf('XXXUSDT'))).rejects.toThrow(/Invalid symbol/);
  });

  it('has the grid and the rules of the exchange, and begins with what was there, also when it goes on', async () => {
    const plan = await reach(keys);
    const first = await prepareVenue(plan, [pairOf('BTC/USDT')], null);
    expect(first.beginning).toEqual({ instruments: first.instruments, held: { BTC: '1' } });
    expect(first.instruments).toMatchObject([
      { tick: 0.01, lot: 1e-8, rules: { minimumQuantity: 0.001, minimumNotional: 5, dustBelow: 0.001 } },
    ]);
    expect(first.venue.account).toMatchObject({ id: '7', cash: '100000', currency: 'USDT' });
    await requireEmpty(first.venue, first.instruments);
    await hand.broker.submit(bought('mine'));
    hand.venue.books.turn();
    const again = await prepareVenue(await reach(keys), [pairOf('BTC/USDT')], first.beginning!);
    expect(again.beginning).toEqual(first.beginning);
    expect(await again.venue.broker.positions()).toMatchObject([{ symbol: 'BTC/USDT', quantity: 10 }]);
    await expect(requireEmpty(again.venue, again.instruments)).rejects.toThrow(/not empty .* 10 BTC\/USDT held/);
  });
});
