import { z } from 'zod';
import { suggest } from '../../../features/expressions/nearest-name.ts';
import type { CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { plainTable } from '../../../infra/terminal/plain-table.ts';
import { RULE_KINDS, RULE_PARAMETERS, type RuleKind } from '../../../models/experiment/rule-parameters.ts';

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
};

/** A parameter with its bounds, as its schema has them. */
interface ListedParameter {
  readonly name: string;
  readonly type: string;
  readonly default: unknown;
  readonly minimum: number | null;
  readonly maximum: number | null;
}

interface Property {
  readonly type?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

function parametersOf(kind: RuleKind): ListedParameter[] {
  const { properties = {} } = z.toJSONSchema(RULE_PARAMETERS[kind], { io: 'input' }) as {
    properties?: Record<string, Property>;
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    type: property.type ?? 'number',
    default: property.default ?? null,
    minimum: property.minimum ?? property.exclusiveMinimum ?? null,
    maximum: property.maximum === Number.MAX_SAFE_INTEGER ? null : (property.maximum ?? null),
  }));
}

/** The rule strategies that there are, with their parameters and defaults. */
export function strategiesOutput(): CommandOutput {
  const found = RULE_KINDS.map((name) => ({ name, does: DOES[name], parameters: parametersOf(name) }));
  return {
    value: found,
    text: () =>
      `${plainTable(
        ['strategy', 'does', 'parameters'],
        found.map(({ name, does, parameters }) => [
          name,
          does,
          parameters.map((one) => `${one.name}=${String(one.default)}`).join(' '),
        ]),
      )}\nOne of your own is a file: --strategy ./mine.ts. signalbox backtest --bars FILE --strategy NAME tries one.`,
  };
}

/** One rule strategy with the bounds of its parameters. InputError with the nearest name for one that there is not. */
export function strategyOutput(asked: string): CommandOutput {
  const name = RULE_KINDS.find((kind) => kind === asked);
  if (name === undefined) throw new InputError(`unknown strategy "${asked}"`, suggest(asked, RULE_KINDS));
  const parameters = parametersOf(name);
  const example = parameters.map((one) => ` --set ${one.name}=${String(one.default)}`).join('');
  const table = plainTable(
    ['parameter', 'type', { number: 'default' }, { number: 'least' }, { number: 'most' }],
    parameters.map((one) => [one.name, one.type, String(one.default), one.minimum, one.maximum]),
  );
  const lines = [
    `${name}: ${DOES[name]}`,
    ...(parameters.length === 0 ? ['It has no parameters.'] : [table]),
    `signalbox backtest --bars FILE --strategy ${name}${example}`,
  ];
  return { value: { name, does: DOES[name], parameters }, text: () => lines.join('\n') };
}
