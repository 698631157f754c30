import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../experiment/experiment.ts';
import { ruleDifferences, rulesKey, tradingRules } from './trading-rules.ts';

const of = (sections: object) => experimentSchema.parse({ name: 'm', universe: ['A'], ...sections });

describe('trading rules', () => {
  it('are the same whatever does not trade, and another thing with another threshold, size, limit or cost', () => {
    const own = rulesKey(tradingRules(of({})));
    expect(rulesKey(tradingRules(of({ description: 'x', seed: 3, monitoring: { shadowBars: 3 } })))).toBe(own);
    for (const rules of [{ signals: { buyAbove: 0.6 } }, { sizing: { fraction: 0.2 } }, { limits: 'unbounded' }]) {
      expect(rulesKey(tradingRules(of(rules)))).not.toBe(own);
    }
  });

  it('are told apart by what the others have', () => {
    const other = tradingRules(of({ signals: { buyAbove: 0.6 }, limits: 'unbounded' }));
    expect(ruleDifferences(tradingRules(of({})), other)).toEqual(['signals.buyAbove=0.6', 'limits=unbounded']);
    expect(ruleDifferences(other, other)).toEqual([]);
  });
});
