import { systemClock } from '../../../../infra/clock.ts';
import { AlpacaBroker } from '../../../brokers/alpaca/alpaca-broker.ts';
import { share } from './alpaca-in-hand.ts';
import { EndedDays } from './ended-days.ts';
import type { MortalVenue, MortalVenueOptions, VenueBooks } from '../mortal-venue.ts';
import { amountOf, type StandInOrder } from '../stand-in-order.ts';
import { STAND_IN_KEYS, StandInVenue } from '../stand-in-venue.ts';

const SYMBOLS = ['AAPL', 'MSFT'];

/** A broker in haste for a venue that stands in for Alpaca. */
export function hastyAlpaca(tradingUrl: string, deadlineMs = 150): AlpacaBroker {
  const settings = { ...STAND_IN_KEYS, tradingUrl, requestsPerMinute: 1_000_000, deadlineMs };
  return new AlpacaBroker(settings, { clock: systemClock, stream: { pingMs: deadlineMs, pongMs: deadlineMs } });
}

/** A day is over after so many trades: it ends none while the market stands still. */
const DAY_TRADES = 16;

/** Alpaca, with two shares, at which sessions die. */
export const startAlpacaMortal = (options: MortalVenueOptions): Promise<MortalVenue> => startMortal(options);

/** The same where parts of shares are traded, in days that are soon over. */
export const startAlpacaParts = (options: MortalVenueOptions): Promise<MortalVenue> =>
  startMortal(options, { lot: 0.001, days: new EndedDays() });

async function startMortal(
  { seed, shownAfterMs = 0, deadlineMs }: MortalVenueOptions,
  { lot = 1, days }: { readonly lot?: number; readonly days?: EndedDays } = {},
): Promise<MortalVenue> {
  const options = { clock: systemClock, seed, partsMax: 3, cancelMs: 10, shownAfterMs };
  const venue = await StandInVenue.start({ ...options, ...(days === undefined ? {} : { hours: days }) });
  let trades = 0;
  const instruments = SYMBOLS.map((symbol) => ({ ...share(symbol), lot }));
  return {
    symbols: SYMBOLS,
    url: venue.url,
    get faults() {
      return venue.faults;
    },
    set faults(script) {
      venue.faults = script;
    },
    trade: (symbol, price) => {
      trades += 1;
      if (trades % DAY_TRADES === 0) days?.end();
      venue.books.trade(symbol, price);
    },
    run: (ms) => venue.run(ms),
    open: () => Promise.resolve({ broker: hastyAlpaca(venue.url, deadlineMs), instruments }),
    books: () => booksOf(venue),
    stop: () => venue.stop(),
  };
}

function booksOf({ books }: StandInVenue): VenueBooks {
  const bare = SYMBOLS.filter((symbol) => {
    const isStop = ({ type, side }: StandInOrder): boolean => /^(trailing_)?stop$/.test(type) && side === 'sell';
    const stops = books.open(symbol).filter(isStop);
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
