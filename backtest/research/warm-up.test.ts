import { describe, expect, it } from 'vitest';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { warmUpFindings } from './warm-up.ts';

const bars = [plantedBars({ symbol: 'AAA', bars: 1_200, seed: 2 })];
const findings = (features: readonly string[]) =>
  warmUpFindings(parseFeatureSet(features, { timeframe: '1d', symbols: ['AAA'] }), bars);

describe('warm-up', () => {
  it('finds nothing in features over windows', () => {
    expect(findings(['return(5)', 'sma(20)', 'willr(14)', 'closelocation()'])).toEqual([]);
  });

  it('says how long an exponential feature takes to forget where history started', () => {
    const [found] = findings(['ema(20)']);
    expect(found?.settlesAfterBars).toBeGreaterThan(20);
    expect(found?.settlesAfterBars).toBeLessThan(400);
  });

  it('says that a sum since the beginning never settles', () => {
    expect(findings(['obv()'])).toMatchObject([{ column: 'obv()', settlesAfterBars: null }]);
  });
});
