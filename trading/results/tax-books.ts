import { DAY_MS } from '../../features/timeframe.ts';
import type { TimeZone } from '../../pipelines/dialects/time-zone.ts';
import type { Charge } from '../effect.ts';
import type { JournalEntry } from '../journal/journal-record.ts';
import { FifoLots, type ClosedLot } from '../portfolio/fifo-lots.ts';

/** How long a lot was held: `long` for more than a year by the calendar. What is sold short is always `short`. */
type Term = 'short' | 'long';

/** A lot, or a part of one, that was closed. Amounts in currency of the account. */
export interface Disposal {
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly quantity: number;
  readonly acquiredMs: number;
  /** Before `acquiredMs` for what was sold short. */
  readonly soldMs: number;
  readonly cost: number;
  readonly proceeds: number;
  /** Of both trades, as far as they belong to these units. */
  readonly fees: number;
  /** Proceeds less cost and fees; dividends are no part of it. */
  readonly gain: number;
  readonly term: Term;
  /** In which it was closed. */
  readonly year: number;
}

/** What a calendar year brought. Amounts in currency of the account, below 0 where they were paid. */
export interface TaxYear {
  readonly year: number;
  readonly disposals: number;
  readonly proceeds: number;
  readonly cost: number;
  readonly fees: number;
  readonly shortTermGain: number;
  readonly longTermGain: number;
  readonly dividends: number;
  /** For borrowed shares, funding of perpetuals, on cash lent or borrowed, and what venues took besides. */
  readonly borrow: number;
  readonly funding: number;
  readonly interest: number;
  readonly otherFees: number;
}

type Mutable = { -readonly [Key in keyof TaxYear]: TaxYear[Key] };

const FIELDS = {
  borrow: 'borrow',
  funding: 'funding',
  interest: 'interest',
  clearance: 'otherFees',
  fee: 'otherFees',
} as const satisfies Record<Charge['charge'], keyof TaxYear>;

/**
 * Books of a session as a tax office asks for them: lots closed first in, first out, by year and holding period, and
 * what was paid besides. Days are those of `zone`. What depends on anything outside of the session (wash sales,
 * allowances, other accounts) is not in them.
 */
export class TaxBooks {
  readonly #symbols: readonly string[];
  readonly #zone: TimeZone;
  readonly #lots: FifoLots;
  readonly #years = new Map<number, Mutable>();

  constructor(symbols: readonly string[], zone: TimeZone) {
    this.#symbols = symbols;
    this.#zone = zone;
    this.#lots = new FifoLots(symbols.length);
  }

  /** Books one record; those that move nothing are passed over. Returns the lots that it closed. */
  take(entry: JournalEntry): Disposal[] {
    if (entry.kind === 'fill') this.#lots.book(entry);
    else if (entry.kind === 'charge') this.#of(entry.timeMs)[FIELDS[entry.charge]] += entry.cash;
    else if (entry.kind === 'action') {
      if (entry.action === 'dividend') this.#of(entry.timeMs).dividends += entry.cash;
      else this.#lots.takeSplit(entry);
    }
    return this.#lots.closed.splice(0).map((lot) => this.#close(lot));
  }

  /** Every year in which something was closed or paid, in order. */
  years(): TaxYear[] {
    return [...this.#years.values()].sort((a, b) => a.year - b.year);
  }

  #close({ symbol, long, quantity, fees, ...lot }: ClosedLot): Disposal {
    const [opened, closed] = [lot.openPrice * quantity, lot.closePrice * quantity];
    const [cost, proceeds] = long ? [opened, closed] : [closed, opened];
    const held = {
      acquiredMs: long ? lot.openTimeMs : lot.closeTimeMs,
      soldMs: long ? lot.closeTimeMs : lot.openTimeMs,
    };
    const disposal: Disposal = {
      ...{ symbol: this.#symbols[symbol]!, side: long ? 'long' : 'short', quantity, ...held, cost, proceeds, fees },
      gain: proceeds - cost - fees,
      term: long && this.#isOverAYear(lot.openTimeMs, lot.closeTimeMs) ? 'long' : 'short',
      year: this.#day(lot.closeTimeMs).getUTCFullYear(),
    };
    const of = this.#of(lot.closeTimeMs);
    of.disposals += 1;
    of.proceeds += proceeds;
    of.cost += cost;
    of.fees += fees;
    of[disposal.term === 'long' ? 'longTermGain' : 'shortTermGain'] += disposal.gain;
    return disposal;
  }

  /** Whether more than a year lies between two days: the day of the purchase is not counted, that of the sale is. */
  #isOverAYear(fromMs: number, toMs: number): boolean {
    const [from, to] = [this.#day(fromMs), this.#day(toMs)];
    const [year, month] = [from.getUTCFullYear() + 1, from.getUTCMonth()];
    const lastOfMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    return to.getTime() > Date.UTC(year, month, Math.min(from.getUTCDate(), lastOfMonth));
  }

  /** Midnight, as UTC has it, of the day that the clock of the zone shows. */
  #day(timeMs: number): Date {
    const local = timeMs + this.#zone.offsetMs(timeMs);
    return new Date(Math.floor(local / DAY_MS) * DAY_MS);
  }

  #of(timeMs: number): Mutable {
    const year = this.#day(timeMs).getUTCFullYear();
    const found = this.#years.get(year);
    if (found !== undefined) return found;
    const made: Mutable = {
      ...{ year, disposals: 0, proceeds: 0, cost: 0, fees: 0, shortTermGain: 0, longTermGain: 0 },
      ...{ dividends: 0, borrow: 0, funding: 0, interest: 0, otherFees: 0 },
    };
    this.#years.set(year, made);
    return made;
  }
}
