import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../experiment.ts';
import { requireExecution } from './execution-check.ts';

const twap = { kind: 'twap', slices: 4, withinMinutes: 60 };
const chase = { kind: 'chase', maxSlippageBps: 20, withinMinutes: 30 };
const protection = { stopLoss: { percent: 0.02 } };

function check(more: object): () => void {
  const experiment = experimentSchema.parse({ name: 'x', universe: ['A'], data: { timeframe: '5m' }, ...more });
  return () => requireExecution('x.yaml', experiment);
}

describe('execution', () => {
  it('goes with what it does not contradict', () => {
    expect(check({})).not.toThrow();
    expect(check({ execution: { entry: chase, exit: twap }, protection })).not.toThrow();
  });

  it('is refused where an exit would hold what a stop is to sell', () => {
    expect(check({ execution: { exit: chase }, protection })).toThrow('x.yaml: execution.exit: an exit that rests');
    expect(check({ execution: { exit: { ...twap, maxSlippageBps: 5 } }, protection })).toThrow('execution.exit');
  });

  it('is refused by vwap over bars of a day, and beside strategies that share the account', () => {
    const vwap = { kind: 'vwap', slices: 4, withinMinutes: 60 };
    expect(check({ data: { timeframe: '1d' }, execution: { entry: vwap } })).toThrow('execution.entry: vwap');
    const strategies = [
      { name: 'one', kind: 'sma-cross', allocation: 0.5 },
      { name: 'two', kind: 'ema-cross', allocation: 0.5 },
    ];
    expect(check({ strategies, execution: { entry: twap } })).toThrow(
      'execution: an order in parts belongs to the whole account',
    );
  });

  it('names a key that it does not know, and a rule that is none', () => {
    const parsed = (execution: object) => experimentSchema.safeParse({ name: 'x', universe: ['A'], execution });
    expect(parsed({ entry: { ...twap, slipage: 3 } }).success).toBe(false);
    expect(parsed({}).success).toBe(false);
    expect(parsed({ entry: { kind: 'chase', withinMinutes: 5 } }).success).toBe(false);
  });
});
