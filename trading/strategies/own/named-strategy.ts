import { loadOwnStrategy, type OwnFileStrategy } from './load-own-strategy.ts';
import { isStrategyFile } from './strategy-file.ts';
import { createRuleStrategy } from '../rule-strategies.ts';
import type { Strategy } from '../strategy.ts';

/**
 * A rule strategy by its name, or a user's own by its file.
 * @throws InputError for an unknown name or parameter, and for mistakes of the file as file:line:column
 */
export function namedStrategy(
  named: string,
  parameters: Readonly<Record<string, unknown>>,
): Strategy & Partial<Pick<OwnFileStrategy, 'fileHash'>> {
  return isStrategyFile(named) ? loadOwnStrategy(named, { parameters }) : createRuleStrategy(named, parameters);
}
