import { statusFault, NO_FAULTS, type RequestFault } from '../../../../trading/testing/venue/stand-in-faults.ts';
import type { StandInVenue } from '../../../../trading/testing/venue/stand-in-venue.ts';
import { venueInHand } from '../../../../trading/testing/venue/session-in-hand.ts';
import { watchedSession, type WatchedOptions } from '../../../../trading/testing/venue/watched-session.ts';
import { tellSessions } from '../../../../trading/sessions/operators/tell-sessions.ts';
import { VenueInputStore } from '../../../../trading/sessions/venue/venue-input-store.ts';
import type { AlertCauses, CausePlace } from './alert-cause.ts';

/** A paper session at the venue that stands in, watched over as `paper` does it. */
interface Trading {
  readonly venue: StandInVenue;
  readonly session: ReturnType<typeof watchedSession>;
  /** From now on requests fail like that. */
  fail(fault: RequestFault, of?: (method: string, path: string) => boolean): void;
  /** The session buys, and has bought. */
  buy(): Promise<void>;
  tell(word: 'halt' | 'emergency-stop'): Promise<unknown>;
}

const ID = 'watched';
const DEGRADATION = {
  ...{ healthSeconds: 300, lateShare: 0.5, latencyMsMax: 100 },
  ...{ latencyOrdersPerMinute: 600, ordersFailingMax: 3 },
};

async function trading({ database, env, endings }: CausePlace, own: Partial<WatchedOptions> = {}): Promise<Trading> {
  const venue = await venueInHand();
  endings.push(() => venue.stop());
  const session = watchedSession({ database, venueUrl: venue.url, id: ID, env, ...own });
  endings.push(() => session.stop());
  const inputs = new VenueInputStore(database.pool, ID);
  await session.until('it trades', async () =>
    (await inputs.read()).some(({ event }) => event.kind === 'connectivity' && event.connected),
  );
  const held = (): number => Number(venue.books.held('AAPL') / 1_000_000_000n);
  return {
    venue,
    session,
    fail: (fault, of = () => true) => {
      venue.faults = { ...NO_FAULTS, request: (method, path) => (of(method, path) ? fault : null) };
    },
    buy: async () => {
      session.close('BUY');
      await session.until('it is bought', () => held() === 10);
    },
    tell: (word) =>
      tellSessions(database, word, { sessionId: ID, actor: { kind: 'operator', name: 'ann' }, reason: 'a proof' }),
  };
}

const SILENT: RequestFault = { kind: 'hang', when: 'before' };
const isOrder = (method: string): boolean => method === 'POST';

async function bareSession(place: CausePlace): Promise<() => void> {
  const { venue, session, fail, buy } = await trading(place, {
    protection: { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null },
  });
  await buy();
  await session.until('its stop rests', () => venue.books.open().length === 1);
  return () => {
    fail(SILENT, isOrder);
    venue.books.cancel(venue.books.open()[0]!.id);
  };
}

async function slowVenue(place: CausePlace): Promise<() => Promise<void>> {
  const { venue, session, fail } = await trading(place, { limits: { degradation: DEGRADATION } });
  return async () => {
    fail({ kind: 'slow', ms: 200 }, isOrder);
    for (const [word, units] of [
      ['BUY', 10n],
      ['SELL', 0n],
      ['BUY', 10n],
    ] as const) {
      session.close(word);
      await session.until('it has traded', () => venue.books.held('AAPL') === units * 1_000_000_000n);
    }
  };
}

/** What a session that trades tells of, and what brings it about. */
export const SESSION_CAUSES: AlertCauses = {
  halt: {
    what: 'a limit of one rejection is reached',
    prepare: async (place) => {
      const { session, fail } = await trading(place, { limits: { rejectionsInARow: 1 } });
      fail(statusFault(422, 'the order is malformed'), isOrder);
      return () => session.close('BUY');
    },
  },
  'emergency-stop': {
    what: 'an operator stops a session',
    prepare: async (place) => {
      const { tell } = await trading(place);
      return () => tell('emergency-stop');
    },
  },
  mismatch: {
    what: 'somebody else buys in the account',
    prepare: async (place) => {
      const { venue } = await trading(place);
      const order = { symbol: 'AAPL', side: 'buy', type: 'market', qty: '500', time_in_force: 'day' };
      return () => venue.books.submit({ ...order, client_order_id: 'of-somebody-else' });
    },
  },
  'order-in-doubt': {
    what: 'the venue answers nothing to an order, nor to questions about it',
    prepare: async (place) => {
      const { session, fail } = await trading(place);
      return () => {
        fail(SILENT);
        session.close('BUY');
      };
    },
  },
  'position-unprotected': { what: 'the venue ends a stop by itself and takes no other', prepare: bareSession },
  'orders-rejected': {
    what: 'the venue refuses an order as malformed',
    prepare: async (place) => {
      const { session, fail } = await trading(place);
      fail(statusFault(422, 'the order is malformed'), isOrder);
      return () => session.close('BUY');
    },
  },
  'orders-failing': {
    what: 'the venue answers nothing to requests about orders',
    prepare: async (place) => {
      const degradation = { ...DEGRADATION, ordersFailingMax: 1 };
      const { session, fail } = await trading(place, { limits: { degradation } });
      return () => {
        fail(SILENT, isOrder);
        session.close('BUY');
      };
    },
  },
  'breaker-open': {
    what: 'the venue answers 503 to everything',
    prepare: async (place) => {
      const { fail } = await trading(place);
      return () => fail(statusFault(503));
    },
  },
  'venue-away': {
    what: 'the stream is cut and takes no credentials',
    prepare: async (place) => {
      const { venue } = await trading(place);
      return () => {
        venue.stream.refuses = true;
        venue.stream.drop();
      };
    },
  },
  'venue-unreachable': {
    what: 'the venue answers 503 to everything',
    prepare: async (place) => {
      const { fail } = await trading(place);
      return () => fail(statusFault(503));
    },
  },
  latency: { what: 'three orders are answered after 200 ms', prepare: slowVenue },
  'feed-silent': {
    what: 'two closes do not come',
    prepare: async (place) => {
      let overdue = 0;
      const { buy } = await trading(place, { overdue: () => overdue });
      await buy();
      return () => (overdue = 2);
    },
  },
};
