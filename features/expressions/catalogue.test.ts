import { describe, expect, it } from 'vitest';
import { catalogue, namesLike, suggestFeature } from './catalogue.ts';
import { parseFeatureSet } from '../feature-set.ts';
import { FEATURES } from '../registry.ts';

describe('the catalogue', () => {
  it('holds every feature, with what each of them is and every option explained', () => {
    const all = catalogue();
    expect(all.map(({ name }) => name).sort()).toEqual([...FEATURES.keys()].sort());
    for (const { name, source, options } of all) {
      expect(source.length, name).toBeGreaterThan(5);
      for (const option of options) expect(option.meaning.length, `${name} ${option.name}`).toBeGreaterThan(10);
    }
  });

  it('writes each as it may be written, once its series and its symbol are filled in', () => {
    for (const { name, usage } of catalogue()) {
      const text = usage
        .replace('SYMBOL', 'SPY')
        .replaceAll(/\bseries\b/g, 'close')
        .replaceAll(/\b[a-zA-Z]+=([\d.]+)/g, '$1')
        .replaceAll(/\bn\b/g, '10')
        .replaceAll(/\bd\b/g, '0.4');
      const set = parseFeatureSet([text], { timeframe: '1d', symbols: ['AAA', 'SPY'] });
      expect(set.expressions[0], usage).toContain(`${name}(`);
    }
  });
});

describe('a suggestion', () => {
  it.each([
    ['rzi', ['rsi']],
    ['smaa', ['sma']],
    ['coer', ['core']],
    ['cores', ['core']],
    ['ultimate', ['uo']],
    ['ret', ['return']],
    ['bb', ['bollinger']],
    ['ao', ['awesome']],
    ['log', ['lag', 'logreturn', 'ln', 'realised']],
    ['hullmovingaverage', []],
    ['foo', []],
  ])('for %s is what it may stand for', (text, names) => {
    const found = namesLike(text);
    if (names.length === 0) expect(found).toEqual([]);
    else expect(found).toEqual(expect.arrayContaining(names));
    expect(found.length).toBeLessThanOrEqual(6);
  });

  it('names the list where nothing is like it', () => {
    expect(suggestFeature('foo')).toContain('features --list');
    expect(suggestFeature('ultimate')).toBe('Did you mean "uo"?');
  });
});
