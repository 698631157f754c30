import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PATIENCE_MS } from '../../../../infra/testing/patience.ts';
import { bought } from '../../../testing/venue/binance/binance-in-hand.ts';
import { futuresInHand, type FuturesInHand } from '../../../testing/venue/binance/futures/futures-in-hand.ts';
import { failing, statusFault } from '../../../testing/venue/stand-in-faults.ts';
import type { VenueMessage } from '../../venue/venue-broker.ts';

let hand: FuturesInHand;

const WAIT = { timeout: PATIENCE_MS, interval: 5 };
const again = async (options: Parameters<typeof futuresInHand>[0]): Promise<void> => {
  await hand.venue.stop();
  hand = await futuresInHand(options);
};
beforeEach(async () => {
  hand = await futuresInHand();
});
afterEach(async () => {
  await hand.venue.stop();
});

describe('the stream', () => {
  const listen = () => {
    const stop = new AbortController();
    const messages: VenueMessage[] = [];
    const ended = hand.broker.listen((message) => messages.push(message), stop.signal);
    const until = (holds: () => boolean): Promise<void> => vi.waitUntil(holds, WAIT).then(() => undefined);
    return { stop, messages, ended, until, opened: () => until(() => messages.some(({ kind }) => kind === 'opened')) };
  };

  it('ends when its key does, and is opened again by another', async () => {
    const first = listen();
    await first.opened();
    hand.venue.expireKeys();
    expect(await first.ended).toMatch(/key has expired|connection/);
    const second = listen();
    await second.opened();
    expect([...hand.venue.keys]).toEqual(['key2']);
    second.stop.abort();
    expect(await second.ended).toBe('the session ended it');
  });

  it('keeps its key, through answers that are lost, until there is none to keep', async () => {
    await again({ keepMs: 30 });
    const { opened, until, ended } = listen();
    await opened();
    hand.venue.faults = failing({ method: 'PUT', count: 2 }, statusFault(500));
    await until(() => hand.venue.seen.filter(({ method }) => method === 'PUT').length > 4);
    hand.venue.keys.clear();
    expect(await ended).toBe('its key has ended');
  });

  it('says what nobody ordered, what was paid, and that margin is short', async () => {
    const { stop, messages, opened, until } = listen();
    await opened();
    await hand.broker.submit(bought('in'));
    hand.venue.books.turn();
    hand.venue.books.deleverage('BTCUSDT', '4');
    hand.venue.books.fund('BTCUSDT', '0.0001');
    const called = { s: 'BTCUSDT', ps: 'BOTH', pa: '6', mt: 'CROSSED', iw: '0', mp: '90', up: '-60', mm: '2.16' };
    hand.venue.tell({ e: 'MARGIN_CALL', E: 1, cw: '61', p: [called] });
    hand.venue.tell({ e: 'MARGIN_CALL', E: 2, cw: '61', p: [called] });
    hand.venue.tell({ e: 'ACCOUNT_UPDATE', E: 3, a: { m: 'WITHDRAW', B: [], P: [] } });
    await until(() => messages.some((one) => one.kind === 'unreadable' && one.words.includes('WITHDRAW')));
    const forced = messages.filter((one) => one.kind === 'execution' && one.execution.forced === 'deleveraging');
    expect(forced).toMatchObject([{ execution: { quantity: -4, price: 100 } }]);
    expect(messages.filter(({ kind }) => kind === 'payment')).toHaveLength(1);
    expect(messages.filter(({ kind }) => kind === 'margin-call')).toEqual([
      { kind: 'margin-call', symbol: 'BTCUSDT', equity: 1, needed: 2.16 },
    ]);
    stop.abort();
  });
});
