import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ownFilesPlace } from '../../infra/own-files/testing/own-files-place.ts';
import { scratchFiles } from '../../pipelines/testing/scratch-files.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { experimentHash, loadExperiment } from '../experiment/load-experiment.ts';
import { applyParameters, valueOf } from './apply-parameters.ts';

const own = ownFilesPlace();
const { file } = scratchFiles('declared-ranges');

const estimator = own(
  'estimator',
  "import type { OwnEstimator } from 'signalbox';",
  'const own: OwnEstimator = {',
  '  parameters: {',
  '    depth: { default: 3, min: 1, max: 9, whole: true },',
  '    pull: { default: 0.5, min: 0, max: 1 },',
  "    side: { default: 'both', oneOf: ['both', 'up'] },",
  '    calm: false,',
  '    open: 2,',
  '  },',
  '  fit: () => 0.5,',
  '  predict: (_, { rows }) => Array.from({ length: rows }, () => 0.5),',
  '};',
  'export default own;',
);

function searched(space: string): Experiment {
  const lines = [
    'name: own',
    'universe: [AAA]',
    `estimators: [{ name: mine, kind: ${estimator}, parameters: { pull: 0.25 } }, { name: linear, kind: logistic-regression }]`,
    `search: { space: ${space} }`,
  ];
  const path = file('', 'own.yaml');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return loadExperiment(path);
}

describe("a search over the parameters of a user's estimator", () => {
  it('takes the ranges that the file declares, written out, beside those that are given', () => {
    const declared = ['depth', 'pull', 'side', 'calm'].map((name) => `estimators.mine.${name}: { declared: true }`);
    const { search } = searched(`{ ${declared.join(', ')}, estimators.mine.open: { float: [1, 2] } }`);
    expect(search!.space).toEqual({
      'estimators.mine.depth': { int: [1, 9] },
      'estimators.mine.pull': { float: [0, 1] },
      'estimators.mine.side': { choice: ['both', 'up'] },
      'estimators.mine.calm': { choice: [false, true] },
      'estimators.mine.open': { float: [1, 2] },
    });
  });

  it('gives each trial its own values, which are another experiment', () => {
    const experiment = searched('{ estimators.mine.depth: { declared: true } }');
    expect(valueOf(experiment, 'estimators.mine.pull')).toBe(0.25);
    const [one, other, same] = [4, 5, 4].map((depth) =>
      applyParameters(experiment, { 'estimators.mine.depth': depth }),
    );
    expect(one!.estimators[0]).toMatchObject({ kind: 'file', parameters: { depth: 4, pull: 0.25 } });
    expect(experimentHash(one!)).toBe(experimentHash(same!));
    expect(experimentHash(one!)).not.toBe(experimentHash(other!));
  });

  it.each([
    ['{ estimators.mine.open: { declared: true } }', /declares no range of open/],
    ['{ estimators.mine.wide: { declared: true } }', /unknown key estimators\.mine\.wide; /],
    ['{ estimators.mine.code: { choice: [a, b] } }', /unknown key estimators\.mine\.code/],
    ['{ estimators.linear.strength: { declared: true } }', /declared is for a parameter of an estimator's file/],
    [
      '{ estimators.mine.depth: { int: [1, 12] } }',
      /12: mine: depth: must be at most 9|12: .*depth: must be at most 9/,
    ],
    ['{ estimators.mine.depth: { float: [1.5, 3] } }', /1\.5: .*depth: must be a whole number/],
    [
      '{ estimators.mine.depth: { declared: true, int: [1, 2] } }',
      /needs exactly one of int, float, log, choice and declared/,
    ],
  ])('%s is refused by place', (space, words) => {
    expect(() => searched(space)).toThrow(words);
  });
});
