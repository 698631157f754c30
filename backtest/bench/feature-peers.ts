import { z } from 'zod';
import type { Peer } from './peers.ts';

/** What the peers call the ten indicators. */
const INDICATORS: Readonly<Record<string, string>> = {
  'rsi(14)': 'RSI14',
  'ema(20)': 'EMA20',
  'macd(12,26,9)': 'MACD',
  'atr(14)': 'ATR14',
  'bollinger(20,2)': 'BB20',
  'adx(14)': 'ADX14',
  'stoch(14,3,1)': 'STOCH14',
  'cci(20)': 'CCI20',
  'obv()': 'OBV',
  'mfi(14)': 'MFI14',
};

const figuresSchema = z.looseObject({
  ns_per_bar: z.record(z.string(), z.number()),
  total10_ns: z.number(),
});

/**
 * A library of indicators beside our lines of one way of computing them: each indicator, and the sum where it has all
 * ten; seconds for as many bars as ours.
 */
function indicators(library: string, way: 'batch' | 'streaming', bars: readonly string[]): Peer {
  return {
    script: 'ind_py.py',
    module: library,
    requirements: 'requirements-main.txt',
    args: [library, ...bars],
    beside: (_, line) => line.name.includes(way),
    figures: (record, line) => {
      const { ns_per_bar: each, total10_ns: sum } = figuresSchema.parse(record);
      const [, expression] = /^features (.*) (?:batch|streaming)$/.exec(line.name) ?? [];
      const ten = Object.values(INDICATORS).every((label) => each[label] !== undefined) ? sum : undefined;
      const rate = expression === undefined ? ten : each[INDICATORS[expression] ?? ''];
      return rate === undefined ? null : { seconds: (line.seconds * rate) / line.rate, rate };
    },
  };
}

/** TA-Lib's C over whole columns; talipp, pure Python, bar by bar over a tenth of the bars. */
export const FEATURE_PEERS: readonly Peer[] = [
  indicators('talib', 'batch', []),
  indicators('talipp', 'streaming', ['100000']),
];
