import { describe, expect, it } from 'vitest';
import { RULE_STRATEGIES, createRuleStrategy } from '../rule-strategies.ts';
import { strategiesOutput, strategyOutput } from './strategies-output.ts';

interface Listed {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly default: unknown }[];
}

describe('strategies', () => {
  it('shows one of a file with the bounds of its parameters', () => {
    const { value, text } = strategyOutput('trading/strategies/own/example/turn-of-range.ts');
    expect(value).toMatchObject({ name: 'turn-of-range', mistake: null });
    expect(text()).toContain(
      '--strategy trading/strategies/own/example/turn-of-range.ts --set lookback=20 --set deep=0.1',
    );
    expect(() => strategyOutput('./none.ts')).toThrow('./none.ts: no such file.');
  });

  it('lists every rule with the defaults that it takes', () => {
    const { value, text } = strategiesOutput();
    const found = value as Listed[];
    expect(found.map(({ name }) => name).sort()).toEqual([...RULE_STRATEGIES].sort());
    for (const { name, parameters } of found) {
      const defaults = Object.fromEntries(parameters.map((one) => [one.name, one.default]));
      expect(createRuleStrategy(name).parameters).toEqual(defaults);
    }
    expect(text()).toContain('fast=12 slow=26');
  });

  it('shows one with its bounds, and the nearest name of one that there is not', () => {
    const { value, text } = strategyOutput('rsi-reversion');
    expect(value).toMatchObject({
      parameters: [
        { name: 'period', type: 'integer', default: 14, minimum: 1, maximum: 10_000 },
        { name: 'oversold', type: 'number', default: 30, minimum: 0, maximum: 100 },
        { name: 'overbought' },
      ],
    });
    expect(text()).toContain('--set period=14');
    expect(strategyOutput('momentum').value).toMatchObject({ parameters: [{}, { minimum: 0, maximum: null }] });
    expect(strategyOutput('buy-and-hold').text()).toContain('no parameters');
    expect(() => strategyOutput('sma-cros')).toThrow('unknown strategy "sma-cros"');
  });
});
