import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../experiment.ts';
import { requireExecution } from './execution-check.ts';
import { executionBy, executionOfAll } from './named-executions.ts';

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

  it('is refused by vwap over bars of a day', () => {
    const vwap = { kind: 'vwap', slices: 4, withinMinutes: 60 };
    expect(check({ data: { timeframe: '1d' }, execution: { entry: vwap } })).toThrow('execution.entry: vwap');
  });

  describe('of one of several strategies', () => {
    const two = (execution: object) => [
      { name: 'one', kind: 'sma-cross', allocation: 0.5 },
      { name: 'two', kind: 'ema-cross', allocation: 0.5, timeframe: '1h', execution },
    ];

    it('stands in place of that of all', () => {
      const strategies = two({ exit: twap });
      expect(check({ strategies, execution: { entry: chase } })).not.toThrow();
      const { execution, strategies: entries = [] } = experimentSchema.parse({
        ...{ name: 'x', universe: ['A'], strategies },
        execution: { entry: chase },
      });
      expect(entries.map((entry) => executionBy({ execution }, entry))).toEqual([{ entry: chase }, { exit: twap }]);
    });

    it('may send its orders at once where others do not', () => {
      const strategies = two({});
      const parsed = experimentSchema.parse({ name: 'x', universe: ['A'], strategies, execution: { entry: twap } });
      expect(executionBy(parsed, parsed.strategies![1]!)).toEqual({});
    });

    it('is that of the session where it is the only one', () => {
      const [, strategy] = two({ exit: twap });
      const parsed = experimentSchema.parse({ name: 'x', universe: ['A'], strategies: [strategy] });
      expect(executionOfAll(parsed)).toEqual({ exit: twap });
      expect(executionOfAll({ ...parsed, strategies: [parsed.strategies![0]!, parsed.strategies![0]!] })).toBe(
        undefined,
      );
    });

    it('is refused for what that of all is refused for, by its place', () => {
      expect(check({ strategies: two({ exit: chase }), protection })).toThrow(
        'x.yaml: strategies[1].execution.exit: an exit that rests',
      );
      const vwap = { kind: 'vwap', slices: 4, withinMinutes: 60 };
      const strategies = [{ name: 'one', kind: 'sma-cross', execution: { entry: vwap } }];
      expect(check({ data: { timeframe: '1d' }, strategies })).toThrow('strategies[0].execution.entry: vwap');
    });

    it('names a key that it does not know', () => {
      const strategies = two({ enrty: twap });
      const { error } = experimentSchema.safeParse({ name: 'x', universe: ['A'], strategies });
      expect(error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
        ['strategies.1.execution', 'has unknown keys: enrty'],
      ]);
    });
  });

  it('names a key that it does not know, and a rule that is none', () => {
    const parsed = (execution: object) => experimentSchema.safeParse({ name: 'x', universe: ['A'], execution });
    expect(parsed({ entry: { ...twap, slipage: 3 } }).success).toBe(false);
    expect(parsed({}).success).toBe(false);
    expect(parsed({ entry: { kind: 'chase', withinMinutes: 5 } }).success).toBe(false);
  });
});
