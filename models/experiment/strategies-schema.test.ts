import { describe, expect, it } from 'vitest';
import { parseYamlText } from '../../infra/files/yaml-file.ts';
import { experimentSchema } from './experiment.ts';

const read = (...entries: string[]) =>
  parseYamlText(experimentSchema, ['name: a', 'universe: [A]', 'strategies:', ...entries].join('\n'), 'a.yaml');

describe('strategies of an experiment', () => {
  it('are rules by kind, or files', () => {
    expect(read('  - { name: trend, kind: sma-cross, parameters: { fast: 5 } }').strategies).toEqual([
      { name: 'trend', kind: 'sma-cross', parameters: { fast: 5 }, allocation: 1 },
    ]);
    expect(read('  - { name: mine, file: ./mine.ts, symbols: [A] }').strategies).toHaveLength(1);
  });

  it.each([
    ['{ name: t, kind: sma-cros }', /a.yaml:4: strategies\[0\].kind: unknown strategy "sma-cros".*"sma-cross"/],
    ['{ name: t, kind: sma-cross, parameters: { fats: 5 } }', /a.yaml:4: strategies\[0\].parameters: .*fats/],
    ['{ name: t, kind: sma-cross, parameters: { fast: 50 } }', /strategies\[0\].parameters.fast: must be below slow/],
    ['{ name: t, kind: momentum, file: ./mine.ts }', /strategies\[0\].kind: give either kind or file/],
    ['{ name: t }', /strategies\[0\].kind: give either kind or file/],
    ['{ name: t, kind: ensemble }', /leave it out/],
    ['{ name: t, kind: momentum, allocation: 1.5 }', /strategies\[0\].allocation/],
    ['{ name: t, kind: momentum, timeframe: 2h }', /strategies\[0\].timeframe/],
    ['{ name: t, kind: momentum, limits: { position: 1 } }', /strategies\[0\].limits.position/],
    ['{ name: t, kind: momentum, allocaton: 1 }', /unknown key strategies\[0\].allocaton; did you mean.*allocation/],
  ])('name what is wrong: %s', (entry, words) => {
    expect(() => read(`  - ${entry}`)).toThrow(words);
  });

  it('share an account, each with a name and a fraction of its own', () => {
    const shared = [
      '  - { name: a, kind: momentum, allocation: 0.4 }',
      '  - { name: b, kind: ensemble, allocation: 0.6 }',
    ];
    expect(read(...shared).strategies).toHaveLength(2);
    expect(read(...shared, 'rebalance: monthly').rebalance).toBe('monthly');
    expect(() => read(...shared, 'rebalance: yearly')).toThrow(/rebalance/);
    expect(() => read('  - { name: a, kind: momentum }', '  - { name: b, kind: breakout }')).toThrow(
      /strategies\[1\].allocation: allocations add up to 2, and to 1 at most/,
    );
    expect(() => read(shared[0]!, shared[0]!)).toThrow(/strategies\[1\].name: strategies\[0\] has this name already/);
    expect(() => read(shared[1]!, '  - { name: c, kind: ensemble, allocation: 0.1 }')).toThrow(/has one ensemble/);
    expect(() => read(shared[0]!, '  - { name: c, kind: ensemble, allocation: 0.1, parameters: { a: 1 } }')).toThrow(
      /strategies\[1\].parameters.a: an ensemble is/,
    );
  });
});
