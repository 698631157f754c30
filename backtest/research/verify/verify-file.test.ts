import { describe, expect, it } from 'vitest';
import { ownFilesPlace } from '../../../infra/own-files/testing/own-files-place.ts';
import { verifyFile, type VerifiedFile } from './verify-file.ts';

const file = ownFilesPlace();

const EXAMPLES = [
  'trading/strategies/own/example/turn-of-range.ts',
  'trading/strategies/own/example/dip-bracket.ts',
  'pipelines/own-features/example/reach-of-range.ts',
  'models/estimators/own/example/nearest-means.ts',
  'trading/brokers/simulated/example/tiered-broker.ts',
  'trading/risk/example/steady-risk.ts',
];

const feature = (value: string, { state = '', warmUpBars = 'n' } = {}): string =>
  file(
    'feature',
    "import type { OwnFeature } from 'signalbox';",
    state,
    'const own: OwnFeature<{ n: number }> = {',
    "  name: 'own', parameters: { n: { default: 3, min: 1, whole: true } },",
    `  warmUpBars: ({ n }) => ${warmUpBars},`,
    `  value(view, { n }) { void view; void n; ${value} },`,
    '};',
    'export default own;',
  );

const estimator = (fit: string, predict: string, state = ''): string =>
  file(
    'estimator',
    "import type { OwnEstimator } from 'signalbox';",
    state,
    'const own: OwnEstimator = {',
    '  parameters: {},',
    `  fit({ x, y, rows }, _, random) { void x; void y; void rows; void random; ${fit} },`,
    `  predict(model, { x, rows }) { void model; void x; ${predict} },`,
    '};',
    'export default own;',
  );
const SHARE = 'return y.reduce((sum, one) => sum + one, 0) / rows;';
const SAME = 'return Array.from({ length: rows }, () => model as number);';

const sizer = (size: string, state = ''): string =>
  file(
    'sizer',
    state,
    `const own: import('signalbox').OwnSizer = { parameters: {}, size(given) { void given; ${size} } };`,
    'export default own;',
  );
const costs = (charge: string, state = ''): string =>
  file(
    'costs',
    state,
    `const own: import('signalbox').OwnCosts = { parameters: {}, charge({ units, price }) { void units; void price; ${charge} } };`,
    'export default own;',
  );
const strategy = (decide: string, state = '', warmUpBars = '10'): string =>
  file(
    'strategy',
    "import type { OwnStrategy } from 'signalbox';",
    state,
    `const own: OwnStrategy = { parameters: {}, warmUpBars: () => ${warmUpBars}, create: () => ({ decide(view) {`,
    `  if (view.length < 3) return 'HOLD'; ${decide}`,
    '} }) };',
    'export default own;',
  );

const brokenOf = ({ rules }: VerifiedFile): string[] =>
  rules.filter(({ held, tried }) => !held && tried).map(({ rule }) => rule);

describe('a file that keeps its contract', () => {
  it.each(EXAMPLES)('%s', async (path) => {
    const verified = await verifyFile(path, {});
    expect(verified.rules.flatMap(({ broken }) => broken)).toEqual([]);
    expect(verified).toMatchObject({ file: path, held: true, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(verified.rules.length).toBeGreaterThanOrEqual(4);
  });
});

describe('a file that breaks its contract is told the rule and the place', () => {
  it.each<[string, string, string, RegExp]>([
    [
      'types',
      file(
        'feature',
        "export default { name: 'own', parameters: {}, warmUpBars: () => 0, value: () => 'x' };",
        '// OwnFeature',
      ),
      'its types',
      /feature-\d+\.ts:1:1: the default export/,
    ],
    [
      'a default out of its bounds',
      file('sizer', 'export default { parameters: { n: { default: 3, max: 2 } }, size: () => ({ units: 1 }) };'),
      'its parameters',
      /n: must be at most 2, not 3/,
    ],
    [
      'a feature that divides by a range of 0',
      feature('return 1 / (view.high() - view.low());'),
      'is a finite number',
      /feature-\d+\.ts: value gave Infinity at the bar/,
    ],
    [
      'a feature that reads ahead',
      feature('return view.close(-1);'),
      'is a finite number',
      /feature-\d+\.ts:6:\d+: it looks ahead/,
    ],
    [
      'a feature that understates its warm-up',
      feature('return view.close(n + 1);'),
      'is a finite number',
      /feature-\d+\.ts:6:\d+: it understates its warm-up/,
    ],
    [
      'a feature that counts its calls',
      feature('return ++calls;', { state: 'let calls = 0;' }),
      'the same bars give the same',
      /feature-\d+\.ts: a second computation differs/,
    ],
    [
      'a feature that sums from the beginning',
      feature('sum += view.volume(); return sum;', { state: 'let sum = 0;' }),
      'where history begins',
      /own\(3\) never settles/,
    ],
    [
      'an estimator that gives NaN for an empty column',
      estimator(
        SHARE,
        'return Array.from({ length: rows }, (_, row) => (x[4 * row]! > 0 ? 0.6 : x[4 * row]! <= 0 ? 0.4 : NaN));',
      ),
      'it copes with missing',
      /estimator-\d+\.ts: predict answered NaN for row 0/,
    ],
    [
      'an estimator that counts its rows',
      estimator(SHARE, 'return Array.from({ length: rows }, () => 1 / (1 + ++asked));', 'let asked = 0;'),
      'alone as among others',
      /estimator-\d+\.ts: predict answered 0\.\d+ for row 0 among others and 0\.\d+ for it alone/,
    ],
    [
      'an estimator that looks at the batch',
      estimator(SHARE, 'return Array.from({ length: rows }, () => 1 / (1 + rows));'),
      'alone as among others',
      /predict answered 0\.004\d* for row 0 among others and 0\.5 for it alone/,
    ],
    [
      'an estimator whose model is no data',
      estimator('return JSON.parse("{}").x;', SAME),
      'fit answers plain data',
      /cannot be stored: model is undefined/,
    ],
    [
      'an estimator that throws on one row',
      estimator("if (rows === 1) throw new Error('too few'); return 0.5;", SAME),
      'it copes with one class',
      /estimator-\d+\.ts:5:\d+: too few/,
    ],
    [
      'a sizer without volatility',
      sizer('return { units: 1 / given.volatility! };'),
      'a size is units',
      /sizer-\d+\.ts: size answered \{"units":"Infinity"\}/,
    ],
    [
      'a sizer that grows',
      sizer('return { units: ++size };', 'let size = 0;'),
      'the same decision has the same size',
      /it keeps something from call to call/,
    ],
    [
      'costs below 0',
      costs('return units * price - 1;'),
      'charge is 0',
      /costs-\d+\.ts: charge answered -0\.99\d* for/,
    ],
    [
      'costs by the order of executions',
      costs('return ++asked;', 'let asked = 0;'),
      'the same order costs the same',
      /charge answered 1 and then \d+/,
    ],
    [
      'a strategy that answers anything',
      strategy("return JSON.parse('7');"),
      'it answers signals',
      /strategy-\d+\.ts: answered 7: at \d+ bars/,
    ],
    [
      'a strategy that throws',
      strategy("if (view.close() > 0) throw new Error('no idea'); return 'HOLD';"),
      'it answers signals',
      /strategy-\d+\.ts:4:\d+: no idea/,
    ],
    [
      'a strategy that reads ahead',
      strategy("try { return view.close(-1) > view.close() ? 'BUY' : 'SELL'; } catch { return 'HOLD'; }"),
      'no answer depends on bars',
      /strategy-\d+\.ts: AAA at \S+: .* became/,
    ],
    [
      'a strategy that counts its bars',
      strategy("return ++bars % 11 > 5 ? 'BUY' : 'SELL';", 'let bars = 0;'),
      'where history begins',
      /strategy-\d+\.ts: AAA settles after \d+ bars: at/,
    ],
  ])('%s', async (_, path, rule, words) => {
    const verified = await verifyFile(path, {});
    expect(verified.held).toBe(false);
    expect(brokenOf(verified).join('\n')).toContain(rule);
    expect(verified.rules.flatMap(({ broken }) => broken).join('\n')).toMatch(words);
  });

  it('tries no further rule of one that never answers', async () => {
    const path = file('sizer', 'export default { parameters: {}, size: (): { units: number } => { while (true); } };');
    const { rules } = await verifyFile(path, {});
    expect(rules.filter(({ held }) => !held).map(({ tried }) => tried)).toEqual([true, false]);
    expect(rules[2]!.broken).toEqual([expect.stringMatching(/sizer-\d+\.ts: size did not answer within 10 s/)]);
  });
});

describe('what cannot be verified', () => {
  it('is refused in words: no file, one of no kind, and a parameter that there is not', async () => {
    await expect(verifyFile('./none.ts', {})).rejects.toThrow('./none.ts: no such file.');
    await expect(verifyFile(file('other', 'export default { a: 1 };'), {})).rejects.toThrow(
      /it is not clear what the file is for/,
    );
    await expect(verifyFile('trading/risk/example/steady-risk.ts', { most: 2 })).rejects.toThrow(
      /most: must be at most 1, not 2/,
    );
  });
});
