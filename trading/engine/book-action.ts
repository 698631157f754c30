import type { CorporateActionEvent } from '../effect.ts';
import type { LastQuotes } from '../quotes/last-quotes.ts';
import type { EngineParts } from './engine-parts.ts';
import type { OrderDesk } from './order-desk.ts';
import type { ParentDesk } from './parents/parent-desk.ts';
import type { Guard } from './position-guard.ts';
import type { VenueReports } from './venue/venue-reports.ts';

/** What a split restates besides the orders on record. */
export interface Restated {
  readonly guard: Guard | null;
  readonly desk: OrderDesk | null;
  readonly parents: ParentDesk | null;
  readonly reports: VenueReports;
  readonly quotes: Pick<LastQuotes, 'split'>;
}

/**
 * A split or dividend comes into effect: the position is booked, and what works is restated by a split. Recorded only
 * where there is a position; otherwise it has no effect.
 */
export function bookAction(
  event: CorporateActionEvent,
  { portfolio, lanes, orders, emit }: EngineParts,
  { guard, desk, reports, parents, quotes }: Restated,
): void {
  const { symbol } = event;
  if (event.action === 'split') quotes.split(symbol);
  const held = portfolio.quantity[symbol] !== 0;
  const cash = portfolio.takeAction(event);
  if (event.action === 'split') {
    const { working } = lanes[symbol]!;
    if (working !== 0) orders.restate(working, event.value);
    for (const sequence of guard?.sequences(symbol) ?? []) orders.restate(sequence, event.value);
    guard?.restated(symbol);
    desk?.split(symbol, event.value);
    parents?.split(symbol, event.value);
    reports.split(event);
  }
  if (held) emit({ ...event, quantity: portfolio.quantity[symbol]!, cash });
}
