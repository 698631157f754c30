import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../features/timeframe.ts';
import type { BarPage, VendorBar } from './bar-page.ts';
import { collectPages, type CollectOptions } from './collect-pages.ts';

const bar = (hour: number): VendorBar => ({ timeMs: hour * HOUR_MS, open: 1, high: 1, low: 1, close: 1, volume: 1 });
const page = (from: number, to: number, next?: string): BarPage => ({
  bars: Array.from({ length: to - from }, (_, i) => bar(from + i)),
  next,
});

const options: CollectOptions = {
  where: { vendor: 'binance', endpoint: '1h bars of BTC/USDT' },
  range: { fromMs: 0, toMs: 100 * HOUR_MS },
  slackMs: HOUR_MS,
};

/** Answers each question with the next of its answers, the last one again and again. */
function collect(answers: Readonly<Record<string, readonly BarPage[]>>, changes: Partial<CollectOptions> = {}) {
  const asked: string[] = [];
  const work = collectPages(
    async (cursor = 'first') => {
      const before = asked.filter((one) => one === cursor).length;
      asked.push(cursor);
      const of = answers[cursor]!;
      return of[Math.min(before, of.length - 1)]!;
    },
    { ...options, ...changes },
  );
  return { asked, hours: work.then((bars) => bars.map(({ timeMs }) => timeMs / HOUR_MS)) };
}

const startsLate = ({ bars }: BarPage): boolean => bars[0]?.timeMs !== 0;

describe('collectPages', () => {
  it('follows cursors to the end and sorts what came in another order', async () => {
    const { hours, asked } = collect({ first: [page(3, 6, 'b')], b: [page(0, 3, 'c')], c: [page(6, 8)] });
    expect(await hours).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(asked).toEqual(['first', 'b', 'c']);
  });

  it('goes on after an empty page that has a next one', async () => {
    const { hours, asked } = collect({ first: [page(0, 2, 'b')], b: [page(0, 0, 'c')], c: [page(2, 3)] });
    expect(await hours).toEqual([0, 1, 2]);
    expect(asked).toEqual(['first', 'b', 'b', 'c']);
  });

  it('believes a doubtful answer only when two in a row agree', async () => {
    // An exchange that was closed until 2, then an answer from further on, then the truth twice.
    const late = page(2, 5);
    const { hours, asked } = collect({ first: [late, page(4, 7), late, late] }, { doubtful: startsLate });
    expect(await hours).toEqual([2, 3, 4]);
    expect(asked).toHaveLength(4);
  });

  it('takes an answer beyond doubt at once', async () => {
    const { hours, asked } = collect({ first: [page(2, 5), page(0, 5)] }, { doubtful: startsLate });
    expect(await hours).toEqual([0, 1, 2, 3, 4]);
    expect(asked).toHaveLength(2);
  });

  it.each([
    [
      'a page twice',
      { first: [page(0, 3, 'b')], b: [page(0, 3, 'c')], c: [page(6, 8)] },
      /two bars at .* a page was given twice/,
    ],
    ['pages that overlap', { first: [page(0, 3, 'b')], b: [page(2, 5)] }, /two bars at 1970-01-01T02:00/],
    ['a page that is its own next', { first: [page(0, 3, 'b')], b: [page(3, 4, 'b')] }, /round in circles/],
    ['a bar from before the range', { first: [page(-2, 3)] }, /outside the range/],
    ['a bar from after the range', { first: [page(100, 102)] }, /outside the range/],
    ['answers that never agree', { first: Array.from({ length: 9 }, (_, i) => page(i + 1, 20)) }, /all different/],
  ])('takes nothing of %s', async (_what, answers, message) => {
    await expect(collect(answers, { doubtful: startsLate }).hours).rejects.toMatchObject({
      kind: 'malformed',
      message,
    });
  });
});
