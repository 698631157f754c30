import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../../infra/clock.ts';
import { brokerOf, type VenueBroker } from './venue-broker.ts';

/** A request about an order as it left, without what signs it. */
interface SentRequest {
  readonly sentMs: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Null where it had none. */
  readonly body: string | null;
}

/** What came back. */
export interface GivenAnswer {
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** The text that was answered, or what the connection failed with. */
  readonly answer: string;
}

/** One request about an order, and what was answered. */
export interface VenueExchange extends SentRequest, GivenAnswer {
  /** Which of our orders it is about. */
  readonly clientOrderId: string;
  readonly tookMs: number;
}

type Tape = (request: SentRequest, given: GivenAnswer, nowMs: number) => void;

/** The order that is asked about: requests are made several calls below, by the SDKs of venues. */
const about = new AsyncLocalStorage<Tape>();

/** The same broker; `write` sees each request that it sends about an order, and the answer. It may not throw. */
export function tapedBroker(broker: VenueBroker, write: (exchange: VenueExchange) => void): VenueBroker {
  const taped = <T>(clientOrderId: string, ask: () => Promise<T>): Promise<T> =>
    about.run(
      (request, given, nowMs) => write({ clientOrderId, ...request, ...given, tookMs: nowMs - request.sentMs }),
      ask,
    );
  const { prepare, paymentsSince, hours } = broker;
  return brokerOf({
    name: broker.name,
    capabilities: broker.capabilities,
    prepare: prepare?.bind(broker),
    submit: (order) => taped(order.clientOrderId, () => broker.submit(order)),
    cancel: (id) => taped(id, () => broker.cancel(id)),
    amend: (id, by) => taped(id, () => broker.amend(id, by)),
    find: (id) => taped(id, () => broker.find(id)),
    openOrders: () => broker.openOrders(),
    positions: () => broker.positions(),
    account: () => broker.account(),
    executionsSince: (ms) => broker.executionsSince(ms),
    paymentsSince: paymentsSince?.bind(broker),
    hours: hours?.bind(broker),
    clockOffsetMs: () => broker.clockOffsetMs(),
    listen: (onMessage, signal) => broker.listen(onMessage, signal),
  });
}

/** A request that leaves now: returns what is told of its answer. Nothing where it is about no order. */
export function tapeRequest(clock: Clock, request: Omit<SentRequest, 'sentMs'>): (given: GivenAnswer) => void {
  const tape = about.getStore();
  if (tape === undefined) return () => undefined;
  const sentMs = clock();
  return (given) => tape({ sentMs, ...request }, given, clock());
}

/** `fetch` whose requests about orders are seen, with their answers. */
export function tapedFetch(clock: Clock): typeof fetch {
  return async (input, init) => {
    if (about.getStore() === undefined) return fetch(input, init);
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    const { method = 'GET', body } = init ?? {};
    const path = pathname + search;
    const tell = tapeRequest(clock, { method, path, body: typeof body === 'string' ? body : null });
    try {
      const response = await fetch(input, init);
      const { status } = response;
      const failed = (error: unknown): void => tell({ status, answer: (error as Error).message });
      // Beside whoever reads it: that one is not kept waiting.
      void response
        .clone()
        .text()
        .then((answer) => tell({ status, answer }), failed);
      return response;
    } catch (error) {
      tell({ status: null, answer: wordsOf(error) });
      throw error;
    }
  };
}

/** `fetch` says only that it failed; why is in what caused that. */
function wordsOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
