import { hashOf } from '../../infra/hash.ts';
import type { Experiment } from '../experiment/experiment.ts';

/** The sections of an experiment that decide what is traded on given predictions. Trainings do not depend on them. */
export type TradingRules = Pick<Experiment, 'signals' | 'sizing' | 'limits' | 'costs' | 'capital' | 'registry'>;

/** The rules that an experiment trades by. */
export function tradingRules({ signals, sizing, limits, costs, capital, registry }: Experiment): TradingRules {
  return { signals, sizing, limits, costs, capital, registry };
}

/** Equal for equal rules, whatever else two experiments differ in. */
export const rulesKey = (rules: TradingRules): string => hashOf(rules).slice(0, 12);

/** What `other` has and `own` has not, as `signals.buyAbove=0.53`. */
export function ruleDifferences(own: TradingRules, other: TradingRules): string[] {
  const known = new Set(leaves('', own));
  return leaves('', other).filter((leaf) => !known.has(leaf));
}

function leaves(path: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}=${String(value)}`];
  return Object.entries(value).flatMap(([key, inner]) => leaves(path === '' ? key : `${path}.${key}`, inner));
}
