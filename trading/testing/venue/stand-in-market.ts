import type { Calendar } from '../../../pipelines/calendars/calendar.ts';
import { usEquitiesExtended } from '../../../pipelines/calendars/us-equities-extended.ts';
import { usEquities } from '../../../pipelines/calendars/us-equities.ts';
import { times, type StandInOrder } from './stand-in-order.ts';

/** When a venue that stands in trades shares. */
export interface StandInHours {
  isOpen(ms: number): boolean;
  /** The next open, or close, after `ms`. */
  nextOpenMs(ms: number): number;
  nextCloseMs(ms: number): number;
  /** Around them, where orders that are marked so are executed, too: none where absent. */
  readonly extended?: Pick<StandInHours, 'isOpen' | 'nextCloseMs'> | undefined;
}

/** Days that are looked through for the next open: no closure was longer. */
const DAYS_MAX = 30;

function hoursFrom(ms: number, of: 'openTimeMs' | 'closeTimeMs', calendar: Calendar): number {
  const today = calendar.dayAt(ms);
  for (let day = today; day < today + DAYS_MAX; day++) {
    const found = calendar.hoursOf(day)?.[of];
    if (found !== undefined && found > ms) return found;
  }
  throw new RangeError('no trading day follows');
}

function hoursOf(calendar: Calendar): StandInHours {
  return {
    isOpen: (ms) => {
      const hours = calendar.hoursOf(calendar.dayAt(ms));
      return hours !== undefined && ms >= hours.openTimeMs && ms < hours.closeTimeMs;
    },
    nextOpenMs: (ms) => hoursFrom(ms, 'openTimeMs', calendar),
    nextCloseMs: (ms) => hoursFrom(ms, 'closeTimeMs', calendar),
  };
}

/** The hours of New York, with those around them: weekends, holidays, half days, both changes of the clock. */
export const NEW_YORK_HOURS: StandInHours = { ...hoursOf(usEquities), extended: hoursOf(usEquitiesExtended) };

/** When orders at the venue that stands in are executed, and when those of a day end. Round the clock without hours. */
export class StandInMarket {
  /** Symbols that are not traded for now: their orders rest. */
  readonly halted = new Set<string>();
  readonly #hours: StandInHours | null;

  constructor(hours: StandInHours | null) {
    this.#hours = hours;
  }

  trades({ symbol, extendedHours }: Pick<StandInOrder, 'symbol' | 'extendedHours'>, ms: number): boolean {
    if (this.halted.has(symbol)) return false;
    if (symbol.includes('/') || this.#hours === null || this.#hours.isOpen(ms)) return true;
    return extendedHours && this.#hours.extended?.isOpen(ms) === true;
  }

  /** An order of the day, at the first close after it was placed, of all the hours that it works in. */
  hasExpired({ tif, createdMs, symbol, extendedHours }: StandInOrder, ms: number): boolean {
    if (this.#hours === null || tif !== 'day' || symbol.includes('/')) return false;
    const { extended = this.#hours } = this.#hours;
    return (extendedHours ? extended : this.#hours).nextCloseMs(createdMs) <= ms;
  }

  /** The market's clock as the API tells it. */
  clockJson(ms: number): Record<string, unknown> {
    const iso = (at: number): string => new Date(at).toISOString();
    if (this.#hours === null) return { timestamp: iso(ms), is_open: true };
    const next = { next_open: iso(this.#hours.nextOpenMs(ms)), next_close: iso(this.#hours.nextCloseMs(ms)) };
    return { timestamp: iso(ms), is_open: this.#hours.isOpen(ms), ...next };
  }
}

const WHOLE = 1_000_000_000n;
const CENT = WHOLE / 100n;

/** New shares for old ones. */
export interface SplitRatio {
  readonly to: bigint;
  readonly from: bigint;
}

/** Amounts of the books that a split restates. */
interface SplitBooks {
  readonly prices: Map<string, bigint>;
  readonly positions: Map<string, { qty: bigint; cost: bigint }>;
  cash: bigint;
  open(symbol: string): StandInOrder[];
}

/**
 * A split over night, as Alpaca books it: positions of whole shares, the rest paid out; orders that rest until they are
 * cancelled are restated, those of the day and those that hang together with another are not. An order of which no
 * whole share is left ends.
 */
export function splitBooks(books: SplitBooks, symbol: string, ratio: SplitRatio): void {
  const { to, from } = ratio;
  const price = (books.prices.get(symbol)! * from) / to;
  books.prices.set(symbol, price);
  for (const order of books.open(symbol)) if (order.orderClass === '' && order.tif === 'gtc') restate(order, ratio);
  const position = books.positions.get(symbol);
  if (position === undefined) return;
  const exact = (position.qty * to) / from;
  position.qty = exact - (exact % WHOLE);
  books.cash += times(exact - position.qty, price);
  if (position.qty === 0n) books.positions.delete(symbol);
}

function restate(order: StandInOrder, { to, from }: SplitRatio): void {
  const units = (qty: bigint): bigint => {
    const exact = (qty * to) / from;
    return exact - (exact % WHOLE);
  };
  const price = (value: bigint | null): bigint | null => {
    if (value === null) return null;
    const exact = (value * from) / to;
    return exact - (exact % CENT);
  };
  if (units(order.qty) === 0n) {
    order.cancelAtMs = -Infinity;
    return;
  }
  order.qty = units(order.qty);
  order.filled = units(order.filled);
  order.limit = price(order.limit);
  order.stop = price(order.stop);
}
