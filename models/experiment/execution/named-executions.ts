import type { Experiment } from '../experiment.ts';
import type { ExecutionRules } from './execution-schema.ts';

type Executing = Pick<Experiment, 'execution' | 'strategies'>;

/** How orders of a strategy's signals are executed: by its own word, else by the experiment's. */
export function executionBy(
  { execution }: Pick<Executing, 'execution'>,
  entry: NonNullable<Executing['strategies']>[number],
): ExecutionRules | undefined {
  return entry.execution ?? execution;
}

/** How orders of signals are executed where they are not of one of several strategies. */
export function executionOfAll({ execution, strategies = [] }: Executing): ExecutionRules | undefined {
  const [only, ...others] = strategies;
  return only === undefined || others.length > 0 ? execution : executionBy({ execution }, only);
}

/** Every `execution` that an experiment names, with its key. */
export function namedExecutions({ execution, strategies = [] }: Executing) {
  const own = strategies.map((one, at) => ({ key: `strategies[${at}].execution`, rules: one.execution }));
  return [{ key: 'execution', rules: execution }, ...own].flatMap(({ key, rules }) =>
    rules === undefined ? [] : [{ key, rules }],
  );
}
