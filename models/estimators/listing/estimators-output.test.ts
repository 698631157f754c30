import { describe, expect, it } from 'vitest';
import { ESTIMATOR_KINDS } from '../registry.ts';
import { estimatorOutput, estimatorsOutput } from './estimators-output.ts';

describe('estimators', () => {
  it('lists each that an experiment may name, with what it does and the defaults of its parameters', () => {
    const { value, text } = estimatorsOutput();
    const found = value as { name: string; does: string; parameters: { name: string; default: unknown }[] }[];
    expect(found.map(({ name }) => name)).toEqual(ESTIMATOR_KINDS.filter((kind) => kind !== 'file'));
    for (const { does, parameters } of found) {
      expect(does).not.toBe('');
      expect(parameters.length).toBeGreaterThan(0);
    }
    expect(found[0]!.parameters).toContainEqual(expect.objectContaining({ name: 'trees', default: 200 }));
    expect(text()).toContain('trees=200');
  });

  it('shows one with the bounds of its parameters, shipped or a file, and the nearest of one that there is not', () => {
    const file = 'models/estimators/own/example/nearest-means.ts';
    expect(estimatorOutput(file).value).toMatchObject({
      name: 'nearest-means',
      parameters: [{ name: 'softness', type: 'number', default: 2, minimum: 0, maximum: null }],
    });
    expect(estimatorOutput('random-forest').text()).toContain('estimators: [{ name: mine, kind: random-forest }]');
    expect(() => estimatorOutput('random-forrest')).toThrow(/unknown estimator "random-forrest"/);
    expect(() => estimatorOutput('./none.ts')).toThrow('./none.ts: no such file.');
  });
});
