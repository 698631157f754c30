import { commandContext } from '../../../infra/testing/command-context.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandContext } from '../../../infra/command.ts';
import { loadConfig } from '../../../infra/config.ts';
import { alpacaInHand, type AlpacaInHand } from '../../testing/venue/alpaca/alpaca-in-hand.ts';
import { STAND_IN_KEYS, STAND_IN_LIVE_KEY } from '../../testing/venue/stand-in-venue.ts';
import { modeAsked } from '../asked/session-mode.ts';
import { feedAsked } from '../paper-command.ts';
import { liveConsent } from './live-consent.ts';
import { reachVenue } from './reach-venue.ts';

let hand: AlpacaInHand;

beforeEach(async () => {
  hand = await alpacaInHand();
});
afterEach(async () => {
  await hand.venue.stop();
});

const { keyId, secretKey } = STAND_IN_KEYS;
const PAPER = { ALPACA_API_KEY_ID: keyId, ALPACA_API_SECRET_KEY: secretKey };
const LIVE = { ...PAPER, ALPACA_API_KEY_ID: STAND_IN_LIVE_KEY, SIGNALBOX_LIVE: '1' };
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';

/** Both addresses are the stand-in's, but those that `env` changes. */
const context = (env: Record<string, string>): CommandContext =>
  commandContext({ env: { ALPACA_TRADING_URL: hand.venue.url, ALPACA_LIVE_TRADING_URL: hand.venue.url, ...env } });
const alpaca = { broker: 'alpaca', speed: 'max' };
const reachAlpaca = (here: CommandContext, account?: string) => reachVenue('alpaca', here, { account });

describe('the consents to trade real money', () => {
  it('are both needed before anything is asked of the venue', async () => {
    const live = context(LIVE);
    const refusals: [CommandContext, { broker: string; account?: string }, RegExp][] = [
      [context({ ...LIVE, SIGNALBOX_LIVE: '' }), { ...alpaca, account: '123' }, /needs SIGNALBOX_LIVE=1 in the/],
      [live, { ...alpaca, broker: 'simulated', account: '123' }, /Live trading needs a broker/],
      [live, { ...alpaca, broker: 'kraken', account: '123' }, /--broker kraken is not known/],
      [live, { ...alpaca, account: ' ' }, /needs the name of the account/],
    ];
    for (const [here, options, words] of refusals) {
      await expect(liveConsent(here, options, null)).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(words) as string,
      });
    }
    await expect(liveConsent(live, alpaca, null)).rejects.toThrow(/needs the name of the account/);
    expect(() => loadConfig({ SIGNALBOX_LIVE: 'yes' })).toThrow('SIGNALBOX_LIVE: must be 1, or not be set');
    expect(hand.venue.seen).toEqual([]);
  });

  it('take the name as it is passed or typed', async () => {
    const asked: string[] = [];
    const type = (question: string): Promise<string> => {
      asked.push(question);
      return Promise.resolve('907\n');
    };
    expect(await liveConsent(context(LIVE), { ...alpaca, account: '123' }, type)).toEqual({
      broker: 'alpaca',
      account: '123',
    });
    expect(asked).toEqual([]);
    expect(await liveConsent(context(LIVE), alpaca, type)).toEqual({ broker: 'alpaca', account: '907' });
    expect(asked).toEqual([expect.stringMatching(/^Real money: type the number of the alpaca account/)]);
  });
});

describe('the account', () => {
  it('has to be the one that was named, live, and of live keys', async () => {
    const live = reachAlpaca(context({ ...PAPER, SIGNALBOX_LIVE: '1' }), '123');
    await expect(live).rejects.toThrow('ALPACA_API_KEY_ID is no key of a live account: those begin with AK.');
    expect(hand.venue.seen).toEqual([]);
    await expect(reachAlpaca(context(LIVE), '123')).rejects.toThrow(/is one of paper trading/);
    hand.venue.account = { account_number: '123456789' };
    await expect(reachAlpaca(context(LIVE), '123')).rejects.toThrow('The keys do not open the account 123.');
    expect((await reachAlpaca(context(LIVE), '123456789')).account.number).toBe('123456789');
    expect(hand.venue.seen.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
  });

  it('is never a live one on paper, whatever the environment holds', async () => {
    await expect(reachAlpaca(context({ ...PAPER, ALPACA_API_KEY_ID: STAND_IN_LIVE_KEY }))).rejects.toThrow(
      'ALPACA_API_KEY_ID is a key of a live account, and this session trades on paper.',
    );
    const address = { ALPACA_TRADING_URL: 'https://api.alpaca.markets' };
    await expect(reachAlpaca(context({ ...PAPER, ...address }))).rejects.toThrow(/is the address of live trading/);
    const there = { BINANCE_API_KEY: 'x', BINANCE_API_SECRET: 'y' };
    const hosts = ['api.binance.com', 'api1.binance.com', 'api.binance.us'].map((host) => `https://${host}`);
    for (const BINANCE_TRADING_URL of hosts) {
      const here = context({ ...there, BINANCE_TRADING_URL });
      await expect(reachVenue('binance', here)).rejects.toThrow(/BINANCE_TRADING_URL is the address of live trading/);
    }
    await expect(reachVenue('binance', context(there), { account: '123' })).rejects.toThrow(
      'Live trading is at alpaca',
    );
    expect(hand.venue.seen).toEqual([]);
    // The consent and the live address change nothing of a session on paper.
    const paper = context({ ...PAPER, SIGNALBOX_LIVE: '1', ALPACA_LIVE_TRADING_URL: NOWHERE });
    expect((await reachAlpaca(paper)).account.id).toBe('stand-in');
  });
});

describe('modes', () => {
  it('are about live data, and named', () => {
    expect(modeAsked({ broker: 'alpaca' })).toBeNull();
    expect(modeAsked({ broker: 'alpaca', mode: 'live' })).toBe('live');
    expect(feedAsked({ broker: 'simulated', mode: 'observation' })).toBe('live');
    expect(() => modeAsked({ broker: 'alpaca', mode: 'real' })).toThrow(/--mode real is not known/);
    expect(() => modeAsked({ broker: 'simulated', mode: 'live' })).toThrow(/needs a broker that orders can go to/);
    expect(() => feedAsked({ broker: 'simulated', mode: 'simulation', feed: 'replay' })).toThrow(
      /modes are about live/,
    );
  });
});
