import type { BarColumns } from '../../../features/bar.ts';
import { crossSignals } from '../cross.ts';
import { namedStrategy } from '../own/named-strategy.ts';
import { createRuleStrategy } from '../rule-strategies.ts';
import type { Strategy, SymbolStrategy } from '../strategy.ts';
import { exponentialCrosses, simpleCrosses, type PlanCrosses, type Windows } from './cross-plans.ts';
import { PlannedSignals } from './planned-signals.ts';

/** Makes the strategy of one set of parameters. @throws InputError as `namedStrategy` does */
export type MakeRule = (parameters: Readonly<Record<string, unknown>>) => Strategy;

interface Planner {
  readonly average: string;
  readonly plan: (bars: BarColumns) => PlanCrosses;
}

const PLANNERS = new Map<string, Planner>([
  ['sma-cross', { average: 'SMA', plan: simpleCrosses }],
  ['ema-cross', { average: 'EMA', plan: exponentialCrosses }],
]);

/**
 * `namedStrategy` for many sets of parameters over the same history: the same decisions, but those of crosses are
 * worked out beforehand from averages that all sets share, so that quiet bars are passed over. Any other strategy, and
 * prices whose averages could not be compared exactly here, are asked bar by bar. The bars must be the session's.
 */
export function planRules(name: string, bars: readonly BarColumns[]): MakeRule {
  const planner = PLANNERS.get(name);
  if (planner === undefined || bars.length !== 1) return (parameters) => namedStrategy(name, parameters);
  const plan = planner.plan(bars[0]!);
  const planned = ({ fast, slow }: Windows): SymbolStrategy | null => {
    const crosses = plan({ fast, slow });
    if (crosses === null) return null;
    return new PlannedSignals(crosses, crossSignals([`${planner.average}(${fast})`, `${planner.average}(${slow})`]));
  };
  return (parameters) => {
    const plain = createRuleStrategy(name, parameters);
    const windows = plain.parameters as unknown as Windows;
    return { ...plain, forSymbol: (symbol) => planned(windows) ?? plain.forSymbol(symbol) };
  };
}
