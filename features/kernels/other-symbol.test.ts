import { expect, it } from 'vitest';
import { checkPrefix, checkRestore, checkStream, dailyBars } from '../feature-contract.ts';
import { computeFeatures } from '../feature-matrix.ts';
import { parseFeatureSet } from '../feature-set.ts';
import { sliceBarColumns } from '../bar.ts';

const price = (i: number, size: number): number => 100 + size * Math.sin(i / 7) + (i % 5);
const bars = (symbol: string, size: number) =>
  dailyBars(symbol, 120, (i) => {
    const at = price(i, size);
    return [at, at + 1, at - 1, at, 1_000 + i];
  });

const universe = [bars('AAA', 3), sliceBarColumns(bars('BBB', 9), 20, 110)];
const set = parseFeatureSet('rsi(5),of(BBB),of(BBB,rsi(5)),of(AAA,ema(3)@1w),ema(3)@1w', {
  timeframe: '1d',
  symbols: ['AAA', 'BBB'],
});

it('is what the other symbol has at the same close, and nothing where it has no bar', () => {
  const [a, b] = computeFeatures(set, universe);
  const of = (matrix: typeof a, row: number, column: number): number =>
    matrix!.values[row * set.columns.length + column]!;
  for (let row = 0; row < 120; row++) {
    const there = row >= 20 && row < 110;
    expect(of(a, row, 1)).toBe(there ? universe[1]!.close[row - 20] : NaN);
    expect(of(a, row, 2)).toBe(there ? of(b, row - 20, 0) : NaN);
    expect(of(a, row, 3)).toBe(of(a, row, 4));
    if (there) expect(of(b, row - 20, 3)).toBe(of(a, row, 4));
  }
});

it('is the same bar by bar, after a restart, and never looks ahead', () => {
  expect([...checkStream(set, universe), ...checkRestore(set, universe), ...checkPrefix(set, universe)]).toEqual([]);
});

it.each([
  ['of(CCC)', /Unknown symbol "CCC"/],
  ['of(AAA,macd())', /macd has several outputs/],
  ['of(AAA,3)', /Expected a series, found 3/],
  ['of(AAA,close,3)', /of takes of\(SYMBOL,series\)/],
  ['of(AAA,rsi(5))@1w', /takes no timeframe/],
])('is refused: %s', (text, message) => {
  expect(() => parseFeatureSet(text, { timeframe: '1d', symbols: ['AAA', 'BBB'] })).toThrow(message);
});
