import Table from 'cli-table3';
import { decimal, percent, probability } from '../../number-format.ts';
import type { RuleObjective } from '../../../models/search/rule-search-schema.ts';
import { RETURN_OBJECTIVES } from './rule-objective.ts';
import type { RankedRule, RuleSearchResult } from './rule-search-result.ts';
import type { RuleParameters } from './rule-trial.ts';

const SHOWN = 10;

/** What a trader reads after a search of rules. */
export function ruleSearchText(result: RuleSearchResult, reportPath: string): string {
  const { ranking, best, steadiest, objective, strategy, method } = result;
  const table = new Table({
    head: ['rank', objective, 'Sharpe', 'return', 'drawdown', 'trades', 'plateau', 'parameters'],
    style: { head: [], border: [] },
  });
  for (const one of ranking.slice(0, SHOWN)) {
    const { sharpe, totalReturn, maxDrawdown, trades } = one;
    const figures = [decimal(sharpe), percent(totalReturn), percent(maxDrawdown), trades];
    table.push([one.rank, worthText(objective, one.objective), ...figures, plateauText(one), namesOf(one.parameters)]);
  }
  return [
    `${strategy} by ${method}, best ${objective}: ${namesOf(best.parameters)}`,
    result.counted,
    table.toString(),
    ...(ranking.length > SHOWN ? [`... and ${ranking.length - SHOWN} more (--json has all)`] : []),
    `Plateau of the best: ${plateauWords(best)}`,
    ...(steadiest === null
      ? []
      : [
          `Best neighbourhood: ${namesOf(steadiest.parameters)}, ${objective} ${worthText(objective, steadiest.objective)}`,
        ]),
    `Deflated Sharpe ratio ${probability(result.deflatedSharpe)}, probability of overfitting ${probability(result.probabilityOfOverfitting)}: ${result.verdict}`,
    ...result.reasons.map((reason) => `  ${reason}`),
    `Report  ${reportPath}`,
  ].join('\n');
}

/** `fast=10 slow=30`, and of an experiment `trend.fast=10`. */
export const namesOf = (parameters: RuleParameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${shortName(name)}=${value}`)
    .join(' ');

/** A searched parameter for people: of an experiment `trend.fast`. */
export const shortName = (name: string): string => name.replace(/^strategies\.([^.]+)\.parameters\./, '$1.');

/** An objective for people: returns as percentages. */
export function worthText(objective: RuleObjective, worth: number | null): string {
  return RETURN_OBJECTIVES.includes(objective) ? percent(worth) : decimal(worth, 3);
}

/** The plateau score with two decimals. */
export const plateauText = ({ plateau }: RankedRule): string => decimal(plateau.score);

/** The plateau in words. */
export function plateauWords({ plateau }: RankedRule): string {
  const { score, neighbours, refused, heldShare } = plateau;
  const barred = refused === 0 ? '' : `, ${refused} of which may not be chosen`;
  if (score === null) return `unknown, ${neighbours} neighbours were tried`;
  return `${decimal(score)} of its own worth is the median of ${neighbours} neighbours${barred}; ${percent(heldShare, 0)} of them keep half of it`;
}
