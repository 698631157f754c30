import type { VenueOrder } from '../brokers/venue/request-verdict.ts';
import type { TrackedOrder } from './tracked-order.ts';

/** Share of an amount by which two texts of it may differ. */
const ROUNDING = 1e-9;

/** What the venue shows of an order is what is meant: its size and its prices. */
export function isAsMeant(
  { order, sent, emulation }: Pick<TrackedOrder, 'order' | 'sent' | 'emulation'>,
  shown: VenueOrder,
): boolean {
  const { trail } = emulation;
  return near(sent, shown.quantity) && (trail === null ? hasTermsOf(order, shown) : near(trail.level, shown.stop));
}

const near = (meant: number, found: number | null | undefined): boolean =>
  found === undefined || (found !== null && Math.abs(meant - found) <= meant * ROUNDING);

/** What the venue shows has the prices that were decided. */
export function hasTermsOf({ terms }: Pick<TrackedOrder['order'], 'terms'>, shown: VenueOrder): boolean {
  if (terms === null || terms.type === 'market' || terms.type === 'trailing') return true;
  if (terms.type === 'limit') return near(terms.price, shown.limit);
  const limit = terms.conditions?.limit ?? 0;
  return near(terms.price, shown.stop) && (terms.type === 'stop' || near(limit, shown.limit));
}
