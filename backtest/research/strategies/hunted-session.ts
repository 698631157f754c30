import type { BarColumns } from '../../../features/bar.ts';
import { timeframeMs, type Timeframe } from '../../../features/timeframe.ts';
import { rulesSession, type ExperimentRules } from '../../../trading/sessions/rules-experiment.ts';
import type { TradedExperiment } from '../../../trading/sessions/experiment-session.ts';
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
  /** Those whose answers are heard, and the warm-up that each declares, in bars of the session; null: none. */
  readonly members: readonly { readonly name: string; readonly warmUpBars: number | null }[];
}

/**
 * A session's strategy to be hunted in. That of a file runs in this thread and is shown bars that have not closed: what
 * it reads of them shows. A rule that is shipped is made once, so that what it keeps from run to run shows too.
 * @throws InputError for an unknown name or parameter, and for mistakes of the file as file:line:column.
 */
export async function huntedSession(
  named: NamedStrategy,
  plan: Omit<HistoricalSessionOptions, 'strategy'>,
): Promise<Hunted> {
  const { name, warmUpBars, over } = await opened(named);
  return {
    name,
    bars: plan.bars,
    session: () => plan,
    make: (bars, listen) => listen(over(bars)),
    members: [{ name, warmUpBars }],
  };
}

/**
 * The strategies of an experiment, on the account that they share.
 * @param model what its ensemble says, where it is one of them: what it learns is hunted apart
 */
export async function huntedExperiment(
  market: TradedExperiment,
  rules: ExperimentRules,
  model: Strategy | null = null,
): Promise<Hunted> {
  const whole = model === null ? rules : withModel(rules, model);
  const plan = rulesSession(market, whole, null);
  const parts = await Promise.all(
    rules.named.map(async ([entry, strategy]) => {
      if (strategy === null) return { name: entry.name, over: () => model!, warmUpBars: null };
      const {
        name: own,
        warmUpBars,
        over,
      } = await opened(
        { name: entry.file ?? entry.kind!, parameters: entry.parameters },
        entry.timeframe === undefined,
      );
      // One that has the session to itself is called as its file or its rule.
      const name = rules.named.length === 1 ? own : entry.name;
      return { name, over, warmUpBars: warmUpBars === null ? null : warmUpBars * barsIn(entry.timeframe, market) };
    }),
  );
  return {
    name: plan.strategy.name,
    bars: plan.bars,
    session: () => plan,
    make: (bars, listen) => {
      const heard = (part: (typeof parts)[number]): Strategy => listen(part.over(bars), part.name);
      const [[entry], ...others] = whole.named;
      const named: ExperimentRules['named'] = [
        [entry, heard(parts[0]!)],
        ...others.map(([other], at) => [other, heard(parts[at + 1]!)] as const),
      ];
      return rulesSession({ ...market, bars }, { ...whole, named }, null).strategy;
    },
    members: parts.map(({ name, warmUpBars }) => ({ name, warmUpBars })),
  };
}

/** The same rules with what the ensemble says in its place. */
export function withModel(rules: ExperimentRules, model: Strategy): ExperimentRules {
  const told = ([entry, strategy]: ExperimentRules['named'][number]): ExperimentRules['named'][number] => [
    entry,
    strategy ?? model,
  ];
  const [first, ...others] = rules.named;
  return { ...rules, named: [told(first), ...others.map(told)], learns: false };
}

interface Opened {
  readonly name: string;
  readonly warmUpBars: number | null;
  readonly over: (bars: readonly BarColumns[]) => Strategy;
}

/** @param shown a file is shown bars that have not closed: those of the session, so not one on longer bars */
async function opened({ name, parameters }: NamedStrategy, shown = true): Promise<Opened> {
  if (!isStrategyFile(name)) {
    const rule = createRuleStrategy(name, parameters);
    return { name: rule.name, warmUpBars: null, over: () => rule };
  }
  const { loadOwnStrategy } = await import('../../../trading/strategies/own/load-own-strategy.ts');
  const own = loadOwnStrategy(name, { parameters, inThisThread: true });
  return {
    name: own.name,
    warmUpBars: own.warmUpBars,
    over: (bars) => (shown ? withOpenViews(own, bars) : own),
  };
}

/** Bars of the session in one of a longer timeframe, at most, and as many for the one that history begins within. */
function barsIn(timeframe: string | undefined, { experiment }: TradedExperiment): number {
  if (timeframe === undefined) return 1;
  return (2 * timeframeMs(timeframe as Timeframe)) / timeframeMs(experiment.data.timeframe as Timeframe);
}
