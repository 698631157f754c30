import { systemClock, type Clock } from '../../../../../infra/clock.ts';
import type { FuturesMargin } from '../../../../brokers/binance/futures/futures-account.ts';
import { FuturesBroker } from '../../../../brokers/binance/futures/futures-broker.ts';
import { pairOf, untilTold, type BinanceHaste } from '../binance-in-hand.ts';
import { BINANCE_KEYS } from '../exchange-stand-in.ts';
import { FUTURES_SYMBOLS, FuturesStandIn, type FuturesStandInOptions } from './futures-stand-in.ts';

export interface FuturesInHand {
  readonly venue: FuturesStandIn;
  readonly broker: FuturesBroker;
}

export interface FuturesHaste extends BinanceHaste {
  readonly margin?: FuturesMargin;
  /** How often the stream's key is kept. */
  readonly keepMs?: number;
}

/** The futures broker for a venue that stands in. */
export function futuresBrokerAt(
  venue: { readonly url: string; readonly streamUrl: string },
  haste: FuturesHaste = {},
  clock: Clock = systemClock,
): FuturesBroker {
  const { weightPerMinute = 10_000_000, ordersPer10s = 1_000_000, deadlineMs, recvWindowMs, pingMs = 200 } = haste;
  const { margin = { mode: 'cross', leverage: 2 } } = haste;
  const settings = { ...BINANCE_KEYS, tradingUrl: venue.url, tradingStreamUrl: venue.streamUrl, weightPerMinute };
  return new FuturesBroker(
    { ...settings, ordersPer10s, deadlineMs, recvWindowMs, margin },
    { clock, stream: { pingMs, pongMs: pingMs, keepMs: haste.keepMs } },
  );
}

/** The futures broker over the venue that stands in, prepared for BTC at 100 and ETH at 10. */
export async function futuresInHand(
  options: Partial<FuturesStandInOptions> & FuturesHaste = {},
): Promise<FuturesInHand> {
  const clock: Clock = options.clock ?? systemClock;
  const venue = await FuturesStandIn.start({ clock, seed: 1, ...options });
  venue.books.trade('BTCUSDT', '100');
  venue.books.trade('ETHUSDT', '10');
  const broker = futuresBrokerAt(venue, { deadlineMs: 10_000, ...options }, clock);
  await untilTold(() => broker.prepare(FUTURES_SYMBOLS.map(pairOf), null));
  venue.seen.length = 0;
  return { venue, broker };
}
