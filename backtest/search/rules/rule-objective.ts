import { suggest } from '../../../features/expressions/nearest-name.ts';
import { InputError } from '../../../infra/errors.ts';
import {
  RULE_OBJECTIVES,
  type ConstraintName,
  type RuleConstraints,
  type RuleObjective,
} from '../../../models/search/rule-search-schema.ts';
import type { TrialFigures } from './rule-trial.ts';

/** Those of them that are fractions. */
export const RETURN_OBJECTIVES: readonly RuleObjective[] = ['cagr', 'totalReturn', 'winRate'];

interface Constraint {
  readonly figure: (trial: TrialFigures) => number | null;
  readonly side: 'least' | 'most';
}

/** Bounds a trial must keep to be chosen: which figure, and on which side. */
const CONSTRAINTS: Readonly<Record<ConstraintName, Constraint>> = {
  maxDrawdown: { figure: (trial) => -trial.maxDrawdown, side: 'most' },
  minTrades: { figure: (trial) => trial.trades, side: 'least' },
  maxTrades: { figure: (trial) => trial.trades, side: 'most' },
  minExposure: { figure: (trial) => trial.exposure, side: 'least' },
  maxExposure: { figure: (trial) => trial.exposure, side: 'most' },
  maxTurnover: { figure: (trial) => trial.turnover, side: 'most' },
  maxVolatility: { figure: (trial) => trial.volatility, side: 'most' },
  minWinRate: { figure: (trial) => trial.winRate, side: 'least' },
  minProfitFactor: { figure: (trial) => trial.profitFactor, side: 'least' },
};

/** InputError names an unknown objective and the nearest one. */
export function parseObjective(text: string): RuleObjective {
  const found = RULE_OBJECTIVES.find((name) => name === text);
  if (found !== undefined) return found;
  throw new InputError(
    `--objective: there is no objective ${text}.`,
    `${suggest(text, RULE_OBJECTIVES)} ${listed(RULE_OBJECTIVES)}`,
  );
}

/** `maxDrawdown=0.2` and the like. InputError names an unknown constraint and the nearest one. */
export function parseConstraints(texts: readonly string[]): RuleConstraints {
  const names = Object.keys(CONSTRAINTS) as ConstraintName[];
  const constraints: Partial<Record<ConstraintName, number>> = {};
  for (const text of texts) {
    const [key = '', value = ''] = text.split('=').map((part) => part.trim());
    const name = names.find((known) => known === key);
    if (name === undefined) {
      throw new InputError(`--constraint: there is no constraint ${key}.`, `${suggest(key, names)} ${listed(names)}`);
    }
    if (constraints[name] !== undefined) throw new InputError(`--constraint: ${name} is given twice.`, 'Keep one.');
    const bound = Number(value);
    if (value === '' || !Number.isFinite(bound) || bound < 0) {
      throw new InputError(`--constraint ${text}: ${name} needs a number of at least 0.`, 'Correct the value.');
    }
    constraints[name] = bound;
  }
  return constraints;
}

const listed = (names: readonly string[]): string => `There are ${names.join(', ')}.`;

/** The constraints that a trial breaks; a figure that it does not have breaks its bound. */
export function brokenBy(figures: TrialFigures, constraints: RuleConstraints): ConstraintName[] {
  return (Object.keys(constraints) as ConstraintName[]).filter((name) => {
    const { figure, side } = CONSTRAINTS[name];
    const value = figure(figures);
    return value === null || (side === 'most' ? value > constraints[name]! : value < constraints[name]!);
  });
}

/** What is compared: the objective, or null where there is none or a constraint is broken. Larger is better. */
export function worthOf(
  figures: TrialFigures,
  { objective, constraints }: { readonly objective: RuleObjective; readonly constraints: RuleConstraints },
): number | null {
  return brokenBy(figures, constraints).length > 0 ? null : figures[objective];
}
