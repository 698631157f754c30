import { describe, expect, it } from 'vitest';
import { FeatureError } from './feature-error.ts';
import { dailyBars, checkFinite, firstDifference, streamFeatures } from './feature-contract.ts';
import { computeFeatures, FeatureStream } from './feature-matrix.ts';
import { parseFeatureSet } from './feature-set.ts';
import { REGISTERED_SETS } from './expressions/registered-sets.ts';

const options = { timeframe: '1d', symbols: ['SPY', 'QQQ', 'BRK.B'] };
const columns = (text: string | string[]): readonly string[] => parseFeatureSet(text, options).columns;

function failure(text: string, timeframe = '1d'): FeatureError {
  try {
    parseFeatureSet([text], { ...options, timeframe });
  } catch (error) {
    if (error instanceof FeatureError) return error;
    throw error;
  }
  throw new Error(`"${text}" was accepted.`);
}

describe('the text form', () => {
  it.each([
    ['rsi(14)', ['rsi(14)']],
    [' RSI( 14 ) ', ['rsi(14)']],
    ['rsi()', ['rsi(14)']],
    ['rsi(n=9)', ['rsi(9)']],
    ['sma(close,20)', ['sma(20)']],
    ['sma(hl2,20)', ['sma(hl2,20)']],
    ['lag(rsi(14),3)', ['lag(rsi(14),3)']],
    ['zscore(close,60)', ['zscore(close,60)']],
    ['macd(12,26,9)', ['macd(12,26,9).line', 'macd(12,26,9).signal', 'macd(12,26,9).histogram']],
    ['macd().signal', ['macd(12,26,9).signal']],
    ['sma(macd().histogram,5)', ['sma(macd(12,26,9).histogram,5)']],
    ['ema(20)@1w', ['ema(20)@1w']],
    ['macd()@1w.line', ['macd(12,26,9)@1w.line']],
    ['macd().line@1w', ['macd(12,26,9)@1w.line']],
    ['ema(20)@1d', ['ema(20)']],
    ['rank(roc(20))', ['rank(roc(20))']],
    ['beta(SPY,60)', ['beta(SPY,60)']],
    ['beta("BRK.B",60)', ['beta(BRK.B,60)']],
    ['distance(ema(20)@1w)', ['distance(ema(20)@1w)']],
    ['stdev(14,ddof=1)', ['stdev(14,ddof=1)']],
    ['stdev(14,ddof=0)', ['stdev(14)']],
    ['close', ['close']],
    ['rsi(14), ema(20)', ['rsi(14)', 'ema(20)']],
  ])('%s', (text, expected) => {
    expect(columns([text])).toEqual(expected);
  });

  it.each([
    ['rsy(14)', 1, 'rsi'],
    ['lag(rsy(14),3)', 5, 'rsi'],
    ['rsi(0)', 5, '1 to'],
    ['rsi(2.5)', 5, 'whole'],
    ['rsi(14,3)', 8, 'Remove'],
    ['sma()', 5, 'sma(series,n)'],
    ['zscore(60)', 8, 'close'],
    ['lag(macd(),3)', 5, '.line'],
    ['macd().signl', 8, 'signal'],
    ['rsi(14).k', 9, 'Remove'],
    ['ema(20)@2w', 9, '1w'],
    ['sma(rsi(14)@1w,5)@1w', 13, '@1w'],
    ['rank(roc(20))@1w', 1, 'rank(roc(20)@1w)'],
    ['beta(SPX,60)', 6, 'SPY'],
    ['beta(60)', 6, 'SPY'],
    ['stdev(14,dof=1)', 10, 'ddof'],
    ['stdev(14,ddof=2)', 15, '0, 1'],
    ['macd(26,12,9)', 1, 'macd('],
    ['rsi(14', 7, 'rsi(14)'],
    ['rsi(14))', 8, 'rsi(14)'],
    ['rsi 14', 5, 'rsi(14)'],
    ['rsi(14)#', 8, 'rsi(14)'],
    ['rsi', 1, 'rsi()'],
    ['clse', 1, 'close'],
  ])('%s is refused at character %i', (text, position, remedy) => {
    const error = failure(text);
    expect(error.position).toBe(position);
    expect(error.message).toContain(`at character ${position}`);
    expect(error.remedy).toContain(remedy);
    expect(error.exitCode).toBe(2);
  });

  it('refuses a timeframe shorter than the bars, unknown timeframes and empty lists', () => {
    expect(failure('ema(20)@1h').message).toContain('shorter');
    expect(() => parseFeatureSet('rsi(14)', { ...options, timeframe: '2d' })).toThrow(FeatureError);
    expect(() => parseFeatureSet([], options)).toThrow(FeatureError);
    expect(() => parseFeatureSet('rsi(14),,ema(20)', options)).toThrow(FeatureError);
  });

  it('counts positions in the whole of a list, of an empty member too, and names the member of a long one', () => {
    expect(failure('rsi(14), ema(20) ,rzi(14)').message).toBe(
      'Unknown feature "rzi" (at character 19 of "rsi(14), ema(20) ,rzi(14)")',
    );
    expect(failure('rsi(14),,ema(20)')).toMatchObject({ position: 9, expression: 'rsi(14),,ema(20)' });
    expect(failure('rsi(14),').position).toBe(9);
    const many = Array.from({ length: 20 }, (_, i) => `sma(${i + 2})`).join(',');
    const { message, position } = failure(`${many},sma(0)`);
    expect(message).toContain(`(at character ${position} of the list, in "sma(0)")`);
    expect(position).toBe(many.length + 6);
  });

  it('refuses the name of an unknown set with the nearest thing it knows', () => {
    expect(() => parseFeatureSet('cores', options)).toThrow(FeatureError);
  });
});

describe('the hash', () => {
  const hash = (text: string | string[], timeframe = '1d', symbols = options.symbols): string =>
    parseFeatureSet(text, { timeframe, symbols }).hash;

  it('is equal for equal definitions however they are written', () => {
    expect(hash(['rsi()', ' ema( 20 )'])).toBe(hash('rsi(14),ema(close,20)'));
  });

  it('differs with parameter, convention, order and timeframe', () => {
    const texts = [
      'rsi(14)',
      'rsi(15)',
      'stdev(14)',
      'stdev(14,ddof=1)',
      'rsi(14),ema(20)',
      'ema(20),rsi(14)',
      'ema(20)@1w',
    ];
    const hashes = [...texts.map((text) => hash(text)), hash('rsi(14)', '1h')];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('depends on the universe only where symbols are ranked', () => {
    expect(hash('rsi(14)', '1d', ['SPY'])).toBe(hash('rsi(14)', '1d', ['QQQ']));
    expect(hash('rank(roc(20))', '1d', ['SPY'])).not.toBe(hash('rank(roc(20))', '1d', ['QQQ']));
  });
});

describe('the set core', () => {
  const set = parseFeatureSet('core', options);

  it('is named, versioned and wide', () => {
    expect([set.name, set.version]).toEqual(['core', REGISTERED_SETS.get('core')!.version]);
    expect(set.columns.length).toBeGreaterThanOrEqual(30);
    expect(new Set(set.columns).size).toBe(set.columns.length);
  });

  it('does not know the price level: bars in another unit give the same features to 1e-9', () => {
    const row =
      (scale: number) =>
      (i: number): number[] => {
        const close = scale * (50 + 5 * Math.sin(i / 9) + ((i * 7919) % 101) / 100);
        const open = scale * (50 + 5 * Math.sin((i - 0.4) / 9) + ((i * 104729) % 97) / 100);
        return [open, Math.max(open, close) * 1.01, Math.min(open, close) * 0.99, close, 1000 + ((i * 31) % 77)];
      };
    const [a] = computeFeatures(set, [dailyBars('SPY', 200, row(1))]);
    const [b] = computeFeatures(set, [dailyBars('SPY', 200, row(1024.5))]);
    const from = set.warmUpBars * set.columns.length;
    a!.values.subarray(from).forEach((value, i) => {
      expect(Math.abs(value - b!.values[from + i]!)).toBeLessThan(1e-8 * (1 + Math.abs(value)));
    });
  });

  it('is finite on bars that hold nothing but a close', () => {
    const bars = dailyBars('SPY', 200, (i) => [50 + (i % 5), 50 + (i % 5), 50 + (i % 5), 50 + (i % 5), 0]);
    expect(checkFinite(set, [bars])).toEqual([]);
  });
});

describe('longer timeframes', () => {
  /** Hourly bars whose close is their number. */
  const hours = (count: number, startMs = 0): ReturnType<typeof dailyBars> => {
    const bars = dailyBars('SPY', count, (i) => [i, i + 0.5, i - 0.5, i, 10]);
    for (let i = 0; i < count; i++) {
      bars.openTimeMs[i] = startMs + i * 3_600_000;
      bars.closeTimeMs[i] = startMs + (i + 1) * 3_600_000;
    }
    return bars;
  };

  it('show the last closed bar only: a day appears with its last hour, not before', () => {
    const set = parseFeatureSet('close@1d,highest(high,1)@1d', { timeframe: '1h', symbols: ['SPY'] });
    const [matrix] = computeFeatures(set, [hours(72)]);
    const closes = Array.from({ length: 72 }, (_, i) => matrix!.values[2 * i]);
    expect(closes.slice(0, 23).every((value) => Number.isNaN(value))).toBe(true);
    expect(closes.slice(23, 47)).toEqual(Array.from({ length: 24 }, () => 23));
    expect(closes[47]).toBe(47);
    expect(matrix!.values[2 * 47 + 1]).toBe(47.5);
  });

  it('wait for the next bucket where the last bar of a day is missing, in batch and stream', () => {
    const set = parseFeatureSet('close@1d', { timeframe: '1h', symbols: ['SPY'] });
    const bars = hours(72);
    const kept = Array.from({ length: 72 }, (_, i) => i).filter((i) => i % 24 >= 14 && i % 24 < 21);
    const gapped = dailyBars('SPY', kept.length, (i) => [kept[i]!, kept[i]!, kept[i]!, kept[i]!, 1]);
    kept.forEach((from, i) => {
      gapped.openTimeMs[i] = bars.openTimeMs[from]!;
      gapped.closeTimeMs[i] = bars.closeTimeMs[from]!;
    });
    const batch = computeFeatures(set, [gapped]);
    expect([...batch[0]!.values.subarray(5, 9)]).toEqual([NaN, NaN, 20, 20]);
    expect(firstDifference(batch, streamFeatures(set, [gapped], 9))).toBeNull();
  });

  it('begin weeks on Monday', () => {
    const set = parseFeatureSet('close@1w', { timeframe: '1d', symbols: ['SPY'] });
    // 1970-01-01 was a Thursday: the first Sunday is row 3.
    const [matrix] = computeFeatures(set, [dailyBars('SPY', 12, (i) => [i, i, i, i, 1])]);
    expect([...matrix!.values]).toEqual([NaN, NaN, NaN, 3, 3, 3, 3, 3, 3, 3, 10, 10]);
  });
});

describe('comparing symbols', () => {
  const set = parseFeatureSet('rank(close),crosszscore(close)', options);
  const bar = (close: number) => () => [close, close, close, close, 1];

  it('ranks those that are present, ties in the middle', () => {
    const universe = [dailyBars('SPY', 3, bar(5)), dailyBars('QQQ', 3, bar(7)), dailyBars('BRK.B', 2, bar(7))];
    const matrices = computeFeatures(set, universe);
    expect(matrices.map(({ values }) => values[0])).toEqual([0, 0.75, 0.75]);
    expect(matrices.slice(0, 2).map(({ values }) => values[4])).toEqual([0, 1]);
    expect(matrices.slice(0, 2).map(({ values }) => values[5])).toEqual([-1, 1]);
  });

  it('beta of twice the moves is 2, and a missing bar of the other gives no value', () => {
    const index = dailyBars('SPY', 40, (i) => [1, 1, 1, 100 * (1 + 0.01 * ((i * 7) % 5)), 1]);
    let close = 50;
    const levered = dailyBars('QQQ', 40, (i) => {
      if (i > 0) close *= 1 + (2 * (index.close[i]! - index.close[i - 1]!)) / index.close[i - 1]!;
      return [1, 1, 1, close, 1];
    });
    const betas = parseFeatureSet('beta(SPY,10),correlation(SPY,10)', options);
    const [, matrix] = computeFeatures(betas, [index, levered]);
    expect(matrix!.values[78]).toBeCloseTo(2, 10);
    expect(matrix!.values[79]).toBeCloseTo(1, 10);
    const late = dailyBars('SPY', 39, (i) => [1, 1, 1, index.close[i]!, 1]);
    expect(computeFeatures(betas, [late, levered])[1]!.values[78]).toBeNaN();
  });
});

describe('the stream', () => {
  const set = parseFeatureSet('rsi(14)', options);
  const bar = { openTimeMs: 0, closeTimeMs: 10, open: 1, high: 1, low: 1, close: 1, volume: 1 };

  it('refuses time that does not advance, and bars of another time', () => {
    const stream = new FeatureStream(set, ['SPY']);
    stream.step(10, [bar]);
    expect(() => stream.step(10, [bar])).toThrow(RangeError);
    expect(() => stream.step(20, [bar])).toThrow(RangeError);
    expect(() => stream.step(20, [])).toThrow(RangeError);
  });

  it('refuses the state of another set', () => {
    const state = new FeatureStream(set, ['SPY']).save();
    expect(() => FeatureStream.restore(parseFeatureSet('rsi(15)', options), state)).toThrow(RangeError);
    expect(() => FeatureStream.restore(set, { ...state, memory: [{}] })).toThrow(TypeError);
  });
});
