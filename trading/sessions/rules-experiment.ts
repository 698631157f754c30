import { InputError } from '../../infra/errors.ts';
import { hashOf } from '../../infra/hash.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { experimentHash } from '../../models/experiment/load-experiment.ts';
import type { MarketData } from '../../models/experiment/market-data.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { HOLD, type Strategy } from '../strategies/strategy.ts';
import type { TradedExperiment } from './experiment-session.ts';
import type { HistoricalSessionOptions } from './historical-session.ts';
import { actionsFrom, sessionRules } from './session-rules.ts';
import type { SessionDefinition } from './session-store.ts';

/** The strategy of an experiment's `strategies`, and what it is: the text of a file counts, not its name. */
export interface ExperimentRules {
  readonly strategy: Strategy;
  readonly hash: string;
}

/**
 * Loads the strategy that an experiment names under `strategies`. The compiler of files is loaded where one is named.
 * @throws InputError for mistakes of the file as file:line:column, or for a parameter.
 */
export async function experimentRules(experiment: Experiment, deadlineSeconds?: number): Promise<ExperimentRules> {
  const [entry] = experiment.strategies ?? [];
  if (entry === undefined) throw new InputError(`${experiment.name} names no strategies.`, 'Add strategies.');
  const { file, kind, parameters, symbols } = entry;
  if (file !== undefined) {
    const { loadOwnStrategy } = await import('../strategies/own/load-own-strategy.ts');
    const own = loadOwnStrategy(file, { parameters, deadlineSeconds });
    if (symbols !== undefined) {
      throw new InputError('strategies[0].symbols: a file decides on every symbol that it is given', 'Leave it out.');
    }
    return { strategy: own, hash: hashOf([experimentHash(experiment), own.fileHash]) };
  }
  const rule = createRuleStrategy(kind!, parameters);
  if (symbols !== undefined && rule.forSession !== undefined) {
    throw new InputError(
      `strategies[0].symbols: ${kind} decides on every symbol of the session`,
      'Leave it out, and name the symbols in the universe.',
    );
  }
  return { strategy: symbols === undefined ? rule : limitedTo(rule, symbols), hash: experimentHash(experiment) };
}

/** The same rule for some symbols; the others hold. */
function limitedTo(rule: Strategy, symbols: readonly string[]): Strategy {
  const silent = { decide: () => HOLD };
  return { ...rule, forSymbol: (symbol) => (symbols.includes(symbol) ? rule.forSymbol(symbol) : silent) };
}

/** The session of an experiment's rules over all of its bars. */
export function rulesSession(market: TradedExperiment, strategy: Strategy): HistoricalSessionOptions {
  const { experiment, bars, instruments, calendar } = market;
  return {
    bars,
    instruments,
    strategy,
    broker: simulatedBroker(experiment.costs),
    ...sessionRules(experiment, bars, calendar),
    actions: actionsFrom(market.actions, bars),
  };
}

/** Identity of such a session: everything that decides what it does. */
export function rulesDefinition(
  { experiment, ingested, instruments }: Pick<MarketData, 'experiment' | 'ingested' | 'instruments'>,
  hash: string,
  kind: SessionDefinition['kind'],
): SessionDefinition {
  return {
    id: `${kind}-${experiment.name}-${ingested.dataHash.slice(0, 8)}-${hash.slice(0, 8)}`,
    kind,
    symbols: instruments.map(({ symbol }) => symbol),
    capital: experiment.capital,
    experiment: experiment.name,
    definition: { experimentHash: hash, dataHash: ingested.dataHash },
  };
}
