import { InputError } from '../../infra/errors.ts';
import { createRuleStrategy } from '../../trading/strategies/rule-strategies.ts';
import type { Strategy } from '../../trading/strategies/strategy.ts';
import { parseNumber } from './number-options.ts';

/**
 * What `--strategy` names: a rule strategy, or a user's own file. The compiler of files is loaded where one is named.
 * @throws InputError for an unknown name or parameter, and for mistakes of the file as file:line:column.
 */
export async function strategyOf(
  named: string,
  parameters: Readonly<Record<string, unknown>>,
  deadline?: string,
): Promise<Strategy> {
  const { isStrategyFile } = await import('../../trading/strategies/own/strategy-file.ts');
  if (!isStrategyFile(named)) {
    if (deadline === undefined) return createRuleStrategy(named, parameters);
    throw new InputError('--deadline would do nothing: it is for a strategy of your own.', 'Leave it out.');
  }
  const deadlineSeconds = deadline === undefined ? undefined : parseNumber(deadline, '--deadline', 0.001);
  const { loadOwnStrategy } = await import('../../trading/strategies/own/load-own-strategy.ts');
  return loadOwnStrategy(named, { parameters, deadlineSeconds });
}
