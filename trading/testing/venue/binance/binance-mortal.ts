import { systemClock } from '../../../../infra/clock.ts';
import { amountText, amountUnits } from '../../../brokers/binance/asset-amount.ts';
import { BinanceBroker } from '../../../brokers/binance/binance-broker.ts';
import type { VenueBeginning } from '../../../brokers/venue/venue-broker.ts';
import type { MortalVenue, MortalVenueOptions, VenueBooks } from '../mortal-venue.ts';
import { pairOf, untilTold } from './binance-in-hand.ts';
import { BINANCE_BALANCES, BINANCE_SYMBOLS, BinanceStandIn } from './binance-stand-in.ts';
import { BINANCE_KEYS } from './exchange-stand-in.ts';
import { LOT } from './spot-books.ts';

const SYMBOLS = BINANCE_SYMBOLS.map(({ symbol }) => symbol);
/** Of what is received: what is bought arrives in parts of its steps. */
const COMMISSION = { thousandths: 1n };

/** A broker in haste for a venue that stands in for Binance. */
export function hastyBinance(tradingUrl: string, deadlineMs = 150): BinanceBroker {
  const tradingStreamUrl = tradingUrl.replace('http', 'ws');
  const budget = { weightPerMinute: 10_000_000, ordersPer10s: 1_000_000, deadlineMs, recvWindowMs: deadlineMs };
  const settings = { ...BINANCE_KEYS, tradingUrl, tradingStreamUrl, ...budget };
  return new BinanceBroker(settings, { clock: systemClock, stream: { pingMs: deadlineMs, pongMs: deadlineMs } });
}

/** Binance's spot market, with two pairs and commissions in what is received, at which sessions die. */
export async function startBinanceMortal({
  seed,
  shownAfterMs = 0,
  deadlineMs,
}: MortalVenueOptions): Promise<MortalVenue> {
  const venue = await BinanceStandIn.start({
    clock: systemClock,
    seed,
    partsMax: 3,
    commission: COMMISSION,
    shownAfterMs,
  });
  let begun: VenueBeginning | null = null;
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
    open: async () => {
      const broker = hastyBinance(venue.url, deadlineMs);
      begun = await untilTold(() => broker.prepare(SYMBOLS.map(pairOf), begun));
      return { broker, instruments: begun.instruments };
    },
    books: () => booksOf(venue),
    stop: () => venue.stop(),
  };
}

function booksOf({ books }: BinanceStandIn): VenueBooks {
  const held = ({ base }: (typeof BINANCE_SYMBOLS)[number]): bigint => {
    return books.balance(base) - amountUnits(BINANCE_BALANCES[base] ?? '0')!;
  };
  const bare = BINANCE_SYMBOLS.filter((one) => {
    const stops = books.open(one.symbol).filter(({ type, side }) => type === 'STOP_LOSS' && side === 'SELL');
    const covered = stops.reduce((sum, { quantity, filled }) => sum + quantity - filled, 0n);
    // What is less than a step cannot be covered.
    return covered !== held(one) - (held(one) % LOT);
  });
  return {
    orders: books.orders.map(({ clientOrderId }) => clientOrderId),
    executions: books.trades.map(({ id, order }) => `${order.symbol}/${id}`),
    positions: Object.fromEntries(BINANCE_SYMBOLS.map((one) => [one.symbol, amountText(held(one))])),
    cash: amountText(books.balance('USDT')),
    bare: bare.map(({ symbol }) => symbol),
  };
}
