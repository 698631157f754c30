import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlpacaBroker } from '../../brokers/alpaca/alpaca-broker.ts';
import { BinanceBroker } from '../../brokers/binance/binance-broker.ts';
import { FuturesBroker } from '../../brokers/binance/futures/futures-broker.ts';
import type { RequestVerdict } from '../../brokers/venue/request-verdict.ts';
import type { OutgoingOrder, VenueBroker, VenueMessage } from '../../brokers/venue/venue-broker.ts';
import { CircuitWatch, type BreakerChange } from './circuit-watch.ts';
import { guardedBroker } from './guarded-broker.ts';
import { OrderRequests } from './order-requests.ts';

const ACCEPTED: RequestVerdict = { result: 'accepted', name: 'accepted', words: '' };
const AWAY: RequestVerdict = { result: 'unknown', name: 'timed-out', words: 'no answer' };
const OPENING = { clientOrderId: 'a' } as OutgoingOrder;
const EXIT = { clientOrderId: 'b', reduces: true } as OutgoingOrder;
const OPEN_MS = 1_000;

let nowMs = 0;
let answer: RequestVerdict = ACCEPTED;
let calls: string[] = [];
let changes: BreakerChange[] = [];
/** Ends the stream that is listened to. */
let endStream: (why: string) => void = () => undefined;
let tell: (message: VenueMessage) => void = () => undefined;

function guarded(more: Partial<VenueBroker> = {}) {
  const asked = (name: string) => (): Promise<RequestVerdict> => {
    calls.push(name);
    nowMs += 120;
    return Promise.resolve(answer);
  };
  const broker = {
    name: 'venue',
    submit: asked('submit'),
    cancel: asked('cancel'),
    amend: asked('amend'),
    positions: () => {
      calls.push('positions');
      return answer === ACCEPTED ? Promise.resolve([]) : Promise.reject(new Error('HTTP 503'));
    },
    listen: (onMessage: (message: VenueMessage) => void) => {
      calls.push('listen');
      tell = onMessage;
      return new Promise<string>((resolve) => (endStream = resolve));
    },
    ...more,
  } as unknown as VenueBroker;
  const watch = (name: 'requests' | 'stream') =>
    new CircuitWatch(name, { failuresMax: 3, openMs: OPEN_MS }, (change) => changes.push(change));
  const seen = new OrderRequests();
  const sleep = (ms: number): Promise<void> => vi.advanceTimersByTimeAsync(ms).then(() => undefined);
  const options = { requests: watch('requests'), stream: watch('stream'), seen, clock: () => nowMs, sleep };
  return { broker: guardedBroker(broker, options), seen };
}

beforeEach(() => {
  vi.useFakeTimers();
  [answer, calls, changes] = [ACCEPTED, [], []];
});
afterEach(() => {
  vi.useRealTimers();
});

const states = (): string[] => changes.map(({ breaker, state }) => `${breaker} ${state}`);

/** Everything that brokers of any venue have. */
const EVERY_PART = [AlpacaBroker, BinanceBroker, FuturesBroker].flatMap(({ prototype }) =>
  Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor' && name !== 'stop'),
);

describe('a venue behind its breakers', () => {
  it('keeps every part that it has, hours and payments too', async () => {
    const asked: string[] = [];
    const parts = Object.fromEntries(EVERY_PART.map((name) => [name, () => Promise.resolve(asked.push(name))]));
    const { broker } = guarded(parts as unknown as VenueBroker);
    expect(Object.keys(broker)).toEqual(expect.arrayContaining(EVERY_PART));
    await broker.paymentsSince!(0);
    await broker.hours!();
    expect(asked).toEqual(['paymentsSince', 'hours']);
    expect(Object.keys(guarded().broker)).not.toContain('hours');
  });

  it('is asked for nothing that opens while it is away, and goes on with cancels and exits', async () => {
    const { broker, seen } = guarded();
    answer = AWAY;
    for (let times = 0; times < 3; times++) expect(await broker.submit(OPENING)).toEqual(AWAY);
    expect(changes).toEqual([{ breaker: 'requests', state: 'open', reason: 'timed-out: no answer' }]);
    expect(seen.failing).toBe(3);
    calls = [];
    expect(await broker.submit(OPENING)).toMatchObject({ result: 'refused', name: 'not-sent' });
    await expect(broker.positions()).rejects.toThrow('venue was not asked for the positions: its breaker is open');
    expect(calls).toEqual([]);
    expect(await broker.submit(EXIT)).toEqual(AWAY);
    expect(await broker.cancel('a')).toEqual(AWAY);
    expect(calls).toEqual(['submit', 'cancel']);
  });

  it('is tried by one request after a while, which opens or closes its breaker', async () => {
    const { broker, seen } = guarded();
    answer = AWAY;
    for (let times = 0; times < 3; times++) await broker.cancel('a');
    await vi.advanceTimersByTimeAsync(OPEN_MS);
    await expect(broker.positions()).rejects.toThrow('HTTP 503');
    expect(states()).toEqual(['requests open', 'requests half-open', 'requests open']);
    await vi.advanceTimersByTimeAsync(OPEN_MS);
    answer = ACCEPTED;
    expect(await broker.positions()).toEqual([]);
    expect(states().slice(3)).toEqual(['requests half-open', 'requests closed']);
    expect(await broker.submit(OPENING)).toEqual(ACCEPTED);
    expect(seen.failing).toBe(0);
  });

  it('counts as there once a cancel or an exit was answered', async () => {
    const { broker } = guarded();
    answer = AWAY;
    for (let times = 0; times < 3; times++) await broker.cancel('a');
    answer = ACCEPTED;
    await broker.cancel('a');
    expect(states()).toEqual(['requests open']);
    await vi.advanceTimersByTimeAsync(OPEN_MS);
    await broker.cancel('a');
    expect(states().at(-1)).toBe('requests closed');
  });

  it('is not away because it refuses, or wants us to wait', async () => {
    const { broker, seen } = guarded();
    answer = { result: 'refused', name: 'insufficient-funds', words: 'no' };
    for (let times = 0; times < 5; times++) await broker.submit(OPENING);
    answer = { result: 'not-processed', name: 'rate-limited', words: 'slow down' };
    for (let times = 0; times < 5; times++) await broker.submit(OPENING);
    expect(changes).toEqual([]);
    expect(seen.latencyMs).toBe(120);
  });

  it('is listened to again only when the breaker of its stream lets it', async () => {
    const { broker } = guarded();
    const { signal } = new AbortController();
    const listen = (): Promise<string> => broker.listen(() => undefined, signal);
    for (let times = 0; times < 3; times++) {
      const ended = listen();
      endStream('refused');
      expect(await ended).toBe('refused');
    }
    expect(changes).toEqual([{ breaker: 'stream', state: 'open', reason: 'refused' }]);
    expect(await listen()).toBe('its breaker is open');
    expect(calls).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(OPEN_MS);
    const ended = listen();
    tell({ kind: 'opened' });
    await vi.advanceTimersByTimeAsync(1);
    expect(states().at(-1)).toBe('stream closed');
    endStream('later');
    // One that was there and ended is no failure to open it.
    expect(await ended).toBe('later');
    expect(states().at(-1)).toBe('stream closed');
  });
});
