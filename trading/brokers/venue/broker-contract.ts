import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Instrument } from '../../../features/instrument.ts';
import type { OrderTerms } from '../../orders/order-terms.ts';
import type { RequestVerdict } from './request-verdict.ts';
import type { OutgoingOrder, VenueBroker, VenueMessage } from './venue-broker.ts';

/** What goes wrong with the next request of a kind; `arrives` says whether the venue has done what was asked. */
export type ContractFault =
  | { readonly kind: 'silence' | 'cut'; readonly arrives: boolean }
  | { readonly kind: 'garbled' | 'unavailable' | 'too-many' };

/** A venue with books of its own, whose broker is held to the contract. Amounts are plain numbers. */
export interface ContractVenue {
  readonly broker: VenueBroker;
  /** It trades at 100 when the venue starts, in lots of 1, and the account can pay for 100 of it. */
  readonly instrument: Instrument;
  /** The market trades at `price`: what it reaches is executed, all of it, before this returns. */
  trade(price: number): void;
  /** What the venue's own books hold. */
  readonly held: number;
  readonly executionIds: readonly string[];
  /** Client ids of orders that have not ended there, in any order. */
  readonly working: readonly string[];
  /** Orders that the venue has ever made of this client id. */
  madeOf(clientOrderId: string): number;
  /** The next request of this kind goes wrong. */
  fail(of: 'submit' | 'cancel' | 'question', fault: ContractFault): void;
  /** Every stream is cut. */
  cutStream(): void;
  /** How many requests have arrived. */
  readonly requests: number;
  stop(): Promise<void>;
}

const limitAt = (price: number): OrderTerms => {
  return { type: 'limit', role: 'order', price, trail: 0, trailShare: 0, group: 0, conditions: null };
};

const FAULTS: readonly (readonly [
  name: string,
  fault: ContractFault,
  result: RequestVerdict['result'],
  orders: number,
])[] = [
  ['silence before it arrived', { kind: 'silence', arrives: false }, 'unknown', 0],
  ['silence after it arrived', { kind: 'silence', arrives: true }, 'unknown', 1],
  ['a line that is cut before it arrived', { kind: 'cut', arrives: false }, 'unknown', 0],
  ['a line that is cut after it arrived', { kind: 'cut', arrives: true }, 'unknown', 1],
  ['an answer that cannot be read', { kind: 'garbled' }, 'unknown', 1],
  ['a venue that is not available', { kind: 'unavailable' }, 'unknown', 0],
  ['too many requests', { kind: 'too-many' }, 'not-processed', 0],
];

/**
 * What every broker keeps, as a suite: run it for one with a venue that stands in for the real one. A request about an
 * order ends in a verdict and never throws, only proof refuses, nothing is sent twice, a question that was not answered
 * whole throws, and the venue's own names of executions come through.
 */
export function holdsBrokerContract(name: string, start: () => Promise<ContractVenue>): void {
  describe(`the contract of brokers, by ${name}`, () => {
    let venue: ContractVenue;

    beforeEach(async () => {
      venue = await start();
    });
    afterEach(async () => {
      await venue.stop();
    });

    const order = (clientOrderId: string, more: Partial<OutgoingOrder> = {}): OutgoingOrder => {
      return { clientOrderId, instrument: venue.instrument, side: 1, quantity: 10, terms: null, ...more };
    };

    submits(() => venue, order);
    cancels(() => venue, order);
    answers(() => venue, order);
    streams(() => venue, order);
  });
}

type MakeOrder = (clientOrderId: string, more?: Partial<OutgoingOrder>) => OutgoingOrder;

function submits(venue: () => ContractVenue, order: MakeOrder): void {
  describe('a submit', () => {
    it('makes an order of its id, which is found by it', async () => {
      const { broker } = venue();
      const verdict = await broker.submit(order('a-1', { terms: limitAt(90) }));
      expect(verdict).toMatchObject({ result: 'accepted', order: { clientOrderId: 'a-1', side: 1, filled: 0 } });
      expect(await broker.find('a-1')).toMatchObject({
        found: 'order',
        order: { clientOrderId: 'a-1', symbol: venue().instrument.symbol, status: 'working', quantity: 10 },
      });
      expect(await broker.find('a-2')).toEqual({ found: 'absent' });
      expect(venue().working).toEqual(['a-1']);
    });

    it.each(FAULTS)('that meets %s is no more than that, and leaves once', async (_name, fault, result, orders) => {
      const before = venue().requests;
      venue().fail('submit', fault);
      expect(await venue().broker.submit(order('a-1', { terms: limitAt(90) }))).toMatchObject({ result });
      expect(venue().madeOf('a-1')).toBe(orders);
      expect(venue().requests - before).toBe(1);
      expect((await venue().broker.find('a-1')).found).toBe(orders === 1 ? 'order' : 'absent');
    });

    it('of an id that works makes no second order', async () => {
      await venue().broker.submit(order('a-1', { terms: limitAt(90) }));
      const again = await venue().broker.submit(order('a-1', { terms: limitAt(90) }));
      expect(again).toMatchObject({ result: 'refused', name: 'duplicate-id' });
      expect(venue().madeOf('a-1')).toBe(1);
    });

    it('of an id that was used up makes no second order, whatever the venue would take', async () => {
      const { broker } = venue();
      await broker.submit(order('a-1'));
      venue().trade(100);
      await broker.submit(order('a-1'));
      expect(venue().madeOf('a-1')).toBe(1);
    });

    it('that the table of capabilities refuses does not leave', async () => {
      const before = venue().requests;
      const index: Instrument = { ...venue().instrument, assetClass: 'index' };
      const verdict = await venue().broker.submit(order('a-1', { instrument: index }));
      expect(verdict).toMatchObject({ result: 'refused', name: 'not-supported' });
      expect(verdict.words).not.toBe('');
      expect(await venue().broker.submit(order('a-1', { quantity: NaN }))).toMatchObject({ result: 'refused' });
      expect(await venue().broker.submit(order('a-1', { quantity: 1.5 }))).toMatchObject({ result: 'refused' });
      const tooLong = 'x'.repeat(venue().broker.capabilities.clientOrderIdMax + 1);
      expect(await venue().broker.submit(order(tooLong))).toMatchObject({ result: 'refused' });
      expect(venue().requests).toBe(before);
    });

    it('that hangs holds up no other, neither order nor cancel', async () => {
      const { broker } = venue();
      await broker.submit(order('a-1', { terms: limitAt(90) }));
      venue().fail('submit', { kind: 'silence', arrives: false });
      const ended: string[] = [];
      const hung = broker.submit(order('a-2', { terms: limitAt(91) })).then(() => ended.push('hung'));
      await broker.cancel('a-1').then(() => ended.push('cancel'));
      await broker.submit(order('a-3', { terms: limitAt(89) })).then(() => ended.push('order'));
      await hung;
      expect(ended).toEqual(['cancel', 'order', 'hung']);
    });
  });
}

function cancels(venue: () => ContractVenue, order: MakeOrder): void {
  describe('a cancel', () => {
    it('ends an order that works, once', async () => {
      await venue().broker.submit(order('a-1', { terms: limitAt(90) }));
      expect(await venue().broker.cancel('a-1')).toMatchObject({ result: 'accepted' });
      venue().trade(100);
      expect(venue().working).toEqual([]);
      expect(await venue().broker.find('a-1')).toMatchObject({ order: { status: 'canceled', filled: 0 } });
      expect(await venue().broker.cancel('a-1')).toMatchObject({ result: 'refused' });
    });

    it('of an order that was filled, or never was, is refused and does not throw', async () => {
      await venue().broker.submit(order('a-1'));
      venue().trade(100);
      expect(await venue().broker.cancel('a-1')).toMatchObject({ result: 'refused' });
      expect(await venue().broker.cancel('a-2')).toMatchObject({ result: 'refused' });
      expect(venue().held).toBe(10);
    });

    it('that is not answered is not known', async () => {
      await venue().broker.submit(order('a-1', { terms: limitAt(90) }));
      venue().fail('cancel', { kind: 'silence', arrives: true });
      expect(await venue().broker.cancel('a-1')).toMatchObject({ result: 'unknown' });
    });
  });
}

function answers(venue: () => ContractVenue, order: MakeOrder): void {
  describe('what is asked', () => {
    it('is answered from the books', async () => {
      const { broker, instrument } = venue();
      await broker.submit(order('a-1'));
      venue().trade(100);
      await broker.submit(order('a-2', { quantity: 3, terms: limitAt(90) }));
      const { symbol } = instrument;
      expect(await broker.positions()).toMatchObject([{ symbol, quantity: 10, price: 100 }]);
      const open = await broker.openOrders();
      expect(open.map(({ clientOrderId }) => clientOrderId)).toEqual(['a-2']);
      const executions = await broker.executionsSince(0);
      expect(executions.map(({ executionId }) => executionId)).toEqual(venue().executionIds);
      expect(executions).toMatchObject([{ clientOrderId: 'a-1', symbol, quantity: 10, price: 100 }]);
      expect(await broker.account()).toMatchObject({ blocks: [] });
      expect(Math.abs(await broker.clockOffsetMs())).toBeLessThan(5_000);
    });

    it.each<ContractFault>([{ kind: 'garbled' }, { kind: 'cut', arrives: true }, { kind: 'unavailable' }])(
      'and not answered whole ($kind) is never nothing',
      async (fault) => {
        await venue().broker.submit(order('a-1'));
        venue().trade(100);
        for (const ask of ['positions', 'openOrders', 'account'] as const) {
          venue().fail('question', fault);
          await expect(venue().broker[ask]()).rejects.toThrow();
        }
        venue().fail('question', fault);
        expect(await venue().broker.find('a-1')).toEqual({ found: 'unreadable' });
      },
    );
  });
}

function streams(venue: () => ContractVenue, order: MakeOrder): void {
  describe('the stream', () => {
    it('tells an execution by the name under which it is found by asking, and ends when it is cut', async () => {
      const { broker } = venue();
      const stop = new AbortController();
      const messages: VenueMessage[] = [];
      let wake = (): void => undefined;
      const ended = broker.listen((message) => {
        messages.push(message);
        wake();
      }, stop.signal);
      const until = async (kind: VenueMessage['kind']): Promise<void> => {
        while (messages.every((message) => message.kind !== kind)) await new Promise<void>((woken) => (wake = woken));
      };
      await until('opened');
      await broker.submit(order('a-1'));
      venue().trade(100);
      await until('execution');
      const told = messages.find((message) => message.kind === 'execution');
      expect(told).toMatchObject({ execution: { clientOrderId: 'a-1', quantity: 10, price: 100 } });
      const [asked] = await broker.executionsSince(0);
      expect(told?.kind === 'execution' && told.execution.executionId).toBe(asked!.executionId);
      venue().cutStream();
      expect(await ended).not.toBe('');
    });

    it('ends when the session ends it', async () => {
      const stop = new AbortController();
      const ended = venue().broker.listen(() => undefined, stop.signal);
      stop.abort();
      expect(await ended).not.toBe('');
    });
  });
}
