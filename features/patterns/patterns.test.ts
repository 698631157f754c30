import { describe, expect, it } from 'vitest';
import { dailyBars } from '../feature-contract.ts';
import { computeFeatures } from '../feature-matrix.ts';
import { parseFeatureSet } from '../feature-set.ts';
import { PATTERNS } from './patterns.ts';

/** Bars as [open, high, low, close] that show the pattern, and beside them bars that miss it by one condition. */
const shown: Record<string, [number[][], number[][]]> = {
  doji: [[[10, 11, 9, 10.1]], [[10, 11, 9, 10.5]]],
  dragonflydoji: [[[10, 10.05, 9, 10]], [[10, 10.5, 9, 10]]],
  gravestonedoji: [[[10, 11, 9.95, 10]], [[10, 11, 9.5, 10]]],
  bullishmarubozu: [[[10, 11, 10, 11]], [[10, 11.2, 10, 11]]],
  bearishmarubozu: [[[11, 11, 10, 10]], [[10, 11, 10, 11]]],
  bullishspinningtop: [[[10, 11, 9, 10.2]], [[10.2, 11, 9, 10]]],
  bearishspinningtop: [[[10.2, 11, 9, 10]], [[10, 11, 9, 10.2]]],
  hammer: [[[10, 10.25, 9, 10.2]], [[10, 10.25, 9.7, 10.2]]],
  invertedhammer: [[[10, 11, 9.95, 10.2]], [[10, 11, 9, 10.2]]],
  bullishengulfing: [
    [
      [10, 10.1, 9.4, 9.5],
      [9.4, 10.3, 9.3, 10.2],
    ],
    [
      [10, 10.1, 9.4, 9.5],
      [9.4, 10, 9.3, 9.9],
    ],
  ],
  bearishengulfing: [
    [
      [9.5, 10.1, 9.4, 10],
      [10.1, 10.2, 9.3, 9.4],
    ],
    [
      [9.5, 10.1, 9.4, 10],
      [10.1, 10.2, 9.5, 9.6],
    ],
  ],
  bullishharami: [
    [
      [11, 11.1, 8.9, 9],
      [9.5, 10.1, 9.4, 10],
    ],
    [
      [11, 11.1, 8.9, 9],
      [10, 10.1, 9.4, 9.5],
    ],
  ],
  bearishharami: [
    [
      [9, 11.1, 8.9, 11],
      [10, 10.1, 9.4, 9.5],
    ],
    [
      [9, 11.1, 8.9, 11],
      [9.5, 10.1, 9.4, 10],
    ],
  ],
  bullishharamicross: [
    [
      [11, 11.1, 8.9, 9],
      [10, 10.5, 9.5, 10.02],
    ],
    [
      [11, 11.1, 8.9, 9],
      [9.6, 10.5, 9.5, 10.4],
    ],
  ],
  bearishharamicross: [
    [
      [9, 11.1, 8.9, 11],
      [10, 10.5, 9.5, 10.02],
    ],
    [
      [11, 11.1, 8.9, 9],
      [10, 10.5, 9.5, 10.02],
    ],
  ],
  piercingline: [
    [
      [11, 11.1, 9.9, 10],
      [9.8, 10.8, 9.7, 10.7],
    ],
    [
      [11, 11.1, 9.9, 10],
      [9.8, 11.4, 9.7, 11.3],
    ],
  ],
  darkcloudcover: [
    [
      [10, 11.1, 9.9, 11],
      [11.2, 11.3, 10.2, 10.3],
    ],
    [
      [10, 11.1, 9.9, 11],
      [11.2, 11.3, 10.6, 10.7],
    ],
  ],
  morningstar: [
    [
      [11, 11.1, 9.9, 10],
      [9.5, 10, 9, 9.7],
      [9.8, 10.9, 9.7, 10.8],
    ],
    [
      [11, 11.1, 9.9, 10],
      [9.0, 9.95, 9, 9.9],
      [9.8, 10.9, 9.7, 10.8],
    ],
  ],
  eveningstar: [
    [
      [10, 11.1, 9.9, 11],
      [11.3, 12, 11, 11.5],
      [11.2, 11.3, 10.1, 10.2],
    ],
    [
      [10, 11.1, 9.9, 11],
      [11.3, 12, 11, 11.5],
      [11.2, 11.3, 10.6, 10.7],
    ],
  ],
  morningdojistar: [
    [
      [11, 11.1, 9.9, 10],
      [9.5, 10, 9, 9.55],
      [9.8, 10.9, 9.7, 10.8],
    ],
    [
      [11, 11.1, 9.9, 10],
      [9.5, 10, 9, 9.7],
      [9.8, 10.9, 9.7, 10.8],
    ],
  ],
  eveningdojistar: [
    [
      [10, 11.1, 9.9, 11],
      [11.5, 12, 11, 11.55],
      [11.2, 11.3, 10.1, 10.2],
    ],
    [
      [10, 11.1, 9.9, 11],
      [11.3, 12, 11, 11.5],
      [11.2, 11.3, 10.1, 10.2],
    ],
  ],
  threewhitesoldiers: [
    [
      [10, 11.1, 9.9, 11],
      [10.5, 11.6, 10.4, 11.5],
      [11.2, 12.3, 11.1, 12.2],
    ],
    [
      [10, 11.1, 9.9, 11],
      [9.5, 11.6, 9.4, 11.5],
      [11.2, 12.3, 11.1, 12.2],
    ],
  ],
  threeblackcrows: [
    [
      [12, 12.1, 10.9, 11],
      [11.5, 11.6, 10.4, 10.5],
      [11, 11.1, 9.9, 10],
    ],
    [
      [12, 12.1, 10.9, 11],
      [12.5, 12.6, 10.4, 10.5],
      [11, 11.1, 9.9, 10],
    ],
  ],
  downsidetasukigap: [
    [
      [12, 12.1, 10.9, 11],
      [10.5, 10.6, 9.9, 10],
      [10.2, 10.8, 10.1, 10.7],
    ],
    [
      [12, 12.1, 10.9, 11],
      [10.5, 10.6, 9.9, 10],
      [10.2, 11.3, 10.1, 11.2],
    ],
  ],
};

function lastOf(name: string, rows: readonly number[][]): number {
  const bars = dailyBars('SPY', rows.length, (i) => [...rows[i]!, 1]);
  const [matrix] = computeFeatures(parseFeatureSet(`${name}()`, { timeframe: '1d', symbols: ['SPY'] }), [bars]);
  return matrix!.values[rows.length - 1]!;
}

describe('candlestick patterns', () => {
  it('have an example each', () => {
    expect(Object.keys(shown).sort()).toEqual(PATTERNS.map(({ name }) => name).sort());
  });

  it.each(Object.entries(shown))('%s', (name, [with_, without]) => {
    expect([lastOf(name, with_), lastOf(name, without)]).toEqual([1, 0]);
  });
});
