import { describe, expect, it } from 'vitest';
import { runExample } from '../../testing/example-result.ts';
import { pathReasons, pathSection, pathsSection, type PathSection } from './path-outcome.ts';

const SCORES = {
  informationCoefficient: 0.1,
  rankInformationCoefficient: 0.1,
  logLoss: 0.69,
  auc: 0.55,
  brier: 0.25,
  hitRate: 0.5,
};
const { evaluation } = runExample({ skill: 0.3 });
const first = pathSection(0, { rows: 10, scores: SCORES }, evaluation);

describe('the paths of a combinatorial split', () => {
  it('carry the figures of their session, those of the excess return annualised', () => {
    const { performance } = evaluation.measured;
    expect(first).toMatchObject({ path: 0, rows: 10, auc: 0.55, sharpe: performance.sharpe });
    expect(first.excessReturn).toBeGreaterThan(0);
    expect(first.excessSharpe).toBeGreaterThan(0.5);
  });

  it('are summed up by median, worst and share above what knows nothing', () => {
    const of = (sharpe: number | null, auc: number): PathSection => ({ ...first, sharpe, auc });
    const { distribution } = pathsSection([of(1, 0.6), of(-1, 0.45), of(null, 0.5), of(3, 0.51)]);
    expect(distribution.sharpe).toEqual({ median: 1, worst: -1, positiveShare: 2 / 3 });
    expect(distribution.auc).toEqual({ median: 0.505, worst: 0.45, positiveShare: 0.5 });
    expect(pathsSection([of(null, 0.5)]).distribution.sharpe).toEqual({
      median: null,
      worst: null,
      positiveShare: null,
    });
  });

  it('name each figure that they lack', () => {
    const paths = pathsSection([first, { ...first, path: 1, sharpe: null, excessSharpe: null }]);
    expect(pathReasons(paths)).toEqual([expect.stringContaining('path 2: sharpe, excessSharpe: ')]);
  });
});
