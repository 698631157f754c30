import { afterEach, describe, expect, it } from 'vitest';
import type { StrategyAction } from '../../../strategies/strategy.ts';
import { PartsInHand } from '../../../testing/venue/alpaca/parts-in-hand.ts';
import { buy, placing } from '../../../testing/venue/scripted-strategy.ts';
import { NO_FAULTS, type FaultScript } from '../../../testing/venue/stand-in-faults.ts';

// A target beside a trailing stop: Alpaca lets one rest, as a stop that the session moves, and the target has its turn.

let parts: PartsInHand;

afterEach(async () => {
  await parts.venue.stop();
});

const protection = { stopLoss: null, takeProfit: { percent: 0.1 }, trailing: { percent: 0.05 } };

/** Requests of that method do not arrive, or their answers are lost. */
const lost = (method: string, when: 'before' | 'after'): FaultScript => ({
  ...NO_FAULTS,
  request: (asked) => (asked === method ? { kind: 'hang', when } : null),
});

describe.each([
  ['parts of shares', { units: 10.5, lot: 0.001 }, '10.5', 'day'],
  ['whole shares that might be parts', { units: 10, lot: 0.001 }, '10', 'gtc'],
  ['whole shares', { units: 10, lot: 1 }, '10', 'gtc'],
])('a target beside a trailing stop, of %s', (_what, size, units, tif) => {
  const stopAt = (price: number): string => `stop ${units} at ${price} ${tif}`;
  const target = `limit ${units} at 110 ${tif}`;

  /** Bought at 100: a stop rests at 95 and follows, the target waits for 110. */
  async function bought(): Promise<void> {
    parts = await new PartsInHand({ protection, ...size }).start();
    parts.session.close('BUY');
    await parts.until(stopAt(95));
  }

  /** The stop has followed to 102.6, and the target rests in its place though nothing is executed. */
  async function halted(): Promise<void> {
    await bought();
    parts.trade('108');
    await parts.until(stopAt(102.6));
    parts.halt();
    parts.trade('110');
    await parts.session.until('the target rests', () => parts.rests === target);
  }

  it('the stop follows, makes way at the price of the target, and that is filled', async () => {
    await bought();
    parts.trade('104');
    await parts.until(stopAt(98.8));
    parts.trade('110');
    await parts.session.until('it is flat', () => parts.held === '0');
    expect(parts.venue.seen.filter(({ body }) => body.type === 'trailing_stop')).toEqual([]);
    await parts.ends('0');
  });

  it('the stop does its work where it has got to', async () => {
    await bought();
    parts.trade('108');
    await parts.until(stopAt(102.6));
    parts.trade('102.59');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.session.settled();
    expect(parts.session.edge.working).toEqual([]);
    await parts.ends('0');
  });

  it('in vain gives its place back to a stop that has followed meanwhile', async () => {
    await halted();
    parts.trade('107');
    await parts.until(stopAt(104.5));
    parts.resume();
    parts.trade('104');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0');
  });

  it('is found by a session that was gone, and so is how far the stop had got', async () => {
    await halted();
    await parts.again('107');
    await parts.until(stopAt(104.5));
    parts.resume();
    parts.trade('110');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0');
  });

  it('goes on where the session was gone between the cancel of the stop and what follows it', async () => {
    await bought();
    parts.trade('108');
    await parts.until(stopAt(102.6));
    parts.venue.faults = lost('POST', 'before');
    parts.halt();
    parts.trade('110');
    await parts.session.until('nothing rests', () => parts.rests === '');
    await parts.again('107');
    await parts.until(stopAt(104.5));
    parts.resume();
    await parts.ends(units);
  });
});

describe('exits of a strategy that places its own', () => {
  const exit = { do: 'place', side: 'sell', size: 'position', reduceOnly: true, group: 'exits' } as const;
  const trail: StrategyAction = { ...exit, label: 'trail', type: 'trailing', trail: { percent: 0.1 } };
  const target: StrategyAction = { ...exit, label: 'target', type: 'limit', limit: 130 };

  async function held(...script: readonly (readonly StrategyAction[])[]): Promise<void> {
    parts = await new PartsInHand({ strategy: placing([[buy], ...script]), units: 10, lot: 1 }).start();
    parts.session.close('HOLD');
    await parts.session.until('it is bought', () => parts.held === '10');
    await parts.session.settled();
    parts.session.close('HOLD');
  }

  it('take turns where they are decided together, the trailing stop first', async () => {
    await held([trail, target]);
    await parts.until('stop 10 at 90 gtc');
    parts.trade('120');
    await parts.until('stop 10 at 108 gtc');
    parts.trade('130');
    await parts.session.until('it is flat', () => parts.held === '0');
    await parts.ends('0');
  });

  it('do not where the trailing stop has left before: the venue follows the price, how far is not known', async () => {
    await held([trail], [target]);
    await parts.session.until('it rests', () => parts.rests === 'trailing_stop 10 gtc');
    await parts.session.settled();
    parts.session.close('HOLD');
    await parts.session.until('it is refused', () => parts.session.notes.join().includes('not placed together'));
    await parts.session.settled();
    expect(parts.rests).toBe('trailing_stop 10 gtc');
    await parts.session.end();
  });
});
