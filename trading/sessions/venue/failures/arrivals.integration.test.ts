import { describe, expect, it } from 'vitest';
import { buy, sell } from '../../../testing/venue/scripted-strategy.ts';
import { GROUND_NAMES, GROUNDS } from '../../../testing/venue/faults/trading-ground.ts';
import { failing, NO_FAULTS, type FaultScript } from '../../../testing/venue/stand-in-faults.ts';

// Parts of an order in every order of arrival: they are booked once each, and nothing is made of it.

/** The last part of an order, by the names that the venues have for it; a Binance has one name for all. */
const isPart = (event: string, nth: number): boolean => event === 'partial_fill' || (event === 'TRADE' && nth < 3);

/** The stream is as it is; the answer to the order is lost on its way back. */
const answerLast = (): FaultScript => failing({ method: 'POST' }, { kind: 'hang', when: 'after' });

function inReverse(): FaultScript {
  let parts = 0;
  return { ...NO_FAULTS, message: (event) => (isPart(event, ++parts) ? 'hold' : null) };
}

/** On a busy machine an answer that is lost is one that the script loses, and no order is too old to be taken. */
const CALM = { deadlineMs: 3_000, recvWindowMs: 3_000, pingMs: 3_000 };

const ARRIVALS: readonly (readonly [string, () => FaultScript])[] = [
  ['by the stream after the answer', () => NO_FAULTS],
  ['by the stream before the answer', answerLast],
  ['by the stream twice', () => ({ ...NO_FAULTS, message: () => 'repeat' })],
  ['by the stream twice, before the answer', () => ({ ...answerLast(), message: () => 'repeat' })],
  ['by the stream in reverse', inReverse],
  ['by the stream in pairs that are swapped', () => ({ ...NO_FAULTS, message: () => 'reorder' })],
  ['by asking only', () => ({ ...NO_FAULTS, message: () => 'skip' })],
  ['by asking only, before the answer', () => ({ ...answerLast(), message: () => 'skip' })],
];

describe.each(GROUND_NAMES)('parts of an order at %s', (venue) => {
  it.concurrent.each(ARRIVALS)('that come %s are booked once each', async (_how, faults) => {
    const ground = await GROUNDS[venue]({ partsMax: 4, seed: 3, haste: CALM });
    try {
      for (const order of [buy, sell]) {
        ground.venue.faults = faults();
        await ground.places(order);
        const units = order === buy ? 10 : 0;
        await ground.session.until('it is executed', () => ground.books.held() === units);
        // An order at the venue is at rest for a session that has not heard of its execution.
        await ground.session.until('it is booked', () => Math.abs(ground.session.edge.held(0) - units) < 1e-8);
        await ground.session.settled();
        const { ours, theirs, heldHere, heldThere, twice } = await ground.comesOut();
        expect(ours).toEqual(theirs);
        expect(heldHere).toBeCloseTo(heldThere, 8);
        expect(twice).toBe(0);
      }
      expect(ground.books.executions().length).toBeGreaterThan(2);
      expect(ground.refusals).toEqual([]);
    } finally {
      await ground.end();
    }
  });
});
