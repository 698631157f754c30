import { afterEach, describe, expect, it } from 'vitest';
import type { Instrument } from '../../../features/instrument.ts';
import { NO_CONDITIONS, type OrderConditions, type OrderTerms } from '../../orders/order-terms.ts';
import { alpacaInHand, outgoing, share, type AlpacaInHand } from '../../testing/venue/alpaca/alpaca-in-hand.ts';
import { NEW_YORK_HOURS } from '../../testing/venue/stand-in-market.ts';
import type { VenueMessage } from '../venue/venue-broker.ts';
import { shapeOf } from '../venue/capabilities.ts';
import { alpacaCapabilities } from './alpaca-capabilities.ts';
import { alpacaReplacement, alpacaRequest } from './alpaca-request.ts';

// Orders outside the regular hours, over the real SDK, at the venue that stands in.

const at = (time: string): number => Date.parse(`2025-03-10T${time}:00-04:00`);

let hand: AlpacaInHand | null = null;
const clock = { ms: at('08:00') };

async function open(time: string): Promise<AlpacaInHand> {
  clock.ms = at(time);
  return (hand = await alpacaInHand({ clock: () => clock.ms, hours: NEW_YORK_HOURS }));
}

afterEach(async () => {
  await hand?.venue.stop();
  hand = null;
});

const extended: Instrument = { ...share('AAPL'), rules: { extendedHours: true } };
const terms = (more: Partial<OrderTerms>, conditions: Partial<OrderConditions> | null = null): OrderTerms => ({
  ...{ type: 'limit', role: 'order', price: 100, trail: 0, trailShare: 0, group: 0 },
  ...more,
  conditions: conditions === null ? null : { ...NO_CONDITIONS, ...conditions },
});

describe('what is marked for extended hours', () => {
  it.each<[string, OrderTerms | null, boolean]>([
    ['a limit until cancelled', terms({}), true],
    ['a limit for the day', terms({}, { tif: 'day' }), true],
    ['a limit until a time', terms({}, { tif: 'gtd', expiresMs: 1 }), true],
    ['a limit that only closes', terms({}, { reduceOnly: true }), true],
    ['a market order', null, false],
    ['a limit of a group', terms({ group: 1 }), false],
    ['a target', terms({ role: 'take-profit' }), false],
    ['a limit at once', terms({}, { tif: 'ioc' }), false],
    ['a limit into the auction', terms({}, { tif: 'on-open' }), false],
    ['a stop', terms({ type: 'stop' }), false],
    ['a stop-limit', terms({ type: 'stop-limit' }, { limit: 99 }), false],
    ['a trailing stop', terms({ type: 'trailing', trail: 1 }), false],
  ])('%s: %j', (_, of, marked) => {
    const body = (instrument: Instrument) => {
      const request = alpacaRequest(outgoing('one', { instrument, terms: of }));
      return 'body' in request ? request.body : request.why;
    };
    expect(body(extended)).toEqual({
      ...(body(share('AAPL')) as object),
      ...(marked ? { extendedHours: true } : {}),
    });
    expect(JSON.stringify(body(share('AAPL')))).not.toContain('extended');
  });

  it('hangs together with nothing, and is of whole shares', () => {
    const shape = (of: OrderTerms | null, quantity = 10) => shapeOf(extended, quantity, of);
    const stop = shape(terms({ type: 'stop', group: 1 }));
    const target = shape(terms({ price: 110, group: 1 }));
    expect(alpacaCapabilities.attach(shape(null), [target, stop]).how).toBe('native');
    expect(alpacaCapabilities.attach(shape(terms({})), [target, stop]).how).toBe('emulated');
    expect(alpacaCapabilities.attach(shape(null), [shape(terms({ price: 110 }))]).how).toBe('emulated');
    expect(alpacaCapabilities.pair(target, stop).how).toBe('native');
    expect(alpacaCapabilities.capability(shape(terms({}), 0.5))).toEqual({
      how: 'refused',
      why: expect.stringContaining('parts of a share outside of the regular hours in some shares only') as string,
    });
    expect(alpacaCapabilities.capability(shape(terms({}))).how).toBe('native');
  });

  it('is changed without the mark, which stays there', () => {
    const changed = alpacaReplacement(outgoing('two', { instrument: extended, terms: terms({ price: 99 }) }));
    expect(changed).toEqual({ body: { qty: '10', limitPrice: '99', clientOrderId: 'two' } });
  });
});

describe('at the venue', () => {
  it('is executed before the open and after the close, and nothing else is', async () => {
    const { venue, broker } = await open('08:00');
    const limit = { instrument: extended, terms: terms({}) };
    const messages: VenueMessage[] = [];
    const stop = new AbortController();
    const told = broker.listen((message) => void messages.push(message), stop.signal);
    while (messages.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const marked = await broker.submit(outgoing('marked', limit));
    const plain = await broker.submit(outgoing('plain', { terms: terms({}) }));
    const next = await broker.submit(outgoing('next'));
    expect([marked, plain, next].map(({ result }) => result)).toEqual(['accepted', 'accepted', 'accepted']);
    expect([marked, plain].map(({ order }) => order?.extended)).toEqual([true, undefined]);
    venue.books.turn();
    const filled = (): string[] => venue.books.executions.map(({ order }) => order.clientOrderId);
    expect(filled()).toEqual(['marked']);
    const answer = await broker.find('marked');
    expect(answer.found === 'order' && answer.order).toMatchObject({ status: 'filled', extended: true });
    while (!messages.some(({ kind }) => kind === 'execution')) await new Promise((resolve) => setTimeout(resolve, 5));
    const seen = messages.flatMap((message) =>
      'order' in message ? [[message.order.clientOrderId, message.order.extended]] : [],
    );
    expect(seen).toContainEqual(['marked', true]);
    expect(seen).not.toContainEqual(['plain', true]);
    clock.ms = at('09:30');
    venue.books.turn();
    expect(filled().sort()).toEqual(['marked', 'next', 'plain']);
    stop.abort();
    await told;
  });

  it('keeps its mark through a change, and for the day ends at 20:00', async () => {
    const { venue, broker } = await open('17:00');
    const day = (price: number) => terms({ price }, { tif: 'day' });
    await broker.submit(outgoing('one', { instrument: extended, terms: day(90) }));
    await broker.submit(outgoing('plain', { terms: day(90) }));
    await broker.amend('one', outgoing('two', { instrument: extended, terms: day(91) }));
    const shown = await broker.openOrders();
    expect(shown.map(({ clientOrderId, extended: marked }) => [clientOrderId, marked])).toEqual([
      ['two', true],
      ['plain', undefined],
    ]);
    clock.ms = at('19:59');
    venue.books.turn();
    expect(venue.books.byClientId('two')!.status).toBe('new');
    clock.ms = at('20:00');
    venue.books.turn();
    // What came after the close without the mark is for the next day.
    expect(['two', 'plain'].map((name) => venue.books.byClientId(name)!.status)).toEqual(['expired', 'new']);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a market order', { type: 'market' }, 'extended hours order must be DAY or GTC limit orders'],
    ['a limit at once', { time_in_force: 'ioc' }, 'extended hours order must be DAY or GTC limit orders'],
    ['a limit into the auction', { time_in_force: 'opg' }, 'extended hours order must be DAY or GTC limit orders'],
    ['a stop', { type: 'stop', stop_price: '90' }, 'stop orders are not eligible for extended hours trading'],
    [
      'a trailing stop',
      { type: 'trailing_stop', trail_price: '1' },
      'stop orders are not eligible for extended hours trading',
    ],
    [
      'a bracket',
      { order_class: 'bracket', take_profit: { limit_price: '110' }, stop_loss: { stop_price: '90' } },
      'bracket orders do not support extended_hours',
    ],
  ])('%s that is marked is refused', async (_, more, message) => {
    const { venue } = await open('08:00');
    const limit = more.type === undefined ? { limit_price: '100' } : {};
    const body = { symbol: 'AAPL', side: 'buy', qty: '10', type: 'limit', time_in_force: 'day', extended_hours: true };
    expect(() => venue.books.submit({ ...body, ...limit, ...more })).toThrow(
      expect.objectContaining({ status: 422, code: 42210000, message }),
    );
  });
});
