import { describe, expect, it } from 'vitest';
import { computeFeatures } from '../../features/feature-matrix.ts';
import { FeatureStream } from '../../features/feature-matrix.ts';
import { barAt } from '../../features/bar.ts';
import type { FeatureSet } from '../../features/feature-set.ts';
import { createRandom } from '../../infra/random.ts';
import { ownFilesPlace } from '../../infra/own-files/testing/own-files-place.ts';
import { experimentSchema } from '../../models/experiment/experiment.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { featureFilesIn, parseFeaturesWithFiles } from '../../pipelines/own-features/own-feature-set.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { huntInFeatures, type LookAheadReport } from './look-ahead.ts';
import { warmUpFindings } from './warm-up.ts';

const EXAMPLE = 'pipelines/own-features/example/reach-of-range.ts';
const file = ownFilesPlace();
const bars = plantedBars({ symbol: 'AAA', bars: 420, seed: 3 });

/** A feature named `own` with a parameter `n`, whose value is what `body` returns. */
const feature = (body: string, { reach = 'n', state = '' } = {}): string =>
  file(
    'feature',
    "import type { OwnFeature } from 'signalbox';",
    state,
    'const own: OwnFeature<{ n: number }> = {',
    "  name: 'own', parameters: { n: { default: 3, min: 1, whole: true } },",
    `  warmUpBars: ({ n }) => ${reach},`,
    `  value(view, { n }) { void view; void n; ${body} },`,
    '};',
    'export default own;',
  );

const setOf = (...features: string[]): FeatureSet =>
  parseFeaturesWithFiles(features, { timeframe: '1d', symbols: ['AAA'] });
const valuesOf = (...features: string[]) => computeFeatures(setOf(...features), [bars])[0]!;

function hunt(features: string): LookAheadReport {
  const experiment = {
    ...experimentSchema.parse({ name: 'hunted', universe: ['AAA'], features: [features, 'return(1)'] }),
    featureFiles: featureFilesIn(features),
  };
  const calendar = calendarNamed('us-equities');
  return huntInFeatures({ experiment, bars: [bars], calendar }, { cuts: 2, random: createRandom(9) });
}

describe("a user's feature", () => {
  it('is computed like a shipped one, to the bit, also inside others and over longer bars', () => {
    const own = feature('return (view.close() - view.close(n)) / view.close(n);');
    const { columns, values } = valuesOf(`${own}(5)`, 'return(5)', `lag(${own},2)`, 'lag(return(3),2)', `${own}@1w`);
    expect(columns).toEqual(['own(5)', 'return(5)', 'lag(own(3),2)', 'lag(return(3),2)', 'own(3)@1w']);
    const weekly = valuesOf('return(3)@1w');
    for (let row = 0; row < bars.length; row++) {
      const [a, b, c, d, e] = values.subarray(row * 5, row * 5 + 5);
      expect([a, c, e]).toEqual([b, d, weekly.values[row]]);
    }
  });

  it('gives in a live stream, cut in two and restored, what it gives in a batch', () => {
    const set = setOf(EXAMPLE);
    const whole = computeFeatures(set, [bars])[0]!.values;
    let stream = new FeatureStream(set, ['AAA']);
    const rows: number[] = [];
    for (let row = 0; row < 120; row++) {
      if (row === 60) stream = FeatureStream.restore(set, JSON.parse(JSON.stringify(stream.save())) as never);
      const bar = barAt(bars, row);
      rows.push(stream.step(bar.closeTimeMs, [bar])[0]![0]!);
    }
    expect(rows).toEqual([...whole.subarray(0, 120)]);
    expect(rows.findIndex((value) => !Number.isNaN(value))).toBe(set.warmUpBars);
  });

  it('is another feature once its text is another', () => {
    const [one, same, other] = ['n', 'n', 'n + 1'].map((reach) => feature('return view.close(n);', { reach }));
    expect(setOf(same!).hash).toBe(setOf(one!).hash);
    expect(setOf(other!).hash).not.toBe(setOf(one!).hash);
  });

  it('cannot look ahead or further back than it declares: both are named with file and line', () => {
    expect(() => hunt(feature('return view.close(-1);'))).toThrow(
      /feature-\d+\.ts:6:\d+: it looks ahead: 1 bars after/,
    );
    expect(() => valuesOf(feature('return view.close(n + 1);'))).toThrow(
      /:6:\d+: it understates its warm-up: .* 4 bars back, and warmUpBars declares 3/,
    );
  });

  it('is clean in the hunts unless it keeps something from call to call, which both name', () => {
    expect(hunt(EXAMPLE).findings).toEqual([]);
    expect(warmUpFindings(setOf(EXAMPLE), [bars])).toEqual([]);
    const keeping = feature('mean += (view.close() - mean) / 50; return mean;', { state: 'let mean = 100;' });
    expect(warmUpFindings(setOf(keeping), [bars])).toMatchObject([{ column: 'own(3)' }]);
    expect(
      hunt(keeping)
        .findings.map(({ what }) => what)
        .join(),
    ).toContain('own(3)');
  });

  it.each([
    ['NaN', feature('return n / 0 - n / 0;'), /feature-\d+\.ts: value gave NaN at the bar that closed at \d{4}-/],
    ['infinity', feature('return n / 0;'), /feature-\d+\.ts: value gave Infinity at the bar that closed at \d{4}-/],
    ['two values', feature('return JSON.parse("[1,2]");'), /feature-\d+\.ts: value gave 1,2 at the bar that closed/],
    ['nothing', feature('return JSON.parse("null");'), /feature-\d+\.ts: value gave null at the bar that closed/],
    ['an error', feature("throw new Error('no idea');"), /feature-\d+\.ts:6:\d+: no idea/],
    ['a warm-up that is none', feature('return 1;', { reach: '-n' }), /warmUpBars answered -3/],
  ])('ends the work where it gives %s, before anything is stored of it', (_, own, words) => {
    expect(() => valuesOf(own)).toThrow(words);
  });

  it('is named with place and remedy where it is no feature', () => {
    const bare = file('feature', "export default { name: 'own', parameters: {}, warmUpBars: () => 0 };");
    expect(() => setOf(bare)).toThrow(/feature-\d+\.ts:1:1: the default export: Property 'value' is missing/);
    const taken = file(
      'feature',
      "export default { name: 'rsi', parameters: {}, warmUpBars: () => 0, value: () => 1 };",
    );
    expect(() => setOf(taken)).toThrow(/name: rsi is shipped already/);
    expect(() => setOf(`${EXAMPLE}(0)`)).toThrow('bars cannot be 0');
    expect(() => setOf('./none.ts')).toThrow('./none.ts: no such file.');
  });
});
