import { afterEach, describe, expect, it } from 'vitest';
import { alpacaInHand, outgoing } from '../../testing/venue/alpaca/alpaca-in-hand.ts';
import { binanceInHand, bought } from '../../testing/venue/binance/binance-in-hand.ts';
import { futuresInHand } from '../../testing/venue/binance/futures/futures-in-hand.ts';
import { NO_FAULTS, statusFault } from '../../testing/venue/stand-in-faults.ts';

const VENUES = {
  alpaca: async () => ({ ...(await alpacaInHand()), order: outgoing('kept') }),
  binance: async () => ({ ...(await binanceInHand()), order: bought('kept') }),
  'binance-futures': async () => ({ ...(await futuresInHand()), order: bought('kept') }),
};

let stop: () => Promise<void>;
afterEach(() => stop());

// Enough absences have an order sent again: at Binance, whose ids may be used again, that would be a second one.
describe.each(Object.entries(VENUES))('an order at %s', (_name, start) => {
  it('is absent where the venue says so, and not where a server in between knows no such page', async () => {
    const { venue, broker, order } = await start();
    stop = () => venue.stop();
    expect(await broker.find('kept')).toEqual({ found: 'absent' });
    expect((await broker.submit(order)).result).toBe('accepted');
    venue.faults = {
      ...NO_FAULTS,
      request: (method) => (method === 'GET' ? statusFault(404, '<html>no such page</html>') : null),
    };
    expect(await broker.find('kept')).toEqual({ found: 'unreadable' });
    venue.faults = NO_FAULTS;
    expect(await broker.find('kept')).toMatchObject({ found: 'order' });
  });
});
