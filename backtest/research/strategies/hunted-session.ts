import type { BarColumns } from '../../../features/bar.ts';
import type { HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import { isStrategyFile } from '../../../trading/strategies/own/strategy-file.ts';
import { createRuleStrategy } from '../../../trading/strategies/rule-strategies.ts';
import type { Strategy } from '../../../trading/strategies/strategy.ts';
import { withOpenViews } from './open-view.ts';
import type { HuntedStrategy } from './recorded-run.ts';

/** A strategy by its name or its file. */
export interface NamedStrategy {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface Hunted extends HuntedStrategy {
  /** What the strategy declares; null where it does not. */
  readonly warmUpBars: number | null;
}

/**
 * A session's strategy to be hunted in. That of a file runs in this thread and is shown bars that have not closed: what
 * it reads of them shows. A rule that is shipped is made once, so that what it keeps from run to run shows too.
 * @throws InputError for an unknown name or parameter, and for mistakes of the file as file:line:column.
 */
export async function huntedSession(
  { name, parameters }: NamedStrategy,
  plan: Omit<HistoricalSessionOptions, 'strategy'>,
): Promise<Hunted> {
  const session = (): typeof plan => plan;
  if (!isStrategyFile(name)) {
    const rule = createRuleStrategy(name, parameters);
    return { bars: plan.bars, session, make: () => rule, warmUpBars: null };
  }
  const { loadOwnStrategy } = await import('../../../trading/strategies/own/load-own-strategy.ts');
  const own = loadOwnStrategy(name, { parameters, inThisThread: true });
  const make = (bars: readonly BarColumns[]): Strategy => withOpenViews(own, bars);
  return { bars: plan.bars, session, make, warmUpBars: own.warmUpBars };
}
