import { suggest } from '../../../features/expressions/nearest-name.ts';
import type { CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { listedParameters, type ListedParameter } from '../../../infra/own-files/listed-parameter.ts';
import {
  listedOwnFile,
  ownFileLine,
  ownFilesHere,
  type ListedOwnFile,
} from '../../../infra/own-files/own-files-here.ts';
import { plainTable } from '../../../infra/terminal/plain-table.ts';
import { RULE_KINDS, RULE_PARAMETERS, type RuleKind } from '../../../models/experiment/rule-parameters.ts';
import { isStrategyFile } from '../own/strategy-file.ts';

/** What each rule does, in a line. */
const DOES: Readonly<Record<RuleKind, string>> = {
  'buy-and-hold': 'buys at the first bar and keeps',
  'sma-cross': 'long while the fast simple average is above the slow one',
  'ema-cross': 'long while the fast exponential average is above the slow one',
  'rsi-reversion': 'buys where the relative strength is low, sells where it is high',
  'mean-reversion': 'buys far below the mean of the last closes, sells near it',
  momentum: 'long while the return over the last bars is above a threshold',
  breakout: 'buys above the highest of the last bars, sells below the lowest',
  pairs: 'trades the distance of two symbols from each other',
  grid: 'holds more the further the price is below its mean, by levels',
  'regime-selector': 'follows the trend where there is one, else reverts to the mean',
  blend: 'holds by the weighted words of trend, momentum, breakout and reversion',
  portfolio: 'holds all symbols by weights from their risk, found anew day by day, week by week or month by month',
};

const parametersOf = (kind: RuleKind): ListedParameter[] => listedParameters(RULE_PARAMETERS[kind], 'number');

/** The rule strategies that there are and the files of this folder that are one, with parameters and defaults. */
export function strategiesOutput(): CommandOutput {
  const rules = RULE_KINDS.map((name) => ({ name, does: DOES[name], parameters: parametersOf(name) }));
  const own = ownFilesHere('strategy');
  const rows = [
    ...rules.map(({ name, does, parameters }) => [name, does, parameters.map(withDefault).join(' ')]),
    ...own.map((one) => [one.file, 'your own', ownFileLine(one)]),
  ];
  return {
    value: [...rules, ...own],
    text: () =>
      `${plainTable(['strategy', 'does', 'parameters'], rows)}\nOne of your own is a file: --strategy ./mine.ts. signalbox backtest --bars FILE --strategy NAME tries one.`,
  };
}

const withDefault = (one: ListedParameter): string => `${one.name}=${String(one.default)}`;

/**
 * One rule strategy, or one of a file, with the bounds of its parameters. InputError with the nearest name for one that
 * there is not.
 */
export function strategyOutput(asked: string): CommandOutput {
  if (isStrategyFile(asked)) return ownOutput(listedOwnFile(asked, 'strategy'));
  const name = RULE_KINDS.find((kind) => kind === asked);
  if (name === undefined) throw new InputError(`unknown strategy "${asked}"`, suggest(asked, RULE_KINDS));
  const parameters = parametersOf(name);
  const value = { name, does: DOES[name], parameters };
  return { value, text: () => shown(`${name}: ${DOES[name]}`, name, parameters) };
}

function ownOutput(own: ListedOwnFile): CommandOutput {
  const { file, mistake, parameters } = own;
  if (mistake !== null) throw new InputError(mistake, 'Correct the file.');
  return { value: own, text: () => shown(`${file}: your own`, file, parameters) };
}

function shown(head: string, name: string, parameters: readonly ListedParameter[]): string {
  const example = parameters.map((one) => ` --set ${one.name}=${String(one.default)}`).join('');
  const table = plainTable(
    ['parameter', { words: 'type' }, { number: 'default' }, { number: 'least' }, { number: 'most' }],
    parameters.map((one) => [
      one.name,
      one.oneOf?.join(', ') ?? one.type,
      String(one.default),
      one.minimum,
      one.maximum,
    ]),
  );
  return [
    head,
    ...(parameters.length === 0 ? ['It has no parameters.'] : [table]),
    `signalbox backtest --bars FILE --strategy ${name}${example}`,
  ].join('\n');
}
