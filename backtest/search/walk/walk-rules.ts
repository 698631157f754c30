import { createRuleStrategy } from '../../../trading/strategies/rule-strategies.ts';
import type { Strategy } from '../../../trading/strategies/strategy.ts';
import {
  bestOfRules,
  searchRules,
  type PlacedTrial,
  type RunTrials,
  type SearchOfRules,
} from '../rules/rule-search.ts';
import type { RuleSpace } from '../rules/rule-space.ts';
import { runRuleTrial, type RuleTrial, type TradedRules } from '../rules/rule-trial.ts';
import type { RuleParameters } from '../rules/trials-on-thread.ts';
import { walkedSignals, walkedStrategy, type ChosenRule, type SignalsByClose } from './walked-signals.ts';
import { barsWithin, type WalkWindow } from './walk-windows.ts';

/** What a window chose and what came of it. */
export interface WalkedFold {
  readonly window: WalkWindow;
  readonly tried: readonly PlacedTrial[];
  /** Null where no trial may be chosen: the test is then sat out. */
  readonly best: PlacedTrial | null;
  readonly parameters: RuleParameters | null;
}

export interface WalkOptions {
  readonly rules: TradedRules;
  readonly windows: readonly WalkWindow[];
  readonly search: SearchOfRules;
  /** Runs trials over the bars of a training window. */
  readonly runOver: (rules: TradedRules) => RunTrials;
  readonly onFold?: ((fold: WalkedFold) => void) | undefined;
}

/** Searches inside each training window. No bar after a window is looked at. */
export async function walkRules(space: RuleSpace, options: WalkOptions): Promise<WalkedFold[]> {
  const { rules, windows, search, runOver, onFold } = options;
  const folds: WalkedFold[] = [];
  for (const window of windows) {
    const trained = within(rules, window.trainFromMs, window.trainToMs);
    const tried = await searchRules(space, search, runOver(trained));
    const best = bestOfRules(tried);
    const parameters = best === null ? null : space.parametersAt(best.place);
    const fold = { window, tried, best, parameters };
    folds.push(fold);
    onFold?.(fold);
  }
  return folds;
}

/** The rules over the bars of one span. */
export function within(rules: TradedRules, fromMs: number, toMs: number): TradedRules {
  return { ...rules, bars: rules.bars.map((bars) => barsWithin(bars, fromMs, toMs)) };
}

/** The tests of all folds: what is traded over them, by which strategy. */
export interface WalkedTests {
  /** Over the bars of all tests, end to end. */
  readonly rules: TradedRules;
  readonly strategy: Strategy;
  /** Each test by itself, from flat; null where it was sat out. */
  readonly apart: readonly (RuleTrial | null)[];
}

/** Trades the tests with what their windows chose: as one session, and each apart for the figures of its fold. */
export function tradeTests(name: string, rules: TradedRules, folds: readonly WalkedFold[]): WalkedTests {
  const chosen: ChosenRule[] = folds.map(({ window, parameters }) => ({
    window,
    strategy: parameters === null ? null : createRuleStrategy(name, parameters),
  }));
  const signals = new Map(
    rules.bars.map((bars): [string, SignalsByClose] => [bars.symbol, walkedSignals(bars, chosen)]),
  );
  const strategy = walkedStrategy(name, signals);
  const first = folds[0]!.window.testFromMs;
  const last = folds.at(-1)!.window.testToMs;
  const apart = folds.map(({ window, parameters }) =>
    parameters === null ? null : runRuleTrial(within(rules, window.testFromMs, window.testToMs), strategy),
  );
  return { rules: within(rules, first, last), strategy, apart };
}
