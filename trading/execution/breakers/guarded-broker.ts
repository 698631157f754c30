import type { Clock } from '../../../infra/clock.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import { systemSleep, type Sleep } from '../../../infra/sleep.ts';
import type { RequestVerdict, VerdictName } from '../../brokers/venue/request-verdict.ts';
import { brokerOf, type OutgoingOrder, type VenueBroker, type VenueMessage } from '../../brokers/venue/venue-broker.ts';
import { isKeptOff, type CircuitWatch } from './circuit-watch.ts';
import type { OrderRequests } from './order-requests.ts';

export interface GuardOptions {
  readonly requests: CircuitWatch;
  readonly stream: CircuitWatch;
  /** Sees what came of each request about an order, and how long it took. */
  readonly seen: OrderRequests;
  readonly clock: Clock;
  readonly sleep?: Sleep;
}

/** What says that the venue is not there, rather than that it does not want to. */
const FAILURES: ReadonlySet<VerdictName> = new Set([
  'not-connected',
  'timed-out',
  'cut-off',
  'garbled',
  'server-error',
]);

/** Between two looks whether the stream may be tried. */
const LOOK_MS = 500;

/** A verdict on its way through the breaker, which counts errors. */
class Failed extends Error {
  readonly verdict: RequestVerdict;

  constructor(verdict: RequestVerdict) {
    super(`${verdict.name}: ${verdict.words}`);
    this.verdict = verdict;
  }
}

/**
 * The same venue behind circuit breakers: while the one of its requests is open, no order that opens leaves and nothing
 * is asked but by the one that tries; cancels and exits go on trying. The stream is tried again only when its breaker
 * lets it.
 */
export function guardedBroker(broker: VenueBroker, options: GuardOptions): VenueBroker {
  const { requests } = options;
  const about = (work: () => Promise<RequestVerdict>, isUrgent: boolean): Promise<RequestVerdict> =>
    verdictOf(options, work, isUrgent);
  const asked = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await requests.through(work);
    } catch (error) {
      if (!isKeptOff(error)) throw error;
      throw new SignalboxError(`${broker.name} was not asked for ${what}: its breaker is open.`, {
        remedy: 'It is tried again by itself.',
      });
    }
  };
  const { prepare, paymentsSince, hours } = broker;
  return brokerOf({
    name: broker.name,
    capabilities: broker.capabilities,
    prepare: prepare?.bind(broker),
    submit: (order: OutgoingOrder) => about(() => broker.submit(order), order.reduces === true),
    cancel: (id) => about(() => broker.cancel(id), true),
    amend: (id, by) => about(() => broker.amend(id, by), by.reduces === true),
    // What cannot be read says nothing of the venue as a whole, and is asked for again.
    find: (id) => broker.find(id),
    openOrders: () => asked('the open orders', () => broker.openOrders()),
    positions: () => asked('the positions', () => broker.positions()),
    account: () => asked('the account', () => broker.account()),
    executionsSince: (ms) => asked('the executions', () => broker.executionsSince(ms)),
    paymentsSince: paymentsSince && ((ms) => asked('payments', () => paymentsSince.call(broker, ms))),
    hours: hours && (() => asked('its hours', () => hours.call(broker))),
    clockOffsetMs: () => asked('its clock', () => broker.clockOffsetMs()),
    listen: (onMessage, signal) => listenGuarded(broker, options, { onMessage, signal }),
  });
}

/** A request about an order: one that is urgent leaves whatever the breaker says. */
async function verdictOf(
  { requests, seen, clock }: GuardOptions,
  work: () => Promise<RequestVerdict>,
  isUrgent: boolean,
): Promise<RequestVerdict> {
  const beganMs = clock();
  const request = async (): Promise<RequestVerdict> => {
    const verdict = await work();
    seen.note(verdict, clock() - beganMs);
    if (FAILURES.has(verdict.name)) throw new Failed(verdict);
    return verdict;
  };
  try {
    return await (isUrgent ? requests.around(request) : requests.through(request));
  } catch (error) {
    if (error instanceof Failed) return error.verdict;
    if (!isKeptOff(error)) throw error;
    return { result: 'refused', name: 'not-sent', words: 'the breaker of the requests to the venue is open' };
  }
}

async function listenGuarded(
  broker: VenueBroker,
  { stream, sleep = systemSleep }: GuardOptions,
  { onMessage, signal }: { onMessage: (message: VenueMessage) => void; signal: AbortSignal },
): Promise<string> {
  let ended: Promise<string> | null = null;
  try {
    await stream.through(
      () =>
        new Promise<void>((opened, failed) => {
          ended = broker.listen((message) => {
            if (message.kind === 'opened') opened();
            onMessage(message);
          }, signal);
          // A session that ends says nothing of the stream.
          void ended.then((why) => (signal.aborted ? opened() : failed(new Error(why))), failed);
        }),
    );
  } catch (error) {
    if (isKeptOff(error)) {
      await sleep(LOOK_MS, signal).catch(() => undefined);
      return 'its breaker is open';
    }
    if (ended === null) throw error;
  }
  return ended!;
}
