import { describe, expect, it } from 'vitest';
import { parseExperiment } from '../load-experiment.ts';

const read = (features: string) =>
  parseExperiment(`name: e\nuniverse: [A]\nfeatures:\n  - rsi(3)\n  - ${features}\n`, 'e.yaml');

describe('a line of features with lists', () => {
  it('becomes the expression with its values in it', () => {
    const lists = "periods: [7, 14], lags: [0, 1], timeframes: [1d, 1w], symbols: [SPY, 'BRK B']";
    const { features } = read(`{ expand: 'lag(of({symbol},rsi({period})@{timeframe}),{lag})', ${lists} }`);
    const text = 'lag(of({symbol=SPY|"BRK B"},rsi({period=7|14})@{timeframe=1d|1w}),{lag=0|1})';
    expect(features).toEqual(['rsi(3)', text]);
    expect(read(`'${text}'`).features).toEqual(features);
  });

  it.each([
    ["{ expand: 'rsi({period})', lags: [1] }", /e\.yaml:5: features\[1\]\.lags: expand has no \{lag\}/],
    ["{ expand: 'rsi({period})' }", /e\.yaml:5: features\[1\]\.expand: \{period\} has no values/],
    ["{ expand: 'rsi({period})', periods: [7, 7] }", /features\[1\]\.expand: \{period\} names 7 twice/],
    ["{ expand: 'rsi({period})', periods: [] }", /features\[1\]\.periods/],
    ["{ expand: 'rsi({period})', periods: [0.5] }", /features\[1\]\.periods\[0\]/],
    [
      "{ expand: 'rsi({period})', period: [7] }",
      /unknown key features\[1\]\.period; did you mean features\[1\]\.periods/,
    ],
    ["{ expand: 'of({symbol})', symbols: ['A}'] }", /features\[1\]\.symbols\[0\]: must be a symbol/],
  ])('is refused with its key: %s', (line, message) => {
    expect(() => read(line)).toThrow(message);
  });
});
