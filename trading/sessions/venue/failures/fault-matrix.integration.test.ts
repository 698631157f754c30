import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlaceOrder } from '../../../orders/order-request.ts';
import type { StrategyAction } from '../../../strategies/strategy.ts';
import { FOREIGN } from '../../../testing/venue/faults/foreign-answers.ts';
import { heldAt, sameBooks } from '../../../testing/venue/placing-session.ts';
import { buy, placing } from '../../../testing/venue/scripted-strategy.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../../../testing/venue/session-in-hand.ts';
import { NO_FAULTS, statusFault, type RequestFault } from '../../../testing/venue/stand-in-faults.ts';
import type { StandInVenue } from '../../../testing/venue/stand-in-venue.ts';

// Every fault of a request with every operation, through the real SDK. The table is the product of the two lists: a
// fault or an operation that is added is tried with all of the other.

const STATUSES = [401, 403, 404, 409, 418, 422, 429, 500, 502, 503, 504];
const FAULTS: readonly (readonly [string, RequestFault])[] = [
  ...STATUSES.map((status): [string, RequestFault] => [`HTTP ${status}`, statusFault(status, 'no', '0')]),
  ['a time-out before arrival', { kind: 'hang', when: 'before' }],
  ['a time-out after arrival', { kind: 'hang', when: 'after' }],
  ['a line cut before arrival', { kind: 'reset', when: 'before' }],
  ['a line cut after arrival', { kind: 'reset', when: 'after' }],
  ['a garbled answer', { kind: 'garbled' }],
  ['a truncated answer', { kind: 'truncated' }],
  // It is done, and something in between answers.
  ...FOREIGN.filter(([what]) => /^(a page|an error of a gateway) /.test(what)),
];

const low: PlaceOrder = {
  do: 'place',
  label: 'low',
  side: 'buy',
  size: { units: 5 },
  type: 'limit',
  limit: 90,
};
const sell: PlaceOrder = { ...buy, label: 'out', side: 'sell', size: 'position', reduceOnly: true };

let venue: StandInVenue;
let session: SessionInHand;
const script: (readonly StrategyAction[])[] = [];

beforeAll(async () => {
  venue = await venueInHand({ partsMax: 3 });
  session = await sessionInHand(venue, { strategy: placing(script) });
  session.close('HOLD');
  script.push([]);
  await session.until('it is ready', () => session.edge.ready && session.record.bars.length === 1);
});
afterAll(async () => {
  await session?.end();
  await venue?.stop();
});
afterEach(() => {
  venue.faults = NO_FAULTS;
});

/** A bar closes, and the strategy does so. */
async function does(...actions: StrategyAction[]): Promise<void> {
  script.push(actions);
  session.close('HOLD');
  await session.until('the bar', () => session.record.bars.length === script.length);
}

/** The first request of `method` at such a path goes wrong. */
function failOnce(fault: RequestFault, method: string, at: (path: string) => boolean): void {
  let left = 1;
  venue.faults = {
    ...NO_FAULTS,
    request: (asked, path) => (asked === method && at(path) && left-- > 0 ? fault : null),
  };
}

const isOrder = (path: string): boolean => path.startsWith('/v2/orders');
const working = (): number => venue.books.open('AAPL').length;

/** Whatever came of it: nothing was sent twice, nothing works unseen, and all is sold in the end. */
async function comesOut(): Promise<void> {
  venue.faults = NO_FAULTS;
  await session.settled();
  await sameBooks(session, heldAt(session));
  const ids = venue.books.orders.map(({ clientOrderId }) => clientOrderId);
  expect(new Set(ids).size).toBe(ids.length);
  if (working() > 0) {
    await does({ do: 'cancel', label: 'low' });
    await session.until('nothing works', () => working() === 0);
  }
  if (heldAt(session) > 0) {
    await does(sell);
    await session.until('it is sold', () => heldAt(session) === 0);
  }
  await sameBooks(session, 0);
}

const OPERATIONS: readonly [string, (fault: RequestFault) => Promise<void>][] = [
  [
    'submit',
    async (fault) => {
      failOnce(fault, 'POST', isOrder);
      await does(buy);
      await session.settled();
    },
  ],
  [
    'cancel',
    async (fault) => {
      await does(low);
      await session.until('it rests', () => working() === 1);
      failOnce(fault, 'DELETE', isOrder);
      await does({ do: 'cancel', label: 'low' });
      await session.until('it has ended', () => working() === 0);
    },
  ],
  [
    'amend',
    async (fault) => {
      await does(low);
      await session.until('it rests', () => working() === 1);
      await session.settled();
      failOnce(fault, 'PATCH', isOrder);
      await does({ do: 'amend', label: 'low', limit: 91 });
      await session.settled();
      expect(working()).toBe(1);
    },
  ],
];

describe.each(OPERATIONS)('%s', (_operation, run) => {
  it.each(FAULTS)('with %s: the books are equal, and nothing was sent twice', async (_fault, fault) => {
    await run(fault);
    await comesOut();
  });
});
