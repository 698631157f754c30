import type { PlaceOrder } from '../../../orders/order-request.ts';
import { buy, sell } from '../scripted-strategy.ts';
import { NO_FAULTS, statusFault, type FaultScript, type RequestFault, type StreamFault } from '../stand-in-faults.ts';
import { ALTERED, RESPELT } from './altered-answers.ts';
import { GROUNDS, type BothBooks, type GroundName, type TradingGround } from './trading-ground.ts';

/** One thing that goes wrong at one place of one venue. */
export interface FaultCase {
  readonly venue: GroundName;
  /** What is asked, requested, or told. */
  readonly place: string;
  readonly fault: string;
  readonly faults: () => FaultScript;
  /** What rests, is changed and is cancelled under it. */
  readonly rests: 'limit' | 'stop';
  /** What becomes of the connection before anything is ordered, and in the end: everything is asked for after it. */
  readonly before?: (typeof CONNECTIONS)[number];
  readonly after?: 'drop';
}

interface Place {
  readonly what: string;
  readonly method: string;
  readonly at: (path: string) => boolean;
  /** What rests, is changed and is cancelled is a stop. */
  readonly rests?: 'stop';
}

const asks = (what: string, path: string): Place => ({ what, method: 'GET', at: (asked) => asked === path });
const sends = (what: string, method: string, path: string, rests?: 'stop'): Place => ({
  what,
  method,
  at: (asked) => asked === path || (path.endsWith('/') && asked.startsWith(path)),
  ...(rests === undefined ? {} : { rests }),
});

/** The questions of a session, by venue. */
const QUESTIONS: Readonly<Record<GroundName, readonly Place[]>> = {
  alpaca: [
    asks('an order', '/v2/orders:by_client_order_id'),
    { what: 'the order of an execution', method: 'GET', at: (path) => path.startsWith('/v2/orders/') },
    asks('the open orders', '/v2/orders'),
    asks('the positions', '/v2/positions'),
    asks('the executions', '/v2/account/activities'),
    asks('the clock and the hours', '/v2/clock'),
  ],
  binance: [
    asks('an order', '/api/v3/order'),
    asks('the open orders', '/api/v3/openOrders'),
    asks('the account', '/api/v3/account'),
    asks('the executions', '/api/v3/myTrades'),
    asks('the clock', '/api/v3/time'),
  ],
  'binance-futures': [
    asks('an order', '/fapi/v1/order'),
    { ...asks('a conditional order', '/fapi/v1/algoOrder'), rests: 'stop' },
    asks('the open orders', '/fapi/v1/openOrders'),
    asks('the open conditional orders', '/fapi/v1/openAlgoOrders'),
    asks('the positions', '/fapi/v3/positionRisk'),
    asks('the executions', '/fapi/v1/userTrades'),
    asks('the payments', '/fapi/v1/income'),
    asks('the clock', '/fapi/v1/time'),
  ],
};

/** What is requested of orders, by venue. */
const REQUESTS: Readonly<Record<GroundName, readonly Place[]>> = {
  alpaca: [
    sends('submit', 'POST', '/v2/orders'),
    sends('cancel', 'DELETE', '/v2/orders/'),
    sends('amend', 'PATCH', '/v2/orders/'),
  ],
  binance: [
    sends('submit', 'POST', '/api/v3/order'),
    sends('cancel', 'DELETE', '/api/v3/order'),
    sends('amend', 'POST', '/api/v3/order/cancelReplace'),
  ],
  'binance-futures': [
    sends('submit', 'POST', '/fapi/v1/order'),
    sends('cancel', 'DELETE', '/fapi/v1/order'),
    sends('submit of a conditional order', 'POST', '/fapi/v1/algoOrder', 'stop'),
    sends('cancel of a conditional order', 'DELETE', '/fapi/v1/algoOrder', 'stop'),
  ],
};

const STATUSES = [401, 403, 404, 409, 418, 422, 429, 500, 502, 503, 504];

/** What comes in place of an answer. */
const ANSWERS: readonly (readonly [string, RequestFault])[] = [
  ...STATUSES.map((status) => [`HTTP ${status}`, statusFault(status, 'no', '0')] as const),
  ['a time-out before arrival', { kind: 'hang', when: 'before' }],
  ['a time-out after arrival', { kind: 'hang', when: 'after' }],
  ['a line cut before arrival', { kind: 'reset', when: 'before' }],
  ['a line cut after arrival', { kind: 'reset', when: 'after' }],
  ['a garbled answer', { kind: 'garbled' }],
  ['a truncated answer', { kind: 'truncated' }],
  ...ALTERED,
  ...RESPELT,
];

/** What becomes of messages: of the first two, or of all. */
const MESSAGES: readonly StreamFault[] = ['skip', 'repeat', 'reorder', 'drop', 'mute', 'malformed'];
/** What becomes of the connection. */
const CONNECTIONS = ['drop', 'mute', 'stall'] as const;

const TIMES = 2;
const low: PlaceOrder = { ...buy, label: 'low', size: { units: 5 }, type: 'limit', limit: 90 };
const high: PlaceOrder = { ...buy, label: 'low', size: { units: 5 }, type: 'stop', stop: 110 };

/** The first requests of a place are answered wrongly. */
function failingAt({ method, at }: Place, fault: RequestFault): FaultScript {
  let left = TIMES;
  return {
    ...NO_FAULTS,
    request: (asked, path) => (asked === method && at(path) && left-- > 0 ? fault : null),
  };
}

/** The answer to the first order is lost, and so is all that the stream tells: only asking tells. */
function untold(faults: FaultScript): FaultScript {
  let isLost = false;
  return {
    message: () => 'skip',
    request: (method, path) => {
      if (method !== 'POST' || !/orders?$/i.test(path) || isLost) return faults.request(method, path);
      isLost = true;
      return { kind: 'reset', when: 'after' };
    },
  };
}

type Answer = (typeof ANSWERS)[number];

function questionCase(venue: GroundName, place: Place, [fault, answer]: Answer): FaultCase {
  const { what, rests = 'limit' } = place;
  return { venue, place: what, fault, rests, faults: () => untold(failingAt(place, answer)), after: 'drop' };
}

function requestCase(venue: GroundName, place: Place, [fault, answer]: Answer): FaultCase {
  const { what, rests = 'limit' } = place;
  return { venue, place: what, fault, rests, faults: () => failingAt(place, answer) };
}

function messageCase(venue: GroundName, fault: StreamFault, count: number): FaultCase {
  const faults = (): FaultScript => {
    let left = count;
    return { ...NO_FAULTS, message: () => (left-- > 0 ? fault : null) };
  };
  const place = count === TIMES ? 'two messages' : 'every message';
  return { venue, place, fault, rests: 'limit', faults };
}

function connectionCase(venue: GroundName, fault: (typeof CONNECTIONS)[number]): FaultCase {
  return { venue, place: 'the stream', fault, rests: 'limit', before: fault, faults: () => NO_FAULTS };
}

/** Every case of a venue: each answer in place of each answer, and what becomes of the stream. */
export function faultCases(venue: GroundName): readonly FaultCase[] {
  return [
    ...QUESTIONS[venue].flatMap((place) => ANSWERS.map((answer) => questionCase(venue, place, answer))),
    ...REQUESTS[venue].flatMap((place) => ANSWERS.map((answer) => requestCase(venue, place, answer))),
    ...MESSAGES.flatMap((fault) => [TIMES, Infinity].map((count) => messageCase(venue, fault, count))),
    ...CONNECTIONS.map((fault) => connectionCase(venue, fault)),
  ];
}

function wrongOf({ theirs, ours, heldThere, heldHere, twice, leaks }: BothBooks): string {
  const wrong: string[] = [];
  if (JSON.stringify(theirs) !== JSON.stringify(ours))
    wrong.push(`executions ${theirs.join()} there, ${ours.join()} here`);
  if (Math.abs(heldThere - heldHere) > 1e-8) wrong.push(`${heldThere} held there, ${heldHere} here`);
  if (twice > 0) wrong.push(`${twice} orders sent twice`);
  if (leaks.length > 0) wrong.push(`secrets told: ${leaks.length}`);
  return wrong.join('; ');
}

/** Buys at once, and has another order rest, changed and cancelled. */
async function trade({ places, does, session }: TradingGround, rests: FaultCase['rests']): Promise<void> {
  await places(buy);
  await session.settled();
  await places(rests === 'stop' ? high : low);
  await session.settled();
  await does({ do: 'amend', label: 'low', ...(rests === 'stop' ? { stop: 111 } : { limit: 91 }) });
  await session.settled();
  await does({ do: 'cancel', label: 'low' });
  await session.settled();
}

/** Whatever works is cancelled, and what is held is sold; what is left then, in words. */
async function closeOut({ books, does, places, session }: TradingGround): Promise<string> {
  if (books.working() > 0) await does({ do: 'cancel', label: 'low' });
  await session.settled();
  if (books.held() > 0) await places(sell);
  await session.settled();
  return books.held() === 0 && books.working() === 0 ? '' : `${books.held()} held and ${books.working()} orders left`;
}

/**
 * Runs a case in a session of its own, then sells what it bought: what is wrong, in words, empty where nothing is. The
 * books of both are to be equal before and after, nothing may work or be held any more, no order may have been sent
 * twice and no secret told.
 */
export async function runFaultCase({ venue, rests, faults, before, after }: FaultCase): Promise<string> {
  const ground = await GROUNDS[venue]();
  let struck = before !== undefined;
  const note = <T>(fault: T): T => {
    struck ||= fault !== null;
    return fault;
  };
  try {
    const script = faults();
    ground.venue.faults = {
      request: (method, path) => note(script.request(method, path)),
      message: (event) => note(script.message(event)),
    };
    if (before !== undefined) ground.venue.stream[before]();
    await trade(ground, rests);
    if (after !== undefined) ground.venue.stream[after]();
    await ground.session.settled();
    const found = [struck ? '' : 'the fault never came about', wrongOf(await ground.comesOut())];
    found.push(await closeOut(ground), wrongOf(await ground.comesOut()));
    const wrong = found.filter((one) => one !== '');
    return wrong.length === 0 ? '' : `${wrong.join('; ')}; refusals: ${ground.refusals.join(', ')}`;
  } finally {
    await ground.end();
  }
}
