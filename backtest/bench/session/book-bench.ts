import { createHash } from 'node:crypto';
import { createRandom } from '../../../infra/random.ts';
import { BookReplica, type DepthChange } from '../../../pipelines/books/book-replica.ts';
import type { Level } from '../../../pipelines/books/book-side.ts';
import type { BenchmarkResult } from '../benchmark-result.ts';

const LEVELS = 5_000;
const CHANGES = 100_000;
/** Prices that a change touches. */
const TOUCHED = 10;

/** Changes of a book whose middle walks: most are near it, some far away; a third takes levels away. */
function changesOf(count: number): { readonly begin: readonly [Level[], Level[]]; readonly changes: DepthChange[] } {
  const random = createRandom('bench/book');
  let middle = 1_000_000;
  const side = (sign: 1 | -1): Level[] =>
    Array.from({ length: LEVELS }, (_, at): Level => [middle - sign * (2 + 2 * at), 1 + random.next()]);
  const begin = [side(1), side(-1)] as const;
  const changes = Array.from({ length: count }, (_, at): DepthChange => {
    const [bids, asks]: [Level[], Level[]] = [[], []];
    const step = Math.round(2 * random.normal());
    // What the middle passes is taken away.
    for (let price = middle; price !== middle + step; price += Math.sign(step)) {
      if (step > 0) asks.push([price + 1, 0]);
      else bids.push([price - 1, 0]);
    }
    middle += step;
    for (let touched = 0; touched < TOUCHED; touched++) {
      const away = 1 + Math.floor(20 * random.next() ** 4 * (random.next() < 0.05 ? 200 : 1));
      const size = random.next() < 1 / 3 ? 0 : random.next();
      if (random.next() < 0.5) bids.push([middle - away, size]);
      else asks.push([middle + away, size]);
    }
    return { first: at + 1, last: at + 1, bids, asks };
  });
  return { begin, changes };
}

/** Changes that a copy of a book of 5,000 levels a side takes in a second, the best prices read after each. */
export function benchBook({
  now,
  changes: count = CHANGES,
}: {
  readonly now: () => number;
  readonly changes?: number;
}): BenchmarkResult {
  const { begin, changes } = changesOf(count);
  const [bids, asks] = begin;
  const seconds: number[] = [];
  let checks: BenchmarkResult['checks'] = {};
  for (let run = 0; run < 6; run++) {
    const book = new BookReplica();
    book.snapshot({ last: 0, limit: LEVELS, bids, asks });
    let [applied, sum] = [0, 0];
    const started = now();
    for (const change of changes) {
      if (book.change(change) !== 'applied') continue;
      applied += 1;
      sum += book.top()?.bid ?? 0;
    }
    // The first run is the one before those that are told.
    if (run > 0) seconds.push((now() - started) / 1000);
    const levels = [book.bids, book.asks].map((side) => Array.from({ length: side.length }, (_, at) => side.level(at)));
    const bookHash = createHash('sha256').update(JSON.stringify(levels)).digest('hex');
    checks = { applied, meanBid: sum / applied, bookHash };
  }
  const median = seconds.toSorted((a, b) => a - b)[seconds.length >> 1]!;
  const work = `${count} changes of about ${TOUCHED} prices, a book of ${2 * LEVELS} levels, best prices read after each`;
  return { name: 'book', work, seconds: median, runs: seconds.length, rate: count / median, unit: 'changes/s', checks };
}
