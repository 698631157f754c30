import type { Calendar } from '../../../pipelines/calendars/calendar.ts';
import type { HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import {
  bestOfRules,
  searchRules,
  type PlacedTrial,
  type RunTrials,
  type SearchOfRules,
} from '../rules/rule-search.ts';
import type { RuleSpace } from '../rules/rule-space.ts';
import { runTrial, type RuleTrial } from '../rules/rule-trial.ts';
import {
  actionsOf,
  barsOf,
  calendarOf,
  planTrials,
  restingStrategy,
  strategyOf,
  titleOf,
  within,
  type Searched,
} from '../rules/searched.ts';
import type { RuleParameters } from '../rules/rule-trial.ts';
import { walkedStrategy, type ChosenRule } from './walked-session.ts';
import type { WalkWindow } from './walk-windows.ts';

/** What a window chose and what came of it. */
export interface WalkedFold {
  readonly window: WalkWindow;
  readonly tried: readonly PlacedTrial[];
  /** Null where no trial may be chosen: the test is then sat out. */
  readonly best: PlacedTrial | null;
  readonly parameters: RuleParameters | null;
}

export interface WalkOptions {
  readonly searched: Searched;
  readonly windows: readonly WalkWindow[];
  readonly search: SearchOfRules;
  /** Runs trials over the bars of a training window. */
  readonly runOver: (trained: Searched) => RunTrials;
  readonly onFold?: ((fold: WalkedFold) => void) | undefined;
}

/** Searches inside each training window. No bar after a window is looked at. */
export async function walkRules(space: RuleSpace, options: WalkOptions): Promise<WalkedFold[]> {
  const { searched, windows, search, runOver, onFold } = options;
  const folds: WalkedFold[] = [];
  for (const window of windows) {
    const trained = within(searched, window.trainFromMs, window.trainToMs);
    const tried = await searchRules(space, search, runOver(trained));
    const best = bestOfRules(tried);
    const parameters = best === null ? null : space.parametersAt(best.place);
    const fold = { window, tried, best, parameters };
    folds.push(fold);
    onFold?.(fold);
  }
  return folds;
}

/** The tests of all folds: what is traded over them, by which strategy. */
export interface WalkedTests {
  /** The session over the bars of all tests, end to end. */
  readonly plan: HistoricalSessionOptions;
  readonly calendar: Calendar;
  /** Each test by itself, from flat; null where it was sat out. */
  readonly apart: readonly (RuleTrial | null)[];
}

/** Trades the tests with what their windows chose: as one session, and each apart for the figures of its fold. */
export function tradeTests(searched: Searched, folds: readonly WalkedFold[]): WalkedTests {
  const chosen: ChosenRule[] = folds.map(({ window, parameters }) => ({
    window,
    strategy: parameters === null ? null : strategyOf(searched, parameters),
  }));
  const calendar = calendarOf(searched);
  const history = { bars: barsOf(searched), actions: actionsOf(searched), resting: restingStrategy(searched) };
  const over = (fromMs: number, toMs: number, parameters: RuleParameters): HistoricalSessionOptions => ({
    ...planTrials(within(searched, fromMs, toMs))(parameters),
    strategy: walkedStrategy(titleOf(searched), chosen, history),
  });
  const first = folds[0]!.window.testFromMs;
  const last = folds.at(-1)!.window.testToMs;
  const any = folds.find(({ parameters }) => parameters !== null)?.parameters ?? {};
  const apart = folds.map(({ window, parameters }) =>
    parameters === null ? null : runTrial(over(window.testFromMs, window.testToMs, parameters), calendar),
  );
  return { plan: over(first, last, any), calendar, apart };
}
