import { afterEach, describe, expect, it } from 'vitest';
import type { OrderTerms } from '../../orders/order-terms.ts';
import { alpacaInHand, outgoing } from '../../testing/venue/alpaca/alpaca-in-hand.ts';
import { binanceInHand, bought } from '../../testing/venue/binance/binance-in-hand.ts';
import { futuresInHand } from '../../testing/venue/binance/futures/futures-in-hand.ts';
import { FOREIGN } from '../../testing/venue/faults/foreign-answers.ts';
import { failing, NO_FAULTS } from '../../testing/venue/stand-in-faults.ts';

/** `amends`: the first request of a change. */
const VENUES = {
  alpaca: async () => ({ ...(await alpacaInHand()), order: outgoing, amends: 'PATCH' }),
  binance: async () => ({ ...(await binanceInHand()), order: bought, amends: 'POST' }),
  'binance-futures': async () => ({ ...(await futuresInHand()), order: bought, amends: 'DELETE' }),
};

const limit = (price: number): { terms: OrderTerms } => ({
  terms: { type: 'limit', role: 'order', price, trail: 0, trailShare: 0, group: 0, conditions: null },
});

let stop: () => Promise<void>;
afterEach(() => stop());

// Any server in between has the same statuses, and may answer after the request went through: it proves nothing.
describe.each(Object.entries(VENUES))('an answer that is not of %s itself', (_venue, start) => {
  it.each(FOREIGN)('%s, leaves a submit, a cancel and a change unknown', async (_name, fault) => {
    const { venue, broker, order, amends } = await start();
    stop = () => venue.stop();
    for (const id of ['cancelled', 'changed'])
      expect((await broker.submit(order(id, limit(90)))).result).toBe('accepted');
    const meets = async (method: string, ask: () => Promise<unknown>): Promise<void> => {
      // Our HTTP client sends what is answered with 421 once more by itself.
      venue.faults = failing({ method, count: 2 }, fault);
      expect(await ask()).toMatchObject({ result: 'unknown' });
      venue.faults = NO_FAULTS;
    };
    await meets('POST', () => broker.submit(order('sent', limit(90))));
    expect(await broker.find('sent')).toMatchObject({ found: 'order' });
    await meets('DELETE', () => broker.cancel('cancelled'));
    await meets(amends, () => broker.amend('changed', order('anew', limit(91))));
  });

  it('of a question is no answer, and names what to look at', async () => {
    const { venue, broker } = await start();
    stop = () => venue.stop();
    for (const [, fault] of FOREIGN) {
      venue.faults = { ...NO_FAULTS, request: () => fault };
      expect(await broker.find('none')).toEqual({ found: 'unreadable' });
      await expect(broker.positions()).rejects.toThrow(/did not tell the (account|positions)/);
    }
  });
});
