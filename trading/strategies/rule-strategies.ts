import '../../infra/files/issue-words.ts';
import type { z } from 'zod';
import { suggest } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../../infra/errors.ts';
import type { Strategy } from './strategy.ts';
import { breakout } from './breakout.ts';
import { blend } from './composed/blend.ts';
import { grid } from './composed/grid.ts';
import { pairs } from './composed/pairs.ts';
import { regimeSelector } from './composed/regime-selector.ts';
import { buyAndHold } from './buy-and-hold.ts';
import { emaCross } from './ema-cross.ts';
import { meanReversion } from './mean-reversion.ts';
import { momentum } from './momentum.ts';
import { rsiReversion } from './rsi-reversion.ts';
import { portfolio } from './weighted/portfolio.ts';
import { PricedBars, refusingUnpriced } from './priced-bars.ts';
import type { RuleStrategy } from './rule-strategy.ts';
import { smaCross } from './sma-cross.ts';

/** Binds parameters of any shape to their strategy. */
type Build = (parameters: Readonly<Record<string, unknown>>) => Strategy;

const BUILDERS = new Map<string, Build>([
  entry(buyAndHold),
  entry(smaCross),
  entry(emaCross),
  entry(rsiReversion),
  entry(meanReversion),
  entry(momentum),
  entry(breakout),
  entry(pairs),
  entry(grid),
  entry(regimeSelector),
  entry(blend),
  entry(portfolio),
]);

/** Names that `--strategy` knows. */
export const RULE_STRATEGIES: readonly string[] = [...BUILDERS.keys()];

/**
 * The rule strategy `name` with `parameters` checked and completed by defaults.
 * @throws InputError naming the strategy or parameter at fault and the nearest valid one.
 */
export function createRuleStrategy(name: string, parameters: Readonly<Record<string, unknown>> = {}): Strategy {
  const build = BUILDERS.get(name);
  if (build === undefined) throw new InputError(`unknown strategy "${name}"`, suggest(name, RULE_STRATEGIES));
  return build(parameters);
}

function entry<P extends Readonly<Record<string, unknown>>>(rule: RuleStrategy<P>): [string, Build] {
  return [
    rule.name,
    (given) => {
      const parsed = rule.parameters.safeParse(given);
      if (!parsed.success) throw parameterError(rule, parsed.error);
      const { forSession, reads = 'close' } = rule;
      const strategy = {
        name: rule.name,
        parameters: parsed.data,
        forSymbol: () => new PricedBars(rule.forSymbol(parsed.data), reads),
      };
      if (forSession === undefined) return strategy;
      return {
        ...strategy,
        forSession: (views) => ({ symbols: forSession(parsed.data, views).map(refusingUnpriced) }),
      };
    },
  ];
}

function parameterError<P>(rule: RuleStrategy<P>, error: z.ZodError): InputError {
  const issue = error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    return new InputError(`${rule.name} has no parameter "${key}"`, suggest(key, parameterNames(rule)));
  }
  const path = issue.path.join('.');
  return new InputError(`${rule.name}: ${path === '' ? '' : `${path}: `}${issue.message}`, 'correct --set');
}

/** The keys a strategy takes: those its defaults fill in. */
function parameterNames<P>(rule: RuleStrategy<P>): string[] {
  const defaults = rule.parameters.safeParse({});
  return defaults.success ? Object.keys(defaults.data as object) : [];
}
