import { afterEach, describe, expect, it } from 'vitest';
import { bracket } from '../../../orders/order-request.ts';
import { PartsInHand } from '../../../testing/venue/alpaca/parts-in-hand.ts';
import { buy, placing } from '../../../testing/venue/scripted-strategy.ts';
import { NO_FAULTS, type FaultScript } from '../../../testing/venue/stand-in-faults.ts';

// A target beside a stop for parts of shares: Alpaca lets one rest, and the session puts the other in its place.

let parts: PartsInHand;

afterEach(async () => {
  await parts.venue.stop();
});

const both = { stopLoss: { percent: 0.1 }, takeProfit: { percent: 0.1 }, trailing: null };
const STOP = 'stop 10.5 at 90 day';
const TARGET = 'limit 10.5 at 110 day';

/** 10.5 shares bought at 100, of which the stop rests at 90 and the target waits for 110. */
async function bought(): Promise<PartsInHand> {
  parts = await new PartsInHand({ protection: both }).start();
  parts.session.close('BUY');
  await parts.until(STOP);
  return parts;
}

/** The same, with the target resting at the venue though its price was seen: nothing is executed. */
async function halted(): Promise<void> {
  await bought();
  parts.halt();
  parts.trade('110');
  await parts.session.until('the target rests', () => parts.rests === TARGET);
}

/** Requests of that method do not arrive, or their answers are lost. */
const lost = (method: string, when: 'before' | 'after'): FaultScript => ({
  ...NO_FAULTS,
  request: (asked) => (asked === method ? { kind: 'hang', when } : null),
});

/** How many requests of that method the venue was asked, lost ones among them. */
const asked = (method: string): number => parts.venue.seen.filter((request) => request.method === method).length;

describe('the target of a position in parts of shares', () => {
  it('waits while the stop rests, takes its place at its price, and is filled', async () => {
    await bought();
    expect(parts.names).toEqual(['1', '2']);
    parts.trade('109.99');
    await parts.until(STOP);
    parts.trade('110');
    await parts.session.until('it is flat', () => parts.held === '0');
    expect(parts.names).toEqual(['1', '2', '3']);
    expect(parts.venue.books.orders.map(({ status }) => status)).toEqual(['filled', 'canceled', 'filled']);
    await parts.ends('0');
  });

  it('is seen by what the venue says the position is worth, too, while no bar closes', async () => {
    await bought();
    parts.venue.books.trade('AAPL', '111');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0');
  });

  it('leaves the stop to do its work where that is reached first', async () => {
    await bought();
    parts.trade('89');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.session.settled();
    expect(parts.names).toEqual(['1', '2']);
    expect(parts.session.edge.working).toEqual([]);
    await parts.ends('0');
  });

  it('gives its place back where it is not filled and the price is gone, and takes it once more', async () => {
    await halted();
    parts.trade('105');
    await parts.until(STOP);
    expect(parts.names).toEqual(['1', '2', '3', '2-d1']);
    parts.resume();
    parts.trade('110');
    await parts.session.until('it is flat', () => parts.held === '0');
    expect(parts.names).toEqual(['1', '2', '3', '2-d1', '3-d1']);
    await parts.ends('0');
  });

  it('gives its place back after a while even where its price is still there', async () => {
    await halted();
    await parts.session.until('the stop rests', () => parts.rests === STOP);
    parts.venue.books.prices.set('AAPL', 105_000_000_000n);
    parts.close('105');
    await parts.until(STOP);
    parts.resume();
    await parts.ends('10.5');
  });

  it('that is filled in part leaves a stop for the rest', async () => {
    await halted();
    parts.venue.books.fill(parts.venue.books.open('AAPL')[0]!, '4', '110');
    parts.trade('105');
    await parts.until('stop 6.5 at 90 day');
    parts.resume();
    parts.trade('89');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0');
  });

  it('never leaves where the stop is filled while it makes way', async () => {
    await bought();
    parts.venue.faults = lost('DELETE', 'before');
    parts.halt();
    parts.trade('110');
    await parts.session.until('it is asked', () => asked('DELETE') > 0);
    parts.resume();
    parts.trade('89');
    await parts.session.until('it is flat', () => parts.held === '0');
    parts.venue.faults = NO_FAULTS;
    await parts.session.settled();
    expect(parts.names).toEqual(['1', '2']);
    await parts.ends('0');
  });

  it('that rests when the day ends leaves the night to the stop', async () => {
    await halted();
    parts.venue.books.prices.set('AAPL', 105_000_000_000n);
    parts.close('105');
    parts.days.end();
    await parts.until(STOP);
    parts.resume();
    await parts.ends('10.5');
  });

  it('waits beside the stop of each next day', async () => {
    await bought();
    parts.days.end();
    await parts.session.until('another rests', () => parts.names.includes('2-d1'));
    await parts.until(STOP);
    parts.trade('110');
    await parts.session.until('it is flat', () => parts.held === '0');
    expect(parts.names).toEqual(['1', '2', '2-d1', '3']);
    await parts.ends('0');
  });

  it('gives way, with the stop, to an exit', async () => {
    await bought();
    parts.session.close('SELL');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.session.settled();
    expect(parts.names).toEqual(['1', '2', '4']);
    expect(parts.session.edge.working).toEqual([]);
    await parts.ends('0');
  });

  it("of a strategy's own bracket does so, too", async () => {
    const entry = { ...buy, size: { units: 2.5 } };
    parts = await new PartsInHand({ strategy: placing([bracket(entry, { stop: 80, target: 130 })]) }).start();
    parts.session.close('HOLD');
    await parts.until('stop 2.5 at 80 day');
    parts.trade('130');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0');
  });
});

describe('a session that is gone while a target and a stop change places', () => {
  it('goes on from its last state with both', async () => {
    await bought();
    for (const price of ['100', '101', '102', '101']) {
      await parts.traded(price);
      await parts.until(STOP);
    }
    expect(parts.session.record.state).not.toBeNull();
    await parts.again('105');
    await parts.until(STOP);
    parts.trade('110');
    await parts.session.until('it is flat', () => parts.held === '0');
    expect(parts.names).toEqual(['1', '2', '3']);
    await parts.ends('0');
  });

  it('before the cancel of the stop has arrived: the stop rests', async () => {
    await bought();
    parts.venue.faults = lost('DELETE', 'before');
    parts.halt();
    parts.trade('110');
    await parts.session.until('it is asked', () => asked('DELETE') > 0);
    await parts.again('105');
    await parts.until(STOP);
    parts.resume();
    parts.trade('110');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0');
  });

  it('before the target has left: the stop rests again where the price is gone', async () => {
    await bought();
    parts.venue.faults = lost('POST', 'before');
    parts.halt();
    parts.trade('110');
    await parts.session.until('the target is lost', () => parts.rests === '' && asked('POST') > 2);
    await parts.again('105');
    await parts.until(STOP);
    expect(parts.names).toEqual(['1', '2', '2-d1']);
    parts.resume();
    parts.trade('110');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0');
  });

  it('before the target has left: one of them does where the price is still there', async () => {
    await bought();
    parts.venue.faults = lost('POST', 'before');
    parts.halt();
    parts.trade('110');
    await parts.session.until('nothing rests', () => parts.rests === '');
    parts.resume();
    await parts.again('112');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0');
  });

  it('after the target has left: it is found, and gives its place back', async () => {
    await bought();
    parts.venue.faults = lost('POST', 'after');
    parts.halt();
    parts.trade('110');
    await parts.session.until('the target rests', () => parts.rests === TARGET);
    await parts.again('105');
    await parts.until(STOP);
    parts.resume();
    parts.trade('89');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0');
  });

  it('after the target was cancelled: the stop rests again', async () => {
    await halted();
    parts.venue.faults = lost('POST', 'before');
    parts.trade('105');
    await parts.session.until('nothing rests', () => parts.rests === '');
    await parts.again('105');
    await parts.until(STOP);
    parts.resume();
    await parts.ends('10.5');
  });
});
