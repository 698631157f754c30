import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { BookReplica, type DepthChange } from './book-replica.ts';
import { BookSide, type Level } from './book-side.ts';

/** A book of a venue, kept the plain way. */
class PlainBook {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  id = 1_000;

  sorted(side: 'bids' | 'asks'): Level[] {
    const sign = side === 'bids' ? -1 : 1;
    return [...this[side]].sort(([a], [b]) => sign * (a - b));
  }
}

const change = (more: Partial<DepthChange>): DepthChange => ({ first: 1, last: 1, bids: [], asks: [], ...more });
const snapshot = {
  last: 10,
  limit: 2,
  bids: [
    [99, 1],
    [98, 2],
  ] as Level[],
  asks: [
    [101, 1],
    [102, 2],
  ] as Level[],
};

/** A live replica whose snapshot went two levels deep. */
function live(): BookReplica {
  const book = new BookReplica();
  expect(book.snapshot(snapshot)).toBe('applied');
  return book;
}

describe('a replica of an order book', () => {
  it('knows nothing before there is a snapshot, and takes up the changes that came before it', () => {
    const book = new BookReplica();
    expect(book.change(change({ first: 9, last: 10, bids: [[99, 7]] }))).toBe('kept');
    expect(book.change(change({ first: 11, last: 12, bids: [[99, 5]] }))).toBe('kept');
    expect([book.isLive, book.top(), book.last]).toEqual([false, null, null]);
    expect(book.snapshot(snapshot)).toBe('applied');
    // What the snapshot holds already is passed over.
    expect(book.top()).toEqual({ bid: 99, bidSize: 5, ask: 101, askSize: 1 });
    expect(book.last).toBe(12);
  });

  it('asks for another snapshot where the changes do not reach back to it', () => {
    const book = new BookReplica();
    book.change(change({ first: 13, last: 14, bids: [[99, 5]] }));
    expect(book.snapshot(snapshot)).toBe('gap');
    expect([book.isLive, book.top()]).toEqual([false, null]);
    expect(book.snapshot({ ...snapshot, last: 13 })).toBe('applied');
    expect(book.top()).toMatchObject({ bidSize: 5 });
  });

  it('ends at a change that does not follow, and begins again with the next snapshot and that change', () => {
    const book = live();
    expect(book.change(change({ first: 12, last: 12, asks: [[101, 9]] }))).toBe('gap');
    expect([book.isLive, book.top(), book.bids.level(0)]).toEqual([false, null, null]);
    expect(book.snapshot({ ...snapshot, last: 11 })).toBe('applied');
    expect(book.top()).toMatchObject({ askSize: 9 });
    expect(book.change(change({ first: 11, last: 12, asks: [[101, 3]] }))).toBe('stale');
    expect(book.top()).toMatchObject({ askSize: 9 });
  });

  it('follows the futures by the change that each names', () => {
    const book = live();
    expect(book.change(change({ first: 7, last: 9, before: 6 }))).toBe('stale');
    expect(book.change(change({ first: 9, last: 13, before: 8, bids: [[99, 4]] }))).toBe('applied');
    // Ids have holes there: only the name of the one before counts.
    expect(book.change(change({ first: 20, last: 25, before: 13, bids: [[99, 6]] }))).toBe('applied');
    expect(book.change(change({ first: 26, last: 27, before: 24 }))).toBe('gap');
    expect(book.top()).toBe(null);
  });

  it('takes a first futures change that begins after the snapshot for a gap', () => {
    expect(live().change(change({ first: 12, last: 13, before: 11 }))).toBe('gap');
  });

  it('is wrong once a bid stands at an ask: it ends, whatever the ids say', () => {
    const book = live();
    expect(book.change(change({ first: 11, last: 11, bids: [[101, 1]] }))).toBe('gap');
    expect(book.top()).toBe(null);
  });
});

describe('beyond the depth of its snapshot (cryptofeed 604)', () => {
  it('says that it does not know, and never shows what it saw there by chance as the best price', () => {
    const book = live();
    // A level below those of the snapshot, between which and them there may be others.
    book.change(change({ first: 11, last: 11, bids: [[95, 3]] }));
    expect([book.bids.level(0), book.bids.level(1), book.bids.level(2)]).toEqual([[99, 1], [98, 2], null]);
    expect([book.bids.knows(98), book.bids.knows(97.99)]).toEqual([true, false]);
    expect(book.bids.sweep(10)).toEqual({ units: 3, price: (99 + 2 * 98) / 3 });
    book.change(
      change({
        first: 12,
        last: 12,
        bids: [
          [99, 0],
          [98, 0],
        ],
      }),
    );
    // All that the snapshot knew is gone: 95 is not the best bid, only one that was seen.
    expect(book.bids.length).toBe(0);
    expect(book.top()).toBe(null);
    expect(book.bids.sweep(1)).toEqual({ units: 0, price: NaN });
    book.change(change({ first: 13, last: 13, bids: [[98.5, 4]] }));
    expect(book.top()).toEqual({ bid: 98.5, bidSize: 4, ask: 101, askSize: 1 });
  });

  it('knows all of a side that had fewer levels than were asked for', () => {
    const book = new BookReplica();
    book.snapshot({ ...snapshot, limit: 3 });
    book.change(change({ first: 11, last: 11, bids: [[95, 3]] }));
    expect(book.bids.level(2)).toEqual([95, 3]);
    expect(book.bids.knows(0.01)).toBe(true);
  });
});

describe('over random streams', () => {
  it.each([1, 2, 3, 4, 5, 6])('is the book that the plain way keeps, as far as it knows (seed %i)', (seed) => {
    const random = createRandom(`book/${seed}`);
    const integer = (below: number): number => Math.floor(random.next() * below);
    const venue = new PlainBook();
    let middle = 10_000;
    const step = (): DepthChange => {
      const [bids, asks]: [Level[], Level[]] = [[], []];
      const first = venue.id + 1;
      venue.id += 1 + integer(3);
      middle += integer(5) - 2;
      for (const map of [venue.bids, venue.asks]) {
        for (const price of map.keys()) {
          const crosses = map === venue.bids ? price >= middle : price <= middle;
          if (!crosses && random.next() > 0.02) continue;
          map.delete(price);
          (map === venue.bids ? bids : asks).push([price, 0]);
        }
      }
      for (let count = 0; count < 8; count++) {
        const isBid = random.next() < 0.5;
        const price = isBid ? middle - 1 - integer(60) : middle + 1 + integer(60);
        const size = 1 + integer(50);
        venue[isBid ? 'bids' : 'asks'].set(price, size);
        (isBid ? bids : asks).push([price, size]);
      }
      return { first, last: venue.id, bids, asks };
    };
    const taken = (limit: number) => ({
      last: venue.id,
      limit,
      bids: venue.sorted('bids').slice(0, limit),
      asks: venue.sorted('asks').slice(0, limit),
    });
    for (let turn = 0; turn < 100; turn++) step();
    const book = new BookReplica();
    book.snapshot(taken(20));
    let [gaps, looked] = [0, 0];
    for (let turn = 0; turn < 2_000; turn++) {
      const next = step();
      // Now and then one is lost.
      if (random.next() < 0.01) continue;
      const outcome = book.change(next);
      if (outcome === 'gap') {
        gaps += 1;
        expect(book.snapshot(taken(20))).toBe('applied');
      }
      for (const side of ['bids', 'asks'] as const) {
        const expected = venue.sorted(side);
        for (let place = 0; place < book[side].length; place++) {
          expect(book[side].level(place)).toEqual(expected[place]);
          looked += 1;
        }
      }
    }
    expect(gaps).toBeGreaterThan(5);
    expect(looked).toBeGreaterThan(10_000);
  });
});

describe('a side', () => {
  it('grows beyond what it began with, and keeps its order', () => {
    const side = new BookSide(-1);
    const levels = Array.from({ length: 3_000 }, (_, at): Level => [(at * 7_919) % 3_001, at + 1]);
    side.reset(levels, true);
    expect(side.length).toBe(3_000);
    const sorted = levels.toSorted(([a], [b]) => a - b);
    expect(Array.from({ length: 3_000 }, (_, place) => side.level(place))).toEqual(sorted);
  });
});
