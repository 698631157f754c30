import { systemClock } from '../../../../infra/clock.ts';
import { AlpacaBroker } from '../../../brokers/alpaca/alpaca-broker.ts';
import { share } from './alpaca-in-hand.ts';
import type { MortalVenue, MortalVenueOptions, VenueBooks } from '../mortal-venue.ts';
import { amountOf } from '../stand-in-order.ts';
import { STAND_IN_KEYS, StandInVenue } from '../stand-in-venue.ts';

const SYMBOLS = ['AAPL', 'MSFT'];

/** A broker in haste for a venue that stands in for Alpaca. */
export function hastyAlpaca(tradingUrl: string, deadlineMs = 150): AlpacaBroker {
  const settings = { ...STAND_IN_KEYS, tradingUrl, requestsPerMinute: 1_000_000, deadlineMs };
  return new AlpacaBroker(settings, { clock: systemClock, stream: { pingMs: deadlineMs, pongMs: deadlineMs } });
}

/** Alpaca, with two shares, at which sessions die. */
export async function startAlpacaMortal({
  seed,
  shownAfterMs = 0,
  deadlineMs,
}: MortalVenueOptions): Promise<MortalVenue> {
  const venue = await StandInVenue.start({ clock: systemClock, seed, partsMax: 3, cancelMs: 10, shownAfterMs });
  return {
    symbols: SYMBOLS,
    url: venue.url,
    get faults() {
      return venue.faults;
    },
    set faults(script) {
      venue.faults = script;
    },
    trade: (symbol, price) => venue.books.trade(symbol, price),
    run: (ms) => venue.run(ms),
    open: () => Promise.resolve({ broker: hastyAlpaca(venue.url, deadlineMs), instruments: SYMBOLS.map(share) }),
    books: () => booksOf(venue),
    stop: () => venue.stop(),
  };
}

function booksOf({ books }: StandInVenue): VenueBooks {
  const bare = SYMBOLS.filter((symbol) => {
    const stops = books.open(symbol).filter(({ type, side }) => type === 'stop' && side === 'sell');
    return stops.reduce((sum, { qty, filled }) => sum + qty - filled, 0n) !== books.held(symbol);
  });
  return {
    orders: books.orders.map(({ clientOrderId }) => clientOrderId),
    executions: books.executions.map(({ id }) => id),
    positions: Object.fromEntries(SYMBOLS.map((symbol) => [symbol, amountOf(books.held(symbol))])),
    cash: amountOf(books.cash),
    bare,
  };
}
