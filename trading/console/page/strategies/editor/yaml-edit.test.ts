import { describe, expect, it } from 'vitest';
import { keyOf, readYaml, valueAt, withValue } from './yaml-edit.ts';

const TEXT = `# Mine.
name: mine # by which it is known
universe: [SPX]

# How much.
sizing:
  fraction:   0.10   # a tenth
strategies:
  - { name: trend, kind: sma-cross, parameters: { fast: 10, slow: 30 } } # the rule
`;

describe('what a form changes of a text', () => {
  it('is one value in its place: every other sign stays', () => {
    expect(withValue(TEXT, ['sizing', 'fraction'], 0.2)).toBe(TEXT.replace('0.10', '0.2'));
    expect(withValue(TEXT, ['strategies', 0, 'parameters', 'fast'], 5)).toBe(TEXT.replace('fast: 10', 'fast: 5'));
    expect(withValue(TEXT, ['name'], 'a: b, c')).toBe(TEXT.replace('name: mine', 'name: "a: b, c"'));
    expect(withValue(TEXT, ['name'], 'yes')).toContain('name: yes #');
    expect(readYaml(withValue(TEXT, ['name'], '12')).value).toMatchObject({ name: '12' });
  });

  it('keeps the comments where keys are added and taken away', () => {
    const added = withValue(TEXT, ['costs', 'slippage', 'bps'], 2);
    expect(readYaml(added).value).toMatchObject({ costs: { slippage: { bps: 2 } }, sizing: { fraction: 0.1 } });
    for (const comment of ['# Mine.', '# by which it is known', '# How much.', '# a tenth', '# the rule']) {
      expect(added).toContain(comment);
    }
    const back = withValue(added, ['costs', 'slippage', 'bps'], undefined);
    expect(readYaml(back).value).toEqual(readYaml(TEXT).value);
    expect(withValue(TEXT, ['sizing', 'fraction'], undefined)).not.toContain('sizing');
  });

  it('adds to and takes from lists', () => {
    const two = withValue(TEXT, ['strategies', 1], { name: 'second', kind: 'momentum' });
    expect(valueAt(readYaml(two).value, ['strategies', 1, 'kind'])).toBe('momentum');
    expect(two).toContain('# the rule');
    const one = withValue(two, ['strategies', 0], undefined);
    expect(valueAt(readYaml(one).value, ['strategies'])).toEqual([{ name: 'second', kind: 'momentum' }]);
  });

  it('begins where there is nothing yet', () => {
    expect(readYaml(withValue('sizing:\n', ['sizing', 'fraction'], 0.5)).value).toEqual({ sizing: { fraction: 0.5 } });
    expect(readYaml(withValue('', ['name'], 'mine')).value).toEqual({ name: 'mine' });
  });

  it('leaves a text alone that cannot be read', () => {
    expect(withValue('a: [1', ['a'], 2)).toBe('a: [1');
    expect(readYaml('a: [1').isBroken).toBe(true);
    expect(readYaml('a: *b').isBroken).toBe(true);
  });
});

it('names a path as mistakes do', () => {
  expect(keyOf(['estimators', 0, 'trees'])).toBe('estimators[0].trees');
});
