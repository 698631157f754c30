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

/** How orders of signals are executed where they are not of one of several strategies; hours are the account's. */
export function executionOfAll({ execution, strategies = [] }: Executing): ExecutionRules | undefined {
  const [only, ...others] = strategies;
  if (only?.execution === undefined || others.length > 0) return execution;
  return { ...only.execution, extendedHours: execution?.extendedHours };
}

/** Every `execution` that an experiment names, with its key. */
export function namedExecutions({ execution, strategies = [] }: Executing) {
  const own = strategies.map((one, at) => ({ key: `strategies[${at}].execution`, rules: one.execution }));
  return [{ key: 'execution', rules: execution }, ...own].flatMap(({ key, rules }) =>
    rules === undefined ? [] : [{ key, rules }],
  );
}
