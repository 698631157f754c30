import { systemClock } from '../../../../../infra/clock.ts';
import { amountText } from '../../../../brokers/binance/asset-amount.ts';
import type { FuturesBroker } from '../../../../brokers/binance/futures/futures-broker.ts';
import type { VenueBeginning } from '../../../../brokers/venue/venue-broker.ts';
import type { MortalVenue, MortalVenueOptions, VenueBooks } from '../../mortal-venue.ts';
import { pairOf, untilTold } from '../binance-in-hand.ts';
import { futuresBrokerAt } from './futures-in-hand.ts';
import { FUTURES_SYMBOLS, FuturesStandIn } from './futures-stand-in.ts';

/** Of what is traded, in thousandths. */
const COMMISSION = 1n;
/** Each so many moves of a price, its contract pays funding. */
const FUNDED_EVERY = 15;

/** A broker in haste for a venue that stands in for Binance's futures. */
export function hastyFutures(url: string, deadlineMs = 150): FuturesBroker {
  const haste = { deadlineMs, recvWindowMs: deadlineMs, pingMs: deadlineMs };
  return futuresBrokerAt({ url, streamUrl: url.replace('http', 'ws') }, haste);
}

/** USD-M futures, with two contracts, commissions and funding, at which sessions die. */
export async function startFuturesMortal({
  seed,
  shownAfterMs = 0,
  deadlineMs,
}: MortalVenueOptions): Promise<MortalVenue> {
  const clock = systemClock;
  const renames = seed % 4 !== 0;
  const venue = await FuturesStandIn.start({ clock, seed, partsMax: 3, commission: COMMISSION, shownAfterMs, renames });
  let begun: VenueBeginning | null = null;
  let moves = 0;
  return {
    symbols: FUTURES_SYMBOLS,
    longShort: true,
    url: venue.url,
    get faults() {
      return venue.faults;
    },
    set faults(script) {
      venue.faults = script;
    },
    trade: (symbol, price) => {
      venue.books.trade(symbol, price);
      moves += 1;
      if (moves % FUNDED_EVERY === 0) venue.books.fund(symbol, '0.0001');
    },
    run: (ms) => venue.run(ms),
    open: async () => {
      const broker = hastyFutures(venue.url, deadlineMs);
      begun = await untilTold(() => broker.prepare(FUTURES_SYMBOLS.map(pairOf), begun));
      return { broker, instruments: begun.instruments };
    },
    books: () => booksOf(venue),
    stop: () => venue.stop(),
  };
}

function booksOf({ books }: FuturesStandIn): VenueBooks {
  const bare = FUTURES_SYMBOLS.filter((symbol) => {
    const held = books.held(symbol);
    const side = held > 0n ? 'SELL' : 'BUY';
    const stops = books.openAlgos(symbol).filter((one) => one.type === 'STOP_MARKET' && one.side === side);
    return stops.reduce((sum, { quantity }) => sum + quantity, 0n) !== (held < 0n ? -held : held);
  });
  const cost = FUTURES_SYMBOLS.reduce((sum, symbol) => sum + books.positions.get(symbol).cost, 0n);
  return {
    // Each id once: what a conditional one became goes by it, or by an id of the exchange.
    orders: [
      ...books.algos.map(({ clientAlgoId }) => clientAlgoId),
      ...books.orders.filter(({ type, origType }) => type === origType).map(({ clientOrderId }) => clientOrderId),
    ],
    executions: books.trades.map(({ id, order }) => `${order.symbol}/${id}`),
    positions: Object.fromEntries(FUTURES_SYMBOLS.map((symbol) => [symbol, amountText(books.held(symbol))])),
    // As the books of a session have it: what is held was paid for.
    cash: amountText(books.positions.wallet - cost),
    paid: amountText(books.incomes.reduce((sum, { amount }) => sum + amount, 0n)),
    bare,
  };
}
