import { suggest } from '../../../features/expressions/nearest-name.ts';
import { InputError } from '../../../infra/errors.ts';
import { compileOwnFile } from '../../../infra/own-files/compile-own-file.ts';
import { declaredRange } from '../../../infra/own-files/declared-range.ts';
import { evaluateOwnFile } from '../../../infra/own-files/evaluate-own-file.ts';
import type { OwnParameters } from '../../../infra/own-files/own-file.ts';
import { RULE_METHODS } from '../../../models/search/rule-search-schema.ts';
import { parseAssignments } from '../../../models/experiment/limits/assignments.ts';
import { isStrategyFile } from '../../../trading/strategies/own/strategy-file.ts';
import { parseWhole } from '../../run/number-options.ts';
import type { RuleOptions } from '../../command-options.ts';
import { heatMapAxes } from './heat-map.ts';
import { parseAxes, type DeclaredValues } from './parameter-axes.ts';
import { parseConstraints, parseObjective } from './rule-objective.ts';
import type { SearchOfRules } from './rule-search.ts';
import { RuleSpace } from './rule-space.ts';

/** Options of `optimize --strategy` and `walk-forward --strategy`. */
export interface RuleSearchOptions extends RuleOptions {
  readonly range: string[];
  readonly objective: string;
  readonly constraint: string[];
  readonly method?: string;
  readonly trials?: string;
  readonly heatMap?: string;
}

const TRIALS_DEFAULT = 100;
const TRIALS_MAX = 10_000;

/** What is searched and how, by the options of the command line. InputError names the one that is wrong. */
export function ruleSearchOf(
  options: RuleSearchOptions,
  strategy: string,
): { readonly space: RuleSpace; readonly search: SearchOfRules } {
  const { method, trials } = wayOf(options);
  const objective = parseObjective(options.objective);
  const constraints = parseConstraints(options.constraint);
  const space = new RuleSpace(strategy, parseAxes(options.range, declaredBy(strategy)), {
    fixed: parseAssignments(options.set, '--set'),
  });
  requireSearchable(space, method, 'Take larger steps, or give --method random, genetic or sequential with --trials.');
  heatMapAxes(space.axes, options.heatMap);
  return { space, search: { method, trials, seed: parseWhole(options.seed, '--seed'), objective, constraints } };
}

/**
 * How a search goes, by `--method` and `--trials`, or by what an experiment says where they are not given.
 * @throws InputError for a method that there is not, and for trials that are out of bounds or would do nothing
 */
export function wayOf(
  options: { readonly method?: string | undefined; readonly trials?: string | undefined },
  said: { readonly method?: string | undefined; readonly trials?: number | undefined } = {},
): Pick<SearchOfRules, 'method' | 'trials'> {
  const method = methodOf(options.method ?? said.method);
  const trials =
    options.trials === undefined ? (said.trials ?? TRIALS_DEFAULT) : parseWhole(options.trials, '--trials');
  if (trials < 2 || trials > TRIALS_MAX) {
    throw new InputError(`--trials ${trials} is not from 2 to ${TRIALS_MAX}.`, 'Correct the value.');
  }
  if (method === 'grid' && options.trials !== undefined) {
    throw new InputError('--trials would do nothing: a grid tries all.', 'Leave it out, or give --method random.');
  }
  return { method, trials };
}

/** @throws InputError for a grid that is too large to be tried whole */
export function requireSearchable({ size }: RuleSpace, method: SearchOfRules['method'], remedy: string): void {
  if (method !== 'grid' || size <= TRIALS_MAX) return;
  throw new InputError(`The grid has ${size} combinations, and ${TRIALS_MAX} are the most.`, remedy);
}

/** Values that a range is cut into where a file declares its ends alone. */
const STEPS = 10;
/** Whole numbers that are all tried. */
const ALL_MAX = 2 * STEPS;

/** What a strategy's file declares of its parameters; null for a rule that is shipped. */
function declaredBy(strategy: string): DeclaredValues | null {
  if (!isStrategyFile(strategy)) return null;
  return (parameter) => {
    const code = compileOwnFile(strategy, 'strategy');
    const range = declaredRange(strategy, evaluateOwnFile(code) as OwnParameters, parameter);
    if ('choice' in range) return range.choice;
    const [from, to] = 'int' in range ? range.int : range.float;
    const count = 'int' in range && to - from <= ALL_MAX ? to - from : STEPS;
    const values = Array.from({ length: count + 1 }, (_, at) => from + (at * (to - from)) / count);
    return [...new Set('int' in range ? values.map(Math.round) : values)];
  };
}

function methodOf(text: string | undefined): SearchOfRules['method'] {
  if (text === undefined) return 'grid';
  const found = RULE_METHODS.find((name) => name === text);
  if (found !== undefined) return found;
  throw new InputError(
    `There is no method ${text} for rules.`,
    `${suggest(text, RULE_METHODS)} There are ${RULE_METHODS.join(', ')}.`,
  );
}
