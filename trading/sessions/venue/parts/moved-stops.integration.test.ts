import { afterEach, describe, expect, it } from 'vitest';
import { PartsInHand } from '../../../testing/venue/alpaca/parts-in-hand.ts';
import { failing, NO_FAULTS, statusFault, type FaultScript } from '../../../testing/venue/stand-in-faults.ts';

// Trailing stops for parts of shares: Alpaca has none, and the session moves a stop after the price.

let parts: PartsInHand;

afterEach(async () => {
  await parts.venue.stop();
});

const trailing = { stopLoss: null, takeProfit: null, trailing: { percent: 0.1 } };
const FIRST = 'stop 10.5 at 90 day';

async function bought(): Promise<PartsInHand> {
  parts = await new PartsInHand({ protection: trailing }).start();
  parts.session.close('BUY');
  await parts.until(FIRST);
  return parts;
}

const lost = (method: string, when: 'before' | 'after'): FaultScript => ({
  ...NO_FAULTS,
  request: (asked) => (asked === method ? { kind: 'hang', when } : null),
});

describe('the trailing stop of a position in parts of shares', () => {
  it('is a stop that follows the best price, and does what it is there for', async () => {
    await bought();
    parts.trade('110');
    await parts.until('stop 10.5 at 99 day');
    parts.trade('105');
    await parts.until('stop 10.5 at 99 day');
    expect(parts.names).toEqual(['1', '2', '2-d1']);
    expect(parts.venue.seen.filter(({ body }) => body.type === 'trailing_stop')).toEqual([]);
    parts.trade('98.99');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0');
  });

  it('is not moved for less than a tenth of its distance, nor back', async () => {
    await bought();
    for (const price of ['100.5', '100.9', '99', '95', '100.9']) {
      parts.trade(price);
      await parts.until(FIRST);
    }
    expect(parts.names).toEqual(['1', '2']);
    parts.trade('101');
    await parts.until('stop 10.5 at 90.9 day');
    expect(parts.names).toEqual(['1', '2', '2-d1']);
    await parts.ends('10.5');
  });

  it('is moved no more often than it is to be', async () => {
    await bought();
    const submitted = (): number => parts.venue.seen.filter(({ method }) => method === 'POST').length;
    const before = submitted();
    for (let price = 101; price <= 130; price++) parts.trade(String(price));
    await parts.until('stop 10.5 at 117 day');
    expect(submitted() - before).toBeLessThan(30);
    expect(parts.names).toHaveLength(2 + submitted() - before);
    await parts.ends('10.5');
  });

  it('goes on the next day from where it is', async () => {
    await bought();
    parts.trade('110');
    await parts.until('stop 10.5 at 99 day');
    parts.days.end();
    await parts.session.until('another rests', () => parts.names.includes('2-d2'));
    await parts.until('stop 10.5 at 99 day');
    await parts.ends('10.5');
  });

  it('follows what the venue says the position is worth, too', async () => {
    await bought();
    parts.venue.books.trade('AAPL', '120');
    await parts.session.until('it is moved', () => parts.rests === 'stop 10.5 at 108 day');
    await parts.ends('10.5');
  });

  it('that is filled while it is moved is over', async () => {
    await bought();
    parts.venue.faults = lost('DELETE', 'before');
    parts.trade('110');
    await parts.session.until('it is asked', () => parts.venue.seen.some(({ method }) => method === 'DELETE'));
    parts.trade('89');
    await parts.session.until('it is flat', () => parts.held === '0');
    parts.venue.faults = NO_FAULTS;
    await parts.session.settled();
    expect(parts.names).toEqual(['1', '2']);
    await parts.ends('0');
  });

  it('whose cancel is told of late, and whose new order is lost, is sent again', async () => {
    await bought();
    const post = failing({ method: 'POST' }, { kind: 'hang', when: 'before' });
    // What is told of the cancel comes after the proof of the end.
    parts.venue.faults = { ...post, message: (event) => (event === 'pending_cancel' ? 'hold' : null) };
    parts.trade('110');
    await parts.until('stop 10.5 at 99 day');
    expect(parts.names).toEqual(['1', '2', '2-d1']);
    await parts.ends('10.5');
  });

  it('that is filled in part goes on for the rest', async () => {
    await bought();
    parts.venue.books.fill(parts.venue.books.open('AAPL')[0]!, '0.25', '90');
    parts.trade('110');
    await parts.until('stop 10.25 at 99 day');
    await parts.ends('10.25');
  });

  it('becomes an exit where the venue does not take it at its new place', async () => {
    await bought();
    parts.venue.faults = failing({ method: 'POST' }, statusFault(422, 'not there'));
    parts.trade('110');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0', ['protection-ended']);
  });
});

describe('a session that is gone while a stop is moved', () => {
  it('goes on from its last state with the stop where it was', async () => {
    await bought();
    for (const price of ['110', '105', '106', '105']) {
      await parts.traded(price);
      await parts.until('stop 10.5 at 99 day');
    }
    expect(parts.session.record.state).not.toBeNull();
    await parts.again('105');
    await parts.until('stop 10.5 at 99 day');
    parts.trade('120');
    await parts.until('stop 10.5 at 108 day');
    await parts.ends('10.5');
  });

  it('before the cancel has arrived: the stop is where it was, and is moved then', async () => {
    await bought();
    parts.venue.faults = lost('DELETE', 'before');
    parts.trade('110');
    await parts.session.until('it is asked', () => parts.venue.seen.some(({ method }) => method === 'DELETE'));
    await parts.again('105');
    await parts.until('stop 10.5 at 99 day');
    await parts.ends('10.5');
  });

  it('between the cancel and the new stop: that is placed at the best price of before', async () => {
    await bought();
    parts.venue.faults = lost('POST', 'before');
    parts.trade('110');
    await parts.session.until('nothing rests', () => parts.rests === '');
    await parts.again('105');
    await parts.until('stop 10.5 at 99 day');
    expect(parts.names).toEqual(['1', '2', '2-d1']);
    await parts.ends('10.5');
  });

  it('after the new stop has left: it is found', async () => {
    await bought();
    parts.venue.faults = lost('POST', 'after');
    // No bar has this price: what is replayed does not know of it.
    parts.venue.books.trade('AAPL', '110');
    await parts.session.until('it rests', () => parts.rests === 'stop 10.5 at 99 day');
    await parts.again('105');
    await parts.until('stop 10.5 at 99 day');
    expect(parts.names).toEqual(['1', '2', '2-d1']);
    await parts.ends('10.5');
  });
});
