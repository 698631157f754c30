import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FeatureStream } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { barAt, sliceBarColumns } from '../../features/bar.ts';
import {
  backtest,
  barsOf,
  column,
  dataset,
  features,
  fit,
  loadModel,
  readBars,
  sampleBars,
  walkForward,
  type BarInput,
  type ExperimentInput,
  type OwnStrategy,
} from '../../library.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-library-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rows = (count: number): BarInput[] =>
  Array.from({ length: count }, (_, at) => {
    const close = 100 + 10 * Math.sin(at / 9) + at / 50;
    return { time: Date.UTC(2021, 0, 1 + at), open: close, high: close + 2, low: close - 2, close, volume: 7 };
  });

describe('bars in memory', () => {
  it('are those of a file that says the same', async () => {
    const path = join(folder, 'AAA.csv');
    const lines = rows(50).map(({ time, open, high, low, close, volume }) =>
      [new Date(time).toISOString(), open, high, low, close, volume].join(','),
    );
    writeFileSync(path, ['time,open,high,low,close,volume', ...lines].join('\n'));
    for (const calendar of ['none', 'crypto'] as const) {
      expect([barsOf('AAA', rows(50), { calendar })]).toEqual(await readBars(path, { calendar }));
    }
  });

  it.each<[string, Partial<BarInput>, RegExp]>([
    ['a price that is not finite', { close: NaN }, /bars of A, row 4: close is not a finite number/],
    ['a high below the low', { high: 1 }, /row 4: high 1 is below low/],
    ['a time that is none', { time: 'yesterday' }, /row 4: time yesterday is no moment/],
    ['a time that came before', { time: Date.UTC(2021, 0, 2) }, /row 4: /],
  ])('name the row of %s', (_what, wrong, words) => {
    const all = rows(9).map((row, at) => (at === 3 ? { ...row, ...wrong } : row));
    expect(() => barsOf('A', all)).toThrow(words);
  });

  it('are refused where there are none, or a symbol comes twice', async () => {
    expect(() => barsOf('A', [])).toThrow(/there are none/);
    const bars = barsOf('A', rows(5));
    expect(() => features('rsi(3)', [bars, bars])).toThrow(/bars of A are given twice/);
    await expect(backtest('sma-cross', [])).rejects.toThrow(/No bars are given/);
  });
});

describe('features', () => {
  it('are those of a stream of single bars', () => {
    const bars = barsOf('A', rows(80), { calendar: 'crypto' });
    const [table] = features(['rsi(5)', 'roc(3)'], bars, { calendar: 'crypto' });
    const set = parseFeatureSet(['rsi(5)', 'roc(3)'], { timeframe: '1d', symbols: ['A'] });
    const stream = new FeatureStream(set, ['A']);
    const steps = Array.from({ length: bars.length }, (_, at) =>
      stream.step(bars.closeTimeMs[at]!, [barAt(bars, at)])[0]!.slice(),
    );
    expect([...column(table!, 'rsi(5)')]).toEqual(steps.map((row) => row[0]));
    expect([...column(table!, 'roc(3)')]).toEqual(steps.map((row) => row[1]));
    expect(column(table!, 'roc(3)')[0]).toBeNaN();
    expect(() => column(table!, 'rsi(6)')).toThrow(/no column "rsi\(6\)"/);
  });
});

const experiment: ExperimentInput = {
  features: ['rsi(14)', 'roc(5)'],
  labels: { horizonBars: 3 },
  estimators: [{ name: 'forest', kind: 'random-forest', trees: 5, maxDepth: 3 }],
  splits: { kind: 'walk-forward', trainBars: 1_000, testBars: 1_000 },
};

describe('learning', () => {
  it('gives the same model for the same seed, which predicts the same as data', async () => {
    const learned = dataset(experiment, await sampleBars(), { calendar: 'us-equities' });
    expect(learned.featureNames).toEqual(['rsi(14)', 'roc(5)']);
    const make = (seed: number) => fit('random-forest', learned, { trees: 5, maxDepth: 3 }, { seed });
    const [one, same, other] = [await make(1), await make(1), await make(2)];
    const predicted = one.predict(learned.x, learned.rows);
    expect(same.serialise().checksum).toBe(one.serialise().checksum);
    expect(other.serialise().checksum).not.toBe(one.serialise().checksum);
    expect((await loadModel(one.serialise())).predict(learned.x, learned.rows)).toEqual(predicted);
  });

  it('names the parameter, the kind and the key that it does not know', async () => {
    const bars = await sampleBars();
    const learned = dataset(experiment, bars);
    await expect(fit('random-forest', learned, { tree: 5 })).rejects.toThrow(/random-forest.*tree/);
    await expect(fit('random-woods', learned)).rejects.toThrow(/nearest: "random-forest"/);
    await expect(walkForward({ ...experiment, sead: 1 } as ExperimentInput, bars)).rejects.toThrow(/sead/);
    const rules = { strategies: [{ name: 'a', kind: 'sma-cross' }] } as ExperimentInput;
    await expect(walkForward(rules, bars)).rejects.toThrow(/the model trades alone/);
  });

  it('trains and trades an experiment as its file says it, out of sample', async () => {
    const bars = await sampleBars();
    const { result, predictions } = await walkForward(experiment, bars, { calendar: 'us-equities' });
    const path = join(folder, 'mine.yaml');
    writeFileSync(path, JSON.stringify({ name: 'in-memory', universe: ['SPX'], ...experiment }));
    const ofFile = await walkForward(path, bars, { calendar: 'us-equities' });
    expect(ofFile.result).toEqual(result);
    expect(predictions.decisionTimeMs[0]).toBeGreaterThan(bars.closeTimeMs[1_000]!);
    expect(result).toMatchObject({ experiment: 'in-memory', trials: 1 });
    expect(result.folds?.length ?? 0).toBe(0);
    expect(result.reasons.length).toBeGreaterThan(0);
  });
});

describe('a backtest', () => {
  const SOURCE = `{
    parameters: { bars: { default: 5, min: 1, whole: true } },
    create: ({ bars }) => ({
      decide: (view) => (view.length <= bars ? 'HOLD' : view.close() > view.close(bars) ? 'BUY' : 'SELL'),
    }),
  }`;
  const own: OwnStrategy<{ bars: number }> = {
    parameters: { bars: { default: 5, min: 1, whole: true } },
    create: ({ bars }) => ({
      decide: (view) => (view.length <= bars ? 'HOLD' : view.close() > view.close(bars) ? 'BUY' : 'SELL'),
    }),
  };

  it('of a strategy of the program is that of the same in a file', async () => {
    const bars = sliceBarColumns(await sampleBars(), 0, 600);
    const path = join(folder, 'momentum.ts');
    writeFileSync(
      path,
      `import type { OwnStrategy } from 'signalbox';\nconst own: OwnStrategy<{ bars: number }> = ${SOURCE};\nexport default own;`,
    );
    const options = { parameters: { bars: 20 }, calendar: 'us-equities', costs: { feeBps: 3 } } as const;
    const [ofFile, ofProgram] = [
      await backtest(path, bars, options),
      await backtest(own, bars, { ...options, name: 'momentum' }),
    ];
    expect(ofProgram).toEqual(ofFile);
    expect(ofProgram.trades).toBeGreaterThan(10);
    expect((await backtest(own, bars, { ...options, parameters: {} })).journalHash).not.toBe(ofProgram.journalHash);
  });

  it('records what a strategy of the program throws, and what it says that is none', async () => {
    const bars = barsOf('A', rows(30));
    const throwing: OwnStrategy = {
      parameters: {},
      create: () => ({
        decide: (view) => {
          if (view.length > 20) throw new Error('enough');
          return 'HOLD';
        },
      }),
    };
    const refused = await backtest(throwing, bars);
    expect(refused.refusals).toEqual({ 'strategy-threw': 10 });
    await expect(backtest({ parameters: {} }, bars, { name: 'mine' })).rejects.toThrow(/mine: the strategy must have/);
    await expect(backtest(own, bars, { parameters: { bar: 1 } })).rejects.toThrow(/no parameter "bar"/);
  });

  it('writes its report, and names what is wrong before it trades', async () => {
    const bars = barsOf('A', rows(200), { calendar: 'crypto' });
    const report = join(folder, 'report.html');
    await backtest('sma-cross', bars, { parameters: { fast: 3, slow: 9 }, calendar: 'crypto', report });
    expect(readFileSync(report, 'utf8')).toContain('<title>sma-cross');
    await expect(backtest('sma-cros', bars)).rejects.toThrow(/unknown strategy "sma-cros"/);
    await expect(backtest('sma-cross', bars, { capital: NaN })).rejects.toThrow(/capital NaN/);
    await expect(backtest('sma-cross', bars, { costs: { feeBps: -1 } })).rejects.toThrow(/costs\.feeBps/);
    const limits = { positionFraction: 7 };
    await expect(backtest('sma-cross', bars, { limits })).rejects.toThrow(/limits\.positionFraction/);
  });
});
