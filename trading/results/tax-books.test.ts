import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { zoneNamed } from '../../pipelines/dialects/time-zone.ts';
import type { JournalEntry } from '../journal/journal-record.ts';
import { TaxBooks, type Disposal } from './tax-books.ts';
import { Transactions } from './transactions.ts';

const UTC = zoneNamed('UTC', 'zone');
const at = (iso: string): number => Date.parse(iso);

function fill(iso: string, quantity: number, price: number, fee = 0): JournalEntry {
  return {
    ...{ kind: 'fill', sequence: 1, timeMs: at(iso), symbol: 0, quantity, price, fee, slippage: 0, final: true },
  } as JournalEntry;
}
/** @param held signed units after it, and the cash that it brought */
const action = (iso: string, what: 'split' | 'dividend', value: number, held: [number, number]): JournalEntry => ({
  ...{ kind: 'action', timeMs: at(iso), symbol: 0, action: what, value, quantity: held[0], cash: held[1] },
});
const charge = (iso: string, what: 'borrow' | 'interest' | 'clearance', cash: number): JournalEntry => ({
  ...{ kind: 'charge', timeMs: at(iso), symbol: 0, charge: what, base: 0, days: 1, rate: 0, cash },
});

function booked(entries: readonly JournalEntry[], zone = UTC): { lots: Disposal[]; books: TaxBooks } {
  const books = new TaxBooks(['AAA'], zone);
  return { lots: entries.flatMap((entry) => books.take(entry)), books };
}

describe('books for taxes', () => {
  it('close the oldest lots first, share fees by units, and tell what was held for more than a year', () => {
    const { lots, books } = booked([
      fill('2023-01-05T15:00:00Z', 100, 10, 1),
      fill('2023-06-01T15:00:00Z', 100, 12, 1),
      fill('2024-01-06T15:00:00Z', -150, 15, 3),
    ]);
    expect(lots).toMatchObject([
      { quantity: 100, cost: 1_000, proceeds: 1_500, fees: 3, gain: 497, term: 'long', year: 2024 },
      { quantity: 50, cost: 600, proceeds: 750, fees: 1.5, gain: 148.5, term: 'short', year: 2024 },
    ]);
    expect(books.years()).toMatchObject([
      { year: 2024, disposals: 2, proceeds: 2_250, cost: 1_600, fees: 4.5, longTermGain: 497, shortTermGain: 148.5 },
    ]);
  });

  it.each([
    ['2023-01-05', '2024-01-05', 'short'],
    ['2023-01-05', '2024-01-06', 'long'],
    ['2024-02-29', '2025-02-28', 'short'],
    ['2024-02-29', '2025-03-01', 'long'],
  ])('hold what was bought on %s and sold on %s for a %s term', (from, to, term) => {
    const { lots } = booked([fill(`${from}T15:00:00Z`, 1, 10), fill(`${to}T15:00:00Z`, -1, 11)]);
    expect(lots.map((lot) => lot.term)).toEqual([term]);
  });

  it('count what was sold short as short, however long it was open, with the sale before the purchase', () => {
    const { lots } = booked([fill('2021-01-05T15:00:00Z', -10, 20, 1), fill('2024-01-05T15:00:00Z', 10, 15, 1)]);
    expect(lots).toMatchObject([
      { side: 'short', cost: 150, proceeds: 200, gain: 48, term: 'short', soldMs: at('2021-01-05T15:00:00Z') },
    ]);
    expect(lots[0]!.acquiredMs).toBe(at('2024-01-05T15:00:00Z'));
  });

  it('keep the cost of a split lot and its day, and take what is paid out for no whole lot as sold', () => {
    const { lots } = booked([
      fill('2023-01-05T15:00:00Z', 7, 30),
      action('2023-05-01T13:30:00Z', 'split', 0.5, [3, 0.5 * 60]),
      fill('2024-02-01T15:00:00Z', -3, 70),
    ]);
    expect(lots).toMatchObject([
      { quantity: 0.5, cost: 30, proceeds: 30, year: 2023, term: 'short' },
      { quantity: 3, cost: 180, proceeds: 210, year: 2024, term: 'long' },
    ]);
  });

  it('put what was paid besides beside the gains, and count years by the clock of a zone', () => {
    const entries = [
      fill('2023-12-01T15:00:00Z', 10, 10),
      action('2023-12-20T05:00:00Z', 'dividend', 0.5, [10, 5]),
      charge('2023-12-31T22:00:00Z', 'borrow', -2),
      charge('2023-12-31T22:00:00Z', 'interest', 1),
      charge('2024-01-01T01:00:00Z', 'clearance', -4),
      fill('2024-01-01T02:00:00Z', -10, 11),
    ];
    expect(
      booked(entries)
        .books.years()
        .map(({ year }) => year),
    ).toEqual([2023, 2024]);
    const { years } = { years: booked(entries, zoneNamed('America/New_York', 'zone')).books.years() };
    expect(years).toEqual([
      {
        ...{ year: 2023, disposals: 1, proceeds: 110, cost: 100, fees: 0, shortTermGain: 10, longTermGain: 0 },
        ...{ dividends: 5, borrow: -2, funding: 0, interest: 1, otherFees: -4 },
      },
    ]);
  });

  it('add up to the cash of the account, with the cost of what is still open', () => {
    const event = fc.record({
      days: fc.integer({ min: 1, max: 200 }),
      quantity: fc.integer({ min: -50, max: 50 }).filter((units) => units !== 0),
      price: fc.integer({ min: 100, max: 20_000 }).map((cents) => cents / 100),
      fee: fc.integer({ min: 0, max: 300 }).map((cents) => cents / 100),
      paid: fc.integer({ min: -500, max: 500 }).map((cents) => cents / 100),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 40 }), (events) => {
        const books = new TaxBooks(['AAA'], UTC);
        const transactions = new Transactions(['AAA'], 10_000);
        let [timeMs, held, gains, price] = [at('2020-01-01T12:00:00Z'), 0, 0, 0];
        const take = (entry: JournalEntry): void => {
          gains += books.take(entry).reduce((sum, { gain }) => sum + gain, 0);
          transactions.of(entry);
        };
        for (const one of events) {
          timeMs += one.days * DAY_MS;
          const iso = new Date(timeMs).toISOString();
          take(fill(iso, one.quantity, one.price, one.fee));
          take(charge(iso, 'interest', one.paid));
          held += one.quantity;
          price = one.price;
        }
        // Closed at a price of its own, so that nothing is left open.
        if (held !== 0) take(fill(new Date(timeMs + 1).toISOString(), -held, price + 1));
        const paid = books.years().reduce((sum, { interest }) => sum + interest, 0);
        const last = transactions.of(charge(new Date(timeMs + 2).toISOString(), 'interest', 0))!;
        expect(last.balance).toBeCloseTo(10_000 + gains + paid, 6);
        const years = books.years().reduce((sum, year) => sum + year.shortTermGain + year.longTermGain, 0);
        expect(years).toBeCloseTo(gains, 6);
      }),
    );
  });
});
