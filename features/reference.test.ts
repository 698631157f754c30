import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { BarColumns } from './bar.ts';
import { dailyBars } from './feature-contract.ts';
import { computeFeatures } from './feature-matrix.ts';
import { parseFeatureSet } from './feature-set.ts';
import { describeWith, REFERENCE_DIR } from '../infra/testing/requirements.ts';

const ROOT = REFERENCE_DIR;
const SKENDER = `${ROOT}/skender`;

interface Expected {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | string | boolean | null)[])[];
}

/** Our column for each column of the reference; what is missing here is no output of ours. */
const COLUMNS: Record<string, Record<string, string>> = {
  adl: { adl: 'adl()' },
  adx: { pdi: 'adx(14).plusDi', mdi: 'adx(14).minusDi', adx: 'adx(14).adx' },
  aroon: { aroonUp: 'aroon(25).up', aroonDown: 'aroon(25).down', oscillator: 'aroon(25).oscillator' },
  atr: { tr: 'truerange()', atr: 'atr(14)', atrp: 'natr(14)' },
  bb: {
    sma: 'bollinger(20,2).middle',
    upperBand: 'bollinger(20,2).upper',
    lowerBand: 'bollinger(20,2).lower',
    percentB: 'bollinger(20,2).percentB',
    zScore: 'zscore(close,20)',
    width: 'bollinger(20,2).width',
  },
  cci: { cci: 'cci(20)' },
  cmf: { moneyFlowMultiplier: 'closelocation()', cmf: 'cmf(20)' },
  dema: { dema: 'dema(14)' },
  donchian: { upperBand: 'donchian(20).upper', centerline: 'donchian(20).middle', lowerBand: 'donchian(20).lower' },
  ema: { ema: 'ema(20)' },
  hma: { hma: 'hma(14)' },
  ichimoku: {
    tenkanSen: 'ichimoku(9,26,52).tenkan',
    kijunSen: 'ichimoku(9,26,52).kijun',
    senkouSpanA: 'ichimoku(9,26,52).senkouA',
    senkouSpanB: 'ichimoku(9,26,52).senkouB',
  },
  kama: { kama: 'kama(10,2,30)' },
  keltner: {
    upperBand: 'keltner(20,2,10).upper',
    centerline: 'keltner(20,2,10).middle',
    lowerBand: 'keltner(20,2,10).lower',
  },
  macd: {
    macd: 'macd(12,26,9).line',
    signal: 'macd(12,26,9).signal',
    histogram: 'macd(12,26,9).histogram',
    fastEma: 'ema(12)',
    slowEma: 'ema(26)',
  },
  mfi: { mfi: 'mfi(14)' },
  obv: { obv: 'obv()' },
  psar: { sar: 'psar(0.02,0.2)' },
  roc: { momentum: 'momentum(14)', roc: 'roc(14)' },
  rsi: { rsi: 'rsi(14)' },
  sma: { sma: 'sma(20)' },
  stdev: { stdDev: 'stdev(14)', mean: 'sma(14)', zScore: 'zscore(close,14)' },
  stoch: { oscillator: 'stoch(14,3,3).k', signal: 'stoch(14,3,3).d' },
  'stoch-rsi': { stochRsi: 'stochrsi(14,14,3,1).k', signal: 'stochrsi(14,14,3,1).d' },
  supertrend: { superTrend: 'supertrend(10,3).line' },
  tema: { tema: 'tema(20)' },
  trix: { trix: 'trix(14)' },
  vwap: { vwap: 'vwap()' },
  willr: { williamsR: 'willr(14)' },
  wma: { wma: 'wma(14)' },
};

function quotes(): BarColumns {
  const lines = readFileSync(`${SKENDER}/quotes/default.csv`, 'utf8').trim().split('\n').slice(1);
  return dailyBars('SPY', lines.length, (i) => lines[i]!.split(',').slice(1).map(Number));
}

function expected(indicator: string): Expected {
  return JSON.parse(readFileSync(`${SKENDER}/expected/${indicator}.json`, 'utf8')) as Expected;
}

/** The first row whose value differs by more than 1e-9 of the larger, or that has one where the other has none. */
function disagreement(ours: readonly number[], theirs: readonly (number | null)[]): string | null {
  for (const [i, value] of ours.entries()) {
    const other = theirs[i] ?? null;
    const same =
      other === null
        ? Number.isNaN(value)
        : Math.abs(value - other) <= 1e-9 * Math.max(Math.abs(value), Math.abs(other));
    if (!same) return `row ${i}: ${value} here, ${other} there`;
  }
  return null;
}

describeWith('reference', 'indicators agree with the reference to 1e-9, empty rows included', () => {
  const bars = existsSync(SKENDER) ? quotes() : dailyBars('SPY', 0, () => []);
  const cases = Object.entries(COLUMNS).flatMap(([indicator, columns]) =>
    Object.entries(columns).map(([theirs, ours]) => [ours, indicator, theirs] as const),
  );

  it('covers every file', () => {
    const files = readdirSync(`${SKENDER}/expected`).map((file) => file.replace('.json', ''));
    expect(Object.keys(COLUMNS).sort()).toEqual(files.sort());
  });

  it.each(cases)('%s (%s %s)', (ours, indicator, theirs) => {
    const { columns, rows } = expected(indicator);
    const [matrix] = computeFeatures(parseFeatureSet(ours, { timeframe: '1d', symbols: ['SPY'] }), [bars]);
    const at = columns.indexOf(theirs);
    expect(at).toBeGreaterThan(0);
    expect(
      disagreement(
        [...matrix!.values],
        rows.map((row) => row[at] as number | null),
      ),
    ).toBeNull();
  });

  it('supertrend says which of the two bands it is', () => {
    const { columns, rows } = expected('supertrend');
    const [matrix] = computeFeatures(
      parseFeatureSet('supertrend(10,3).direction', { timeframe: '1d', symbols: ['SPY'] }),
      [bars],
    );
    const upper = columns.indexOf('upperBand');
    const theirs = rows.map((row, i) => (i < 10 ? null : row[upper] === null ? 1 : -1));
    expect(disagreement([...matrix!.values], theirs)).toBeNull();
  });
});

describeWith('reference', 'returns agree with those that another source has of the same fund', () => {
  it('on every day that both have, but for the cents of its prices', () => {
    const lines = readFileSync(`${ROOT}/zipline/SPY_benchmark.csv`, 'utf8').trim().split('\n').slice(1);
    const benchmark = new Map(lines.map((line) => [line.slice(0, 10), Number(line.split(',')[1])]));
    const days = readFileSync(`${SKENDER}/quotes/default.csv`, 'utf8').trim().split('\n').slice(1);
    const bars = quotes();
    const [matrix] = computeFeatures(parseFeatureSet('return(1)', { timeframe: '1d', symbols: ['SPY'] }), [bars]);
    const both = days.flatMap((line, i) => {
      const theirs = i === 0 ? undefined : benchmark.get(line.slice(0, 10));
      return theirs === undefined ? [] : [{ i, theirs }];
    });
    expect(both).toHaveLength(331);
    // Both take dividends out; each has rounded to cents, of which half a one on either side of a return is 4e-5 at 210
    // to 290 a share, and the adjustment on an ex-date once more.
    const apart = both.map(({ i, theirs }) => Math.abs(matrix!.values[i]! - theirs));
    expect(Math.max(...apart)).toBeLessThan(6e-5);
    expect(Math.max(...both.map(({ theirs }) => Math.abs(theirs)))).toBeGreaterThan(0.02);
  });
});
