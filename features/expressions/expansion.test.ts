import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFeatureSet } from '../feature-set.ts';
import { expandExpression, EXPANDED_MAX } from './expansion.ts';

describe('an expression with places', () => {
  it('stands for every combination of their values, the last place fastest', () => {
    expect(expandExpression('lag(rsi({period=7|14}),{lag= 0 | 2 })@{timeframe=1d|1w}')).toEqual([
      'lag(rsi(7),0)@1d',
      'lag(rsi(7),0)@1w',
      'lag(rsi(7),2)@1d',
      'lag(rsi(7),2)@1w',
      'lag(rsi(14),0)@1d',
      'lag(rsi(14),0)@1w',
      'lag(rsi(14),2)@1d',
      'lag(rsi(14),2)@1w',
    ]);
  });

  it('has one value at a time of a place that stands several times', () => {
    const pairs = expandExpression('ratio(ema({n=5|20}),sma({n}))');
    expect(pairs).toEqual(['ratio(ema(5),sma(5))', 'ratio(ema(20),sma(20))']);
    expect(expandExpression('rsi(14)')).toEqual(['rsi(14)']);
  });

  it('gives as many expressions as the product of its values, each once', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, (counts) => {
        const text = counts
          .map((size, p) => `{p${p}=${Array.from({ length: size }, (_, i) => i).join('|')}}`)
          .join(',');
        const all = expandExpression(`f(${text})`);
        expect(new Set(all).size).toBe(all.length);
        expect(all.length).toBe(counts.reduce((product, size) => product * size, 1));
      }),
    );
  });

  it.each([
    ['rsi({period})', /\{period\} has no values \(at character 6/],
    ['rsi({=7})', /has no name/],
    ['rsi({n=7|})', /\{n\} has an empty value/],
    ['rsi({n=7|7})', /\{n\} names 7 twice/],
    ['ratio(ema({n=7}),ema({n=8}))', /\{n\} gets its values twice/],
    ['rsi(7})', /"\}" has no partner \(at character 6/],
    ['rsi({n=7', /"\{" has no partner/],
    [Array.from({ length: 13 }, (_, i) => `{p${i}=1}`).join(','), /More than 12 places/],
  ])('is refused where a place is not in order: %s', (text, message) => {
    expect(() => expandExpression(text)).toThrow(message);
  });

  it('is refused before it is made where it stands for too many', () => {
    const values = Array.from({ length: 1_000 }, (_, i) => i + 1).join('|');
    const text = `lag(lag(rsi({a=${values}}),{b=${values}}),{c=${values}})`;
    expect(() => expandExpression(text)).toThrow('1000 of a x 1000 of b x 1000 of c are 1000000000 expressions');
    const many = Array.from({ length: 3 }, () => `lag(rsi({a=${values}}),{b=1|2|3|4|5})`);
    expect(() => parseFeatureSet(many, { timeframe: '1d', symbols: ['A'] })).toThrow(
      `More than ${EXPANDED_MAX} features are given`,
    );
  });
});

it('makes columns with names of their own, the bars’ own timeframe being none', () => {
  const { columns } = parseFeatureSet('of({s=A|"B C"},ema({n=5|9})@{t=1d|1w}), lag(close,{l=0|1})', {
    timeframe: '1d',
    symbols: ['A', 'B C'],
  });
  expect(columns).toEqual([
    'of(A,ema(5))',
    'of(A,ema(5)@1w)',
    'of(A,ema(9))',
    'of(A,ema(9)@1w)',
    'of("B C",ema(5))',
    'of("B C",ema(5)@1w)',
    'of("B C",ema(9))',
    'of("B C",ema(9)@1w)',
    'lag(close,0)',
    'lag(close,1)',
  ]);
  expect(() => parseFeatureSet('rsi(14),sma({n=5|x})', { timeframe: '1d', symbols: ['A'] })).toThrow('"sma(x)"');
});
