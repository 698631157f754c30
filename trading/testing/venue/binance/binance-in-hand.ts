import type { Instrument } from '../../../../features/instrument.ts';
import { systemClock, type Clock } from '../../../../infra/clock.ts';
import { BinanceBroker } from '../../../brokers/binance/binance-broker.ts';
import type { OutgoingOrder } from '../../../brokers/venue/venue-broker.ts';
import { BinanceStandIn, type BinanceStandInOptions } from './binance-stand-in.ts';
import { BINANCE_KEYS } from './exchange-stand-in.ts';

/** A pair as our vendor of Binance's data describes it. */
export const pairOf = (symbol: string): Instrument => ({
  symbol,
  assetClass: 'crypto',
  currency: 'USDT',
  tick: 1e-8,
  lot: 1e-8,
  sector: null,
});

/** A purchase of 10 BTC at the next price, unless told otherwise. */
export const bought = (clientOrderId: string, more: Partial<OutgoingOrder> = {}): OutgoingOrder => ({
  clientOrderId,
  instrument: pairOf('BTCUSDT'),
  side: 1,
  quantity: 10,
  terms: null,
  ...more,
});

export interface BinanceInHand {
  readonly venue: BinanceStandIn;
  readonly broker: BinanceBroker;
}

/** How a broker in hand is impatient. */
export interface BinanceHaste {
  readonly weightPerMinute?: number;
  readonly ordersPer10s?: number;
  readonly deadlineMs?: number;
  readonly recvWindowMs?: number;
  readonly pingMs?: number;
}

/** Binance's broker for a venue that stands in. */
export function brokerAt(venue: BinanceStandIn, haste: BinanceHaste = {}, clock: Clock = systemClock): BinanceBroker {
  const { weightPerMinute = 1_000_000, ordersPer10s = 100_000, deadlineMs, recvWindowMs, pingMs = 200 } = haste;
  const settings = { ...BINANCE_KEYS, tradingUrl: venue.url, tradingStreamUrl: venue.streamUrl, weightPerMinute };
  return new BinanceBroker(
    { ...settings, ordersPer10s, deadlineMs, recvWindowMs },
    { clock, stream: { pingMs, pongMs: pingMs } },
  );
}

/** Binance's broker over the venue that stands in, prepared for BTC at 100 and ETH at 10. */
export async function binanceInHand(
  options: Partial<BinanceStandInOptions> & BinanceHaste = {},
): Promise<BinanceInHand> {
  const clock: Clock = options.clock ?? systemClock;
  const venue = await BinanceStandIn.start({ clock, seed: 1, ...options });
  venue.books.trade('BTCUSDT', '100');
  venue.books.trade('ETHUSDT', '10');
  const broker = brokerAt(venue, { deadlineMs: 10_000, ...options }, clock);
  await untilTold(() => broker.prepare([pairOf('BTCUSDT'), pairOf('ETHUSDT')], null));
  venue.seen.length = 0;
  return { venue, broker };
}

/** A start that fails for a lost answer is made again. */
export async function untilTold<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}
