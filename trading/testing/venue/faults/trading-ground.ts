import type { Instrument } from '../../../../features/instrument.ts';
import { systemClock, type Clock } from '../../../../infra/clock.ts';
import { AlpacaBroker } from '../../../brokers/alpaca/alpaca-broker.ts';
import type { VenueBroker } from '../../../brokers/venue/venue-broker.ts';
import type { Effect } from '../../../effect.ts';
import { CircuitWatch } from '../../../execution/breakers/circuit-watch.ts';
import { guardedBroker } from '../../../execution/breakers/guarded-broker.ts';
import { OrderRequests } from '../../../execution/breakers/order-requests.ts';
import type { PlaceOrder } from '../../../orders/order-request.ts';
import type { StrategyAction } from '../../../strategies/strategy.ts';
import { share } from '../alpaca/alpaca-in-hand.ts';
import { binanceInHand, brokerAt, pairOf, untilTold } from '../binance/binance-in-hand.ts';
import { BINANCE_KEYS } from '../binance/exchange-stand-in.ts';
import { futuresBrokerAt, futuresInHand } from '../binance/futures/futures-in-hand.ts';
import { placing } from '../scripted-strategy.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../session-in-hand.ts';
import { NO_FAULTS, type FaultScript } from '../stand-in-faults.ts';
import { STAND_IN_KEYS } from '../stand-in-venue.ts';

/** What every venue that stands in has. */
interface AnyVenue {
  readonly url: string;
  faults: FaultScript;
  readonly stream: { drop(): void; mute(): void; stall(): void };
  stop(): Promise<void>;
}

/** What the books of a venue say: units that are held, executions by id, our names of all orders, how many work. */
interface TheirBooks {
  readonly held: () => number;
  readonly executions: () => string[];
  readonly orders: () => string[];
  readonly working: () => number;
}

/** What the venue and the session say once nothing is under way. */
export interface BothBooks {
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
  readonly heldThere: number;
  readonly heldHere: number;
  /** Orders whose name there was before. */
  readonly twice: number;
  /** Secrets among the session's notes. */
  readonly leaks: readonly string[];
}

/** A session at a venue, behind the breakers that the command has, and the books of both. */
export interface TradingGround {
  readonly venue: AnyVenue;
  readonly session: SessionInHand<AnyVenue>;
  readonly books: TheirBooks;
  /** Codes of what the session refused, in order. */
  readonly refusals: string[];
  /** A bar closes, and the strategy does so. */
  does(...actions: StrategyAction[]): Promise<void>;
  /** Until it is let: while the venue is away, nothing opens. */
  places(order: PlaceOrder): Promise<void>;
  /** Faults are over: the books once nothing is under way. */
  comesOut(): Promise<BothBooks>;
  end(): Promise<void>;
}

const SECRETS = [...Object.values(STAND_IN_KEYS), ...Object.values(BINANCE_KEYS), 'signature='];

function guarded(broker: VenueBroker): VenueBroker {
  const watch = (name: 'requests' | 'stream') => new CircuitWatch(name, { failuresMax: 5, openMs: 60 });
  const watches = { requests: watch('requests'), stream: watch('stream') };
  return guardedBroker(broker, { ...watches, seen: new OrderRequests(), clock: systemClock });
}

/** The session's clock, and one that goes on evenly where that is put; the system's by default. */
interface Clocks {
  readonly clock?: Clock;
  readonly steady?: Clock;
}

async function groundOf(
  venue: AnyVenue,
  books: TheirBooks,
  { broker, instrument, ...clocks }: { readonly broker: VenueBroker; readonly instrument: Instrument } & Clocks,
): Promise<TradingGround> {
  const script: (readonly StrategyAction[])[] = [];
  const refusals: string[] = [];
  let orders = 0;
  const onCommit = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.kind === 'order') orders += 1;
      else if (effect.kind === 'refusal') refusals.push(effect.code);
    }
  };
  const strategy = placing(script);
  const at = { broker: guarded(broker), instrument };
  const session = await sessionInHand<AnyVenue>(venue, { at, strategy, onCommit, ...clocks });
  const does = async (...actions: StrategyAction[]): Promise<void> => {
    script.push(actions);
    session.close('HOLD');
    await session.until('the bar', () => session.record.bars.length === script.length);
  };
  await does();
  await session.until('it is ready', () => session.edge.ready);
  await session.settled();
  return {
    venue,
    session,
    books,
    refusals,
    does,
    places: async (order) => {
      for (let isAway = true; isAway;) {
        const before = orders + refusals.length;
        await does(order);
        await session.until('it is placed', () => orders + refusals.length > before);
        isAway = refusals.at(-1) === 'away';
        if (isAway) refusals.pop();
        await session.settled();
      }
    },
    comesOut: async () => {
      venue.faults = NO_FAULTS;
      await session.settled();
      const words = session.notes.join('\n');
      const names = books.orders();
      return {
        theirs: books.executions().sort(),
        ours: session.record.fills.map(({ executionId }) => executionId ?? '').sort(),
        heldThere: books.held(),
        heldHere: session.edge.held(0),
        twice: names.length - new Set(names).size,
        leaks: SECRETS.filter((secret) => words.includes(secret)),
      };
    },
    end: async () => {
      try {
        await session.end();
      } finally {
        await venue.stop();
      }
    },
  };
}

/** Of the venue that stands in. */
interface GroundOptions {
  readonly clock?: Clock;
  readonly seed?: number;
  readonly partsMax?: number;
  /** How long answers may take; half a second by default. */
  readonly haste?: typeof HASTE;
}

/** Of a session that is not to wait long, and has to bear a machine that is busy. */
const HASTE = { deadlineMs: 500, recvWindowMs: 300, pingMs: 250 };
const SYMBOL = 'BTCUSDT';

async function alpaca({ haste = HASTE, ...options }: GroundOptions = {}, clocks: Clocks = {}): Promise<TradingGround> {
  const venue = await venueInHand({ partsMax: 3, ...options });
  const { books } = venue;
  const { deadlineMs, pingMs } = haste;
  const broker = new AlpacaBroker(
    { ...STAND_IN_KEYS, tradingUrl: venue.url, requestsPerMinute: 1_000_000, deadlineMs },
    { clock: clocks.clock ?? systemClock, stream: { pingMs, pongMs: pingMs } },
  );
  return groundOf(
    venue,
    {
      held: () => Number(books.held('AAPL')) / 1e9,
      executions: () => books.executions.map(({ id }) => id),
      orders: () => books.orders.map(({ clientOrderId }) => clientOrderId),
      working: () => books.open('AAPL').length,
    },
    { broker, instrument: share('AAPL'), ...clocks },
  );
}

async function spot({ haste = HASTE, ...options }: GroundOptions = {}, clocks: Clocks = {}): Promise<TradingGround> {
  const { venue } = await binanceInHand({ partsMax: 3, ...options });
  const { books } = venue;
  venue.run(5);
  const broker = brokerAt(venue, haste, clocks.clock);
  const { instruments } = await untilTold(() => broker.prepare([pairOf(SYMBOL)], null));
  return groundOf(
    venue,
    {
      // One was there before.
      held: () => Number(books.balance('BTC') - 100_000_000n) / 1e8,
      executions: () => books.trades.map(({ id, order }) => `${order.symbol}/${id}`),
      orders: () => books.orders.map(({ clientOrderId }) => clientOrderId),
      working: () => books.open(SYMBOL).length,
    },
    { broker, instrument: instruments[0]!, ...clocks },
  );
}

async function futures({ haste = HASTE, ...options }: GroundOptions = {}, clocks: Clocks = {}): Promise<TradingGround> {
  const { venue } = await futuresInHand({ partsMax: 3, ...options });
  const { books } = venue;
  venue.run(5);
  const broker = futuresBrokerAt(venue, haste, clocks.clock);
  const { instruments } = await untilTold(() => broker.prepare([pairOf(SYMBOL)], null));
  return groundOf(
    venue,
    {
      held: () => Number(books.held(SYMBOL)) / 1e8,
      executions: () => books.trades.map(({ id, order }) => `${order.symbol}/${id}`),
      // What a conditional order became has a name of the exchange's own.
      orders: () => [
        ...books.orders.map(({ clientOrderId }) => clientOrderId),
        ...books.algos.map(({ clientAlgoId }) => clientAlgoId),
      ],
      working: () => books.open(SYMBOL).length + books.openAlgos(SYMBOL).length,
    },
    { broker, instrument: instruments[0]!, ...clocks },
  );
}

/** The grounds by their venues. */
export const GROUNDS = { alpaca, binance: spot, 'binance-futures': futures };
export type GroundName = keyof typeof GROUNDS;
export const GROUND_NAMES = Object.keys(GROUNDS) as readonly GroundName[];
