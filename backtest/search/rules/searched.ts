import { basename } from 'node:path';
import { ZodError } from 'zod';
import type { BarColumns } from '../../../features/bar.ts';
import type { Instrument } from '../../../features/instrument.ts';
import { InputError } from '../../../infra/errors.ts';
import { hashOf } from '../../../infra/hash.ts';
import type { Experiment } from '../../../models/experiment/experiment.ts';
import { applyParameters } from '../../../models/search/apply-parameters.ts';
import { dataHash } from '../../../pipelines/bars/bar-fingerprint.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { barsPerYear } from '../../../pipelines/calendars/market-days.ts';
import type { Calendar, CalendarName } from '../../../pipelines/calendars/calendar.ts';
import type { SessionActions } from '../../../trading/engine/corporate-actions.ts';
import type { HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import {
  hasAccountToItself,
  rulesBy,
  rulesSession,
  type ExperimentRules,
} from '../../../trading/sessions/rules-experiment.ts';
import { createRuleStrategy } from '../../../trading/strategies/rule-strategies.ts';
import { HOLD, type Strategy } from '../../../trading/strategies/strategy.ts';
import { namedStrategy } from '../../../trading/strategies/own/named-strategy.ts';
import { planRules, type MakeRule } from '../../../trading/strategies/planned/planned-rules.ts';
import { actionsFrom } from '../../../trading/sessions/session-rules.ts';
import { ruleSessionOptions } from '../../run/rule-backtest.ts';
import { barsWithin } from '../walk/walk-windows.ts';
import type { TradedRules } from './rule-trial.ts';
import type { RuleParameters } from './rule-trial.ts';

/** A strategy over bars of files, whose parameters are tried. */
interface SearchedStrategy {
  readonly kind: 'strategy';
  readonly strategy: string;
  readonly rules: TradedRules;
}

/** An experiment of rules, whose keys are tried by their addresses. */
export interface SearchedExperiment {
  readonly kind: 'experiment';
  readonly experiment: Experiment;
  readonly market: SearchedMarket;
}

/** What an experiment trades: plain data, bars over memory that threads share. */
interface SearchedMarket {
  readonly bars: readonly BarColumns[];
  readonly fine?: readonly (BarColumns | undefined)[] | undefined;
  readonly actions: SessionActions;
  readonly instruments: readonly Instrument[];
  readonly calendar: CalendarName;
}

/** What a search tries parameters of: plain data, which threads can be handed. */
export type Searched = SearchedStrategy | SearchedExperiment;

/** The session of one set of parameters. @throws InputError for a set that is refused */
export type PlanTrial = (parameters: RuleParameters) => HistoricalSessionOptions;

/** How the sessions of a search are made. What sets have in common is worked out once. */
export function planTrials(searched: Searched): PlanTrial {
  if (searched.kind === 'strategy') {
    const { strategy, rules } = searched;
    const make: MakeRule = isSeenAsTraded(searched)
      ? planRules(strategy, rules.bars)
      : (parameters) => namedStrategy(strategy, parameters);
    const session = { ...rules, calendar: calendarNamed(rules.calendar), actions: actionsOf(searched) };
    return (parameters) => ruleSessionOptions(session, make(parameters));
  }
  const { experiment, market } = searched;
  const { bars, fine, actions, instruments } = market;
  const calendar = calendarNamed(market.calendar);
  const perYear = barsPerYear(bars, calendar);
  // A rule that is asked about the session's own bars alone.
  const plans = hasAccountToItself(experiment) && isSeenAsTraded(searched);
  const planned = new Map(
    (plans ? (experiment.strategies ?? []) : []).flatMap(({ kind }) =>
      kind === undefined ? [] : [[kind, planRules(kind, bars)] as const],
    ),
  );
  return (parameters) => {
    const applied = withParameters(experiment, parameters);
    const rules = rulesOf(applied, (kind, given) => planned.get(kind)?.(given));
    const traded = { experiment: applied, calendar, instruments, bars, fine, actions, barsPerYear: perYear };
    return rulesSession(traded, rules, null);
  };
}

/** Crosses are worked out beforehand from bars as they trade: not where splits and dividends are taken out of them. */
function isSeenAsTraded(searched: Searched): boolean {
  return actionsOf(searched) === undefined;
}

/** The experiment of one set of parameters. @throws InputError where it is refused */
function withParameters(experiment: Experiment, parameters: RuleParameters): Experiment {
  try {
    return applyParameters({ ...experiment, search: null }, parameters);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const { path, message } = error.issues[0]!;
    throw new InputError(`${path.join('.')}: ${message}`, 'Leave the combination out of the search.', error);
  }
}

/** @param planned a strategy by its kind and parameters, where its decisions were worked out beforehand */
function rulesOf(
  experiment: Experiment,
  planned: (kind: string, parameters: RuleParameters) => Strategy | undefined = () => undefined,
): ExperimentRules {
  return rulesBy(experiment, ({ file, kind, parameters }) =>
    file === undefined
      ? (planned(kind!, parameters) ?? createRuleStrategy(kind!, parameters))
      : namedStrategy(file, parameters),
  );
}

/** What decides by one set of parameters: a strategy by itself, or those that share an account as one. */
export function strategyOf(searched: Searched, parameters: RuleParameters): Strategy {
  if (searched.kind === 'strategy') return namedStrategy(searched.strategy, parameters);
  return planTrials(searched)(parameters).strategy;
}

/** Strategies that share an account as one, none of which says anything; null where one has it to itself. */
export function restingStrategy(searched: Searched): Strategy | null {
  if (searched.kind === 'strategy' || hasAccountToItself(searched.experiment)) return null;
  const { experiment, market } = searched;
  const silent: Strategy = { name: 'none', parameters: {}, forSymbol: () => ({ decide: () => HOLD }) };
  const traded = { ...market, experiment, calendar: calendarNamed(market.calendar) };
  return rulesSession(
    traded,
    rulesBy(experiment, () => silent),
    null,
  ).strategy;
}

/** Whether an experiment can be traded with a set of parameters. @throws InputError that says why it cannot */
export function requireTradable(experiment: Experiment, parameters: RuleParameters): void {
  rulesOf(withParameters(experiment, parameters));
}

/** Identity of a trial: everything that decides what it does, but the data. */
export function trialHashOf(searched: Searched, parameters: RuleParameters): string {
  // What `backtest` of such an experiment is recorded as.
  if (searched.kind === 'experiment') return rulesOf(withParameters(searched.experiment, parameters)).hash;
  const { strategy, rules } = searched;
  const { name, parameters: resolved, fileHash } = namedStrategy(strategy, parameters);
  const { actions = null } = rules;
  // A file is its text, wherever it lies.
  const made = fileHash === undefined ? { strategy } : { strategy: name, file: fileHash };
  return hashOf({ kind: 'rule trial', ...made, parameters: resolved, ...tradingOf(rules), actions });
}

/** Hashes of finer bars: one set serves every trial. */
const fineHashes = new WeakMap<object, string>();

/** How rules trade, beside the data: of finer bars, which are no columns of it, the hash alone. */
export function tradingOf({ bars: _bars, actions: _actions, fine, ...settings }: TradedRules): object {
  if (fine === undefined) return settings;
  const hash = fineHashes.get(fine) ?? dataHash(fine.filter((one) => one !== undefined));
  fineHashes.set(fine, hash);
  return { ...settings, fine: hash };
}

/** What is searched, for people: the strategy, or the experiment. */
export function titleOf(searched: Searched): string {
  return searched.kind === 'experiment' ? searched.experiment.name : searched.strategy;
}

/** What trials are recorded as: the dot keeps the name of a strategy apart from those of experiments. */
export function recordedNameOf(searched: Searched): string {
  return searched.kind === 'experiment' ? searched.experiment.name : `${basename(searched.strategy, '.ts')}.rules`;
}

/** The bars that are traded. */
export function barsOf(searched: Searched): readonly BarColumns[] {
  return searched.kind === 'experiment' ? searched.market.bars : searched.rules.bars;
}

/** Splits and dividends after the first of those bars, which strategies do not see; prices have the earlier ones. */
export function actionsOf(searched: Searched): SessionActions | undefined {
  const { bars, actions } = searched.kind === 'experiment' ? searched.market : searched.rules;
  return actions === undefined ? undefined : actionsFrom(actions, bars);
}

/** Their calendar. */
export function calendarOf(searched: Searched): Calendar {
  return calendarNamed(searched.kind === 'experiment' ? searched.market.calendar : searched.rules.calendar);
}

/** The same over the bars of one span, ends included. */
export function within(searched: Searched, fromMs: number, toMs: number): Searched {
  return searched.kind === 'experiment'
    ? { ...searched, market: spanOf(searched.market, fromMs, toMs) }
    : { ...searched, rules: spanOf(searched.rules, fromMs, toMs) };
}

/** What has bars, over those of one span. */
export function spanOf<Traded extends { readonly bars: readonly BarColumns[] }>(
  traded: Traded,
  fromMs: number,
  toMs: number,
): Traded {
  return { ...traded, bars: traded.bars.map((one) => barsWithin(one, fromMs, toMs)) };
}
