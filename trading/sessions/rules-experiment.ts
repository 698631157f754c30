import type { Timeframe } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import { hashOf } from '../../infra/hash.ts';
import { executionBy } from '../../models/experiment/execution/named-executions.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { experimentHash } from '../../models/experiment/load-experiment.ts';
import type { MarketData } from '../../models/experiment/market-data.ts';
import { marketHours } from '../../pipelines/calendars/market-hours.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { createSizer } from '../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../signals/signal-validator.ts';
import { allocateStrategies } from '../strategies/allocated/allocate-strategies.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { HOLD, type Strategy } from '../strategies/strategy.ts';
import { experimentSession, type TradedExperiment } from './experiment-session.ts';
import type { HistoricalSessionOptions } from './historical-session.ts';
import { actionsFrom, sessionRules } from './session-rules.ts';
import type { SessionDefinition } from './session-store.ts';
import type { StoredTraining } from '../../models/registry/stored-training.ts';

type StrategyEntry = NonNullable<Experiment['strategies']>[number];

/** A strategy that an experiment names; null for its ensemble, which is made of predictions. */
type Named = readonly [entry: StrategyEntry, strategy: Strategy | null];

/** The strategies of an experiment's `strategies`, and what they are: the text of a file counts, not its name. */
export interface ExperimentRules {
  readonly named: readonly [Named, ...Named[]];
  /** The experiment's model is one of them. */
  readonly learns: boolean;
  readonly hash: string;
}

/**
 * Loads the strategies that an experiment names under `strategies`. The compiler of files is loaded where one is named.
 * @param deadline seconds that one decision of a file may take, as given to `--deadline`
 * @throws InputError for mistakes of a file as file:line:column, or for a parameter.
 */
export async function experimentRules(experiment: Experiment, deadline?: string): Promise<ExperimentRules> {
  const deadlineSeconds = deadline === undefined ? undefined : Number(deadline);
  const hasFile = experiment.strategies?.some(({ file }) => file !== undefined) ?? false;
  if (deadline !== undefined && !hasFile) throw noFile();
  const own = hasFile ? await import('../strategies/own/load-own-strategy.ts') : null;
  return rulesBy(experiment, ({ file, kind, parameters }) =>
    file === undefined
      ? createRuleStrategy(kind!, parameters)
      : own!.loadOwnStrategy(file, { parameters, deadlineSeconds }),
  );
}

/**
 * The same, where the caller makes the strategies, those of files with the hash of their text.
 * @throws InputError that names the place of the strategy among those of the experiment
 */
export function rulesBy(
  experiment: Experiment,
  make: (entry: StrategyEntry) => Strategy & { readonly fileHash?: string },
): ExperimentRules {
  const named: Named[] = [];
  const texts: string[] = [];
  for (const [at, entry] of (experiment.strategies ?? []).entries()) {
    if (entry.kind === 'ensemble') {
      named.push([entry, null]);
      continue;
    }
    const strategy = inPlace(entry, at, make);
    named.push([entry, strategy]);
    if (strategy.fileHash !== undefined) texts.push(strategy.fileHash);
  }
  const [first, ...others] = named;
  if (first === undefined) throw new InputError(`${experiment.name} names no strategies.`, 'Add strategies.');
  if (hasAccountToItself(experiment)) requireUnlimited(first);
  return {
    named: [first, ...others],
    learns: named.some(([, strategy]) => strategy === null),
    // Only where it is asked for: most trials of a search are not.
    get hash() {
      const hash = experimentHash(experiment);
      return texts.length === 0 ? hash : hashOf([hash, ...texts]);
    },
  };
}

/** The same; null where the experiment names none, and its model trades by itself. */
export async function rulesOf(experiment: Experiment, deadline?: string): Promise<ExperimentRules | null> {
  if (experiment.strategies !== undefined) return experimentRules(experiment, deadline);
  if (deadline !== undefined) throw noFile();
  return null;
}

/** A deadline is given where no strategy is a file. */
export function noFile(): InputError {
  return new InputError('--deadline would do nothing: no strategy of the experiment is a file.', 'Leave it out.');
}

function inPlace<Made>(entry: StrategyEntry, at: number, make: (entry: StrategyEntry) => Made): Made {
  try {
    return make(entry);
  } catch (error) {
    // Mistakes of a file name it and their lines.
    if (!(error instanceof InputError) || entry.file !== undefined) throw error;
    throw new InputError(`strategies[${at}]: ${error.message}`, error.remedy, error);
  }
}

/** One strategy with all of the account, on the session's bars, under the session's limits alone. */
export function hasAccountToItself({ strategies = [] }: Pick<Experiment, 'strategies'>): boolean {
  const [first] = strategies;
  if (strategies.length !== 1 || first === undefined) return false;
  return first.allocation === 1 && first.timeframe === undefined && first.limits === undefined;
}

/** A strategy that has the account to itself decides on every symbol of the session unless it is a rule of each. */
function requireUnlimited([{ file, kind, symbols }, strategy]: Named): void {
  if (symbols === undefined) return;
  if (file !== undefined) {
    throw new InputError('strategies[0].symbols: a file decides on every symbol that it is given', 'Leave it out.');
  }
  if (strategy!.forSession === undefined) return;
  throw new InputError(
    `strategies[0].symbols: ${kind} decides on every symbol of the session`,
    'Leave it out, and name the symbols in the universe.',
  );
}

/** The same rule for some symbols; the others hold. */
function limitedTo(rule: Strategy, symbols: readonly string[]): Strategy {
  const silent = { decide: () => HOLD, save: () => null, restore: () => undefined };
  return { ...rule, forSymbol: (symbol) => (symbols.includes(symbol) ? rule.forSymbol(symbol) : silent) };
}

/** What a session's strategy is made with. */
interface SessionParts extends Pick<
  HistoricalSessionOptions,
  'sizing' | 'limits' | 'signals' | 'barsPerYear' | 'dayOf'
> {
  readonly market: Pick<TradedExperiment, 'experiment' | 'calendar' | 'instruments'>;
  /** The experiment's ensemble, where it is one of the strategies. */
  readonly model: Strategy | null;
}

/** What a session of rules trades. */
interface RulesMarket extends TradedExperiment {
  /** `barsPerYear` of the bars, where many sessions of them are made: every close of them is looked at for it. */
  readonly barsPerYear?: number | undefined;
}

/** The strategies of an experiment as the one that its session asks. */
function sessionStrategy({ named }: ExperimentRules, parts: SessionParts): Strategy {
  const { experiment, calendar, instruments } = parts.market;
  const [[{ symbols: only }, first]] = named;
  if (hasAccountToItself(experiment)) return only === undefined ? first! : limitedTo(first!, only);
  const { sizing, limits, signals, barsPerYear = 252, dayOf } = parts;
  const rules = { ...OPEN_SIGNAL_RULES, ...signals };
  return allocateStrategies({
    strategies: named.map(([entry, strategy]) => ({
      name: entry.name,
      strategy: strategy ?? parts.model!,
      allocation: entry.allocation,
      symbols: entry.symbols,
      timeframe: entry.timeframe === experiment.data.timeframe ? undefined : (entry.timeframe as Timeframe | undefined),
      limits: entry.limits ?? { positionFraction: 1, exposureFraction: 1 },
      execution: executionBy(experiment, entry),
    })),
    sizer: () => createSizer(sizing, { symbols: instruments.length, barsPerYear }),
    rules: { ...rules, minimumConfidence: Math.max(rules.minimumConfidence, limits.minimumConfidence) },
    dayOf,
    rebalanced: experiment.rebalance ?? 'never',
    hours: marketHours(calendar),
  });
}

/**
 * The session of an experiment's strategies: over all of its bars, or, where its ensemble is one of them, from the
 * first out-of-sample decision on, for all of them.
 */
export function rulesSession(
  market: RulesMarket,
  rules: ExperimentRules,
  trained: Pick<StoredTraining, 'folds' | 'predictions'> | null,
): HistoricalSessionOptions {
  const session = trained === null ? plainSession(market) : experimentSession(market, { ...trained, plan: trained });
  const model = trained === null ? null : session.strategy;
  return { ...session, strategy: sessionStrategy(rules, { ...session, market, model }) };
}

function plainSession(market: RulesMarket): HistoricalSessionOptions {
  const { experiment, bars, instruments, calendar } = market;
  return {
    bars,
    instruments,
    strategy: NO_STRATEGY,
    broker: simulatedBroker(experiment.costs),
    fine: market.fine,
    ...sessionRules(experiment, bars, calendar, market.barsPerYear),
    actions: actionsFrom(market.actions, bars),
  };
}

/** Takes its place until the strategies are there. */
const NO_STRATEGY: Strategy = { name: 'none', parameters: {}, forSymbol: () => ({ decide: () => HOLD }) };

/** Identity of such a session: everything that decides what it does. */
export function rulesDefinition(
  { experiment, ingested, finer, instruments }: Pick<MarketData, 'experiment' | 'ingested' | 'finer' | 'instruments'>,
  { rules, trained }: { rules: ExperimentRules; trained: Pick<StoredTraining, 'trainingHash'> | null },
  kind: SessionDefinition['kind'],
): SessionDefinition {
  const hash = trained === null ? rules.hash : hashOf([rules.hash, trained.trainingHash]);
  return {
    id: `${kind}-${experiment.name}-${ingested.dataHash.slice(0, 8)}-${hash.slice(0, 8)}`,
    kind,
    symbols: instruments.map(({ symbol }) => symbol),
    capital: experiment.capital,
    experiment: experiment.name,
    definition: {
      experimentHash: hash,
      dataHash: ingested.dataHash,
      ...(finer === null ? {} : { fineDataHash: finer.dataHash }),
    },
  };
}
