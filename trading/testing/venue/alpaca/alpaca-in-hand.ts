import type { Instrument } from '../../../../features/instrument.ts';
import { systemClock, type Clock } from '../../../../infra/clock.ts';
import { AlpacaBroker } from '../../../brokers/alpaca/alpaca-broker.ts';
import type { OutgoingOrder } from '../../../brokers/venue/venue-broker.ts';
import { STAND_IN_KEYS, StandInVenue, type StandInOptions } from '../stand-in-venue.ts';

/** A share as Alpaca trades it. */
export const share = (symbol: string): Instrument => ({
  symbol,
  assetClass: 'equity',
  currency: 'USD',
  tick: 0.01,
  lot: 1,
  sector: null,
});

/** A purchase of 10 shares at the next price, unless told otherwise. */
export const outgoing = (clientOrderId: string, more: Partial<OutgoingOrder> = {}): OutgoingOrder => ({
  clientOrderId,
  instrument: share('AAPL'),
  side: 1,
  quantity: 10,
  terms: null,
  ...more,
});

export interface AlpacaInHand {
  readonly venue: StandInVenue;
  readonly broker: AlpacaBroker;
}

/** Alpaca's broker over the venue that stands in, with AAPL at 100. */
export async function alpacaInHand(
  options: Partial<StandInOptions> & { readonly requestsPerMinute?: number; readonly deadlineMs?: number } = {},
): Promise<AlpacaInHand> {
  const clock: Clock = options.clock ?? systemClock;
  const venue = await StandInVenue.start({ clock, seed: 1, ...options });
  venue.books.trade('AAPL', '100');
  const { requestsPerMinute = 10_000, deadlineMs = 2_000 } = options;
  const settings = { ...STAND_IN_KEYS, tradingUrl: venue.url, requestsPerMinute, deadlineMs };
  return { venue, broker: new AlpacaBroker(settings, { clock, stream: { pingMs: 200, pongMs: 200 } }) };
}
