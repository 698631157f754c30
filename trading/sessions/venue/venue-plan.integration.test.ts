import { commandContext } from '../../../infra/testing/command-context.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Instrument } from '../../../features/instrument.ts';
import { silentProgress } from '../../../infra/terminal/progress.ts';
import { createTestDatabase } from '../../../infra/testing/test-database.ts';
import { experimentSchema, type Experiment } from '../../../models/experiment/experiment.ts';
import { alpacaInHand, outgoing, share, type AlpacaInHand } from '../../testing/venue/alpaca/alpaca-in-hand.ts';
import { STAND_IN_KEYS } from '../../testing/venue/stand-in-venue.ts';
import { feedAsked } from '../paper-command.ts';
import { SessionLease } from '../session-lease.ts';
import { reachVenue } from './reach-venue.ts';
import { emulatedLines, requireEmpty, requireTradable, type VenuePlan } from './venue-plan.ts';

let hand: AlpacaInHand;
let url = '';
const notes: string[] = [];

beforeEach(async () => {
  hand = await alpacaInHand();
  url = hand.venue.url;
  notes.length = 0;
});
afterEach(async () => {
  await hand.venue.stop();
});

const keys = { ALPACA_API_KEY_ID: STAND_IN_KEYS.keyId, ALPACA_API_SECRET_KEY: STAND_IN_KEYS.secretKey };

function reach(env: Record<string, string>): Promise<VenuePlan> {
  const progress = { ...silentProgress(), note: (text: string) => void notes.push(text) };
  const context = commandContext({ env: { ALPACA_TRADING_URL: url, ...env }, progress });
  return reachVenue('alpaca', context);
}

describe('the way to Alpaca', () => {
  it('says what to set and where to get it, where keys are missing', async () => {
    await expect(reach({})).rejects.toMatchObject({
      exitCode: 2,
      message: 'Alpaca needs ALPACA_API_KEY_ID and ALPACA_API_SECRET_KEY, and they are not set.',
      remedy: expect.stringContaining('https://app.alpaca.markets') as string,
    });
    const { ALPACA_API_KEY_ID } = keys;
    await expect(reach({ ALPACA_API_KEY_ID })).rejects.toThrow(
      'Alpaca needs ALPACA_API_SECRET_KEY, and it is not set.',
    );
    expect(hand.venue.seen).toEqual([]);
  });

  it('says what it tried where nobody answers, and no secret', async () => {
    await hand.venue.stop();
    const error = await reach(keys).catch((one: Error) => one);
    expect(error).toMatchObject({ exitCode: 1, message: expect.stringContaining(`the account at ${url}`) as string });
    expect(notes.filter((note) => note.includes('try'))).toHaveLength(2);
    expect([...notes, String(error), JSON.stringify(error)].join('\n')).not.toContain(STAND_IN_KEYS.secretKey);
  });

  it('is tried once with keys that are refused, and not at all with an account that may not trade', async () => {
    await expect(reach({ ...keys, ALPACA_API_SECRET_KEY: 'another-secret' })).rejects.toThrow(/HTTP 401/);
    expect(hand.venue.seen).toHaveLength(1);
    hand.venue.account = { trading_blocked: true };
    await expect(reach(keys)).rejects.toThrow('The account at Alpaca may not trade: trading_blocked.');
  });

  it('leads to an account', async () => {
    expect((await reach(keys)).account).toMatchObject({ id: 'stand-in', equity: '100000' });
  });
});

describe('an experiment at Alpaca', () => {
  const experiment = (more: Record<string, unknown> = {}): Experiment =>
    experimentSchema.parse({
      name: 'x',
      universe: ['AAPL'],
      data: { source: 'alpaca', timeframe: '1d', from: '2020-01-01', to: '2020-12-31' },
      strategies: [{ name: 'cross', kind: 'ema-cross', allocation: 1 }],
      capital: 50_000,
      ...more,
    });
  const check = async (more: Record<string, unknown>, instrument: Instrument = share('AAPL')): Promise<void> =>
    requireTradable(experiment(more), [instrument], await reach(keys));

  it('is refused by the key that asks for what cannot be done', async () => {
    await check({});
    await expect(check({}, { ...share('SPX'), assetClass: 'index' })).rejects.toThrow(
      /SPX as a market order: an index/,
    );
    await expect(check({ capital: 1e9 })).rejects.toThrow(/capital: 1000000000, and the account is worth 100000/);
    await check({ signals: { longShort: true } });
    await expect(
      check({ signals: { longShort: true } }, { ...share('BTC/USD'), assetClass: 'crypto', lot: 1e-9 }),
    ).rejects.toThrow(/signals.longShort: BTC.USD: Alpaca sells no coins short/);
    hand.venue.account = { shorting_enabled: false };
    await expect(check({ signals: { longShort: true } })).rejects.toThrow(/signals.longShort: the account may sell/);
    const both = { stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.1 } };
    await check({ protection: both });
    await check({ protection: { stopLoss: { percent: 0.05 } } });
    const trailing = { trailing: { percent: 0.05 } };
    await check({ protection: trailing });
    const [stop] = [{ stopLoss: { percent: 0.05 } }];
    await expect(check({ protection: { ...stop, ...trailing } })).rejects.toThrow(
      /protection: AAPL: Alpaca lets two exits/,
    );
    await expect(check({ protection: { ...both, ...trailing } })).rejects.toThrow(/no more than two exits/);
    const parts = { ...share('AAPL'), lot: 0.001 };
    await check({ protection: both }, parts);
    await check({ protection: trailing }, parts);
    const following = { takeProfit: both.takeProfit, ...trailing };
    for (const instrument of [parts, share('AAPL')]) await check({ protection: following }, instrument);
    const late = { ...share('AAPL'), rules: { ...share('AAPL').rules, extendedHours: true } };
    await expect(check({ protection: following }, late)).rejects.toThrow(/protection: AAPL: Alpaca lets two exits/);
    const coin: Instrument = { ...share('BTC/USD'), assetClass: 'crypto', lot: 1e-9 };
    await expect(check({ protection: { stopLoss: { percent: 0.05 } } }, coin)).rejects.toThrow(/use a stop-limit/);
  });

  it('says at its start what ends with the session, and what does not', async () => {
    const plan = await reach(keys);
    expect(emulatedLines(experiment(), plan)).toEqual([]);
    const both = { stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.1 } };
    const parts = { ...share('AAPL'), lot: 0.001 };
    const stop = experiment({ protection: { stopLoss: { percent: 0.05 } } });
    requireTradable(stop, [parts], plan);
    expect(emulatedLines(stop, plan, [parts]).join('\n')).toMatch(/parts of a share is placed again by this session/);
    expect(emulatedLines(stop, plan, [share('AAPL')]).join('\n')).not.toMatch(/parts of a share/);
    const trailing = experiment({ protection: { trailing: { percent: 0.05 } } });
    expect(emulatedLines(trailing, plan, [parts]).join('\n')).toMatch(/a trailing stop .* is a stop that this session/);
    const target = emulatedLines(experiment({ protection: both }), plan, [parts]).join('\n');
    expect(target).toMatch(/the target of parts of a share is watched by this session .* is gone with it/);
    expect(target).not.toMatch(/a trailing stop/);
    const following = experiment({ protection: { ...both, stopLoss: null, trailing: { percent: 0.05 } } });
    expect(emulatedLines(following, plan, [share('AAPL')]).join('\n')).toMatch(
      /a trailing stop beside a target rests as a stop that this session moves; .* is gone with it/,
    );
    expect(emulatedLines(stop, plan, [parts]).join('\n')).not.toMatch(/watched by this session/);
    expect(emulatedLines(experiment({ protection: both }), plan).join('\n')).toMatch(
      /protection rests at the venue \(stop and limit\).*\n.*not while it is down: exits are placed once/,
    );
  });

  it('begins with nothing there, and only once an account', async () => {
    const plan = await reach(keys);
    await requireEmpty(plan, [share('AAPL')]);
    await hand.broker.submit(outgoing('mine'));
    hand.venue.books.turn();
    await expect(requireEmpty(plan, [share('AAPL')])).rejects.toThrow(/not empty .* 10 AAPL held/);
    await requireEmpty(plan, [share('MSFT')]);
    const database = await createTestDatabase();
    try {
      const lease = await SessionLease.takeAccount(database.pool, 'alpaca/one');
      await expect(SessionLease.takeAccount(database.pool, 'alpaca/one')).rejects.toThrow(
        /is traded by another session/,
      );
      await lease.release();
      await (await SessionLease.takeAccount(database.pool, 'alpaca/one')).release();
    } finally {
      await database.drop();
    }
  });

  it('has bars that come as they close', () => {
    expect(feedAsked({ broker: 'alpaca' })).toBe('live');
    expect(feedAsked({ broker: 'simulated' })).toBe('replay');
    expect(() => feedAsked({ broker: 'alpaca', feed: 'replay' })).toThrow(/the past cannot be traded/);
    expect(() => feedAsked({ broker: 'kraken' })).toThrow(/--broker kraken is not known/);
    expect(() => feedAsked({ broker: 'simulated', feed: 'tape' })).toThrow(/neither replay nor live/);
  });
});
