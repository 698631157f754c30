import type { CommandContext } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { checkedExperiment } from '../../../models/experiment/checked-experiment.ts';
import type { Experiment } from '../../../models/experiment/experiment.ts';
import { experimentPath } from '../../../models/experiment/experiment-names.ts';
import { ingestMarketData, loadBars, type MarketData } from '../../../models/experiment/market-data.ts';
import { RULE_OBJECTIVES } from '../../../models/search/rule-search-schema.ts';
import type { SearchSection } from '../../../models/search/search-schema.ts';
import { systemVendorAccess } from '../../../pipelines/vendors/vendor-access.ts';
import { barsFilesOf, type ExperimentOptions } from '../../command-options.ts';
import { requireSearchable, wayOf } from '../rules/rule-search-options.ts';
import { RuleSpace } from '../rules/rule-space.ts';
import type { SearchOfRules } from '../rules/rule-search.ts';
import { sharedBars, sharedFine } from '../rules/run-trials.ts';
import { requireTradable, type SearchedExperiment } from '../rules/searched.ts';
import { searchedAxes } from './searched-axes.ts';

/** What the command line may say of a search besides. */
export interface SearchOptions extends ExperimentOptions {
  readonly method?: string;
  readonly trials?: string;
}

/** An experiment of rules with everything that its search is about. */
export interface AskedExperiment {
  readonly experiment: Experiment;
  readonly space: RuleSpace;
  readonly search: SearchOfRules;
}

/**
 * Reads an experiment of rules and its `search`: everything is looked at before a database is opened.
 * @throws InputError with the key that is wrong
 */
export async function askedExperiment(
  context: CommandContext,
  options: SearchOptions,
  name: string,
): Promise<AskedExperiment> {
  const files = { ...barsFilesOf(options), vendors: systemVendorAccess(context.config.vendors) };
  const experiment = await checkedExperiment(experimentPath(name), { ...files, rules: true });
  const section = experiment.search;
  if (section === null) {
    const [strategy] = experiment.strategies!;
    throw new InputError(
      `${name} has no search section, so there is nothing to try.`,
      `Add one: search: { space: { strategies.${strategy.name}.parameters.KEY: { int: [5, 50], step: 5 } } }`,
    );
  }
  const search = searchOf(section, options);
  const space = new RuleSpace(experiment.name, searchedAxes(section), {
    check: (given) => requireTradable(experiment, given),
  });
  requireSearchable(
    space,
    search.method,
    'Take larger steps in search.space, or set search.method to random, genetic or sequential.',
  );
  return { experiment, space, search };
}

function searchOf(section: SearchSection, options: SearchOptions): SearchOfRules {
  const objective = RULE_OBJECTIVES.find((one) => one === section.objective) ?? RULE_OBJECTIVES[0];
  const constraints = section.constraints ?? {};
  return { ...wayOf(options, section), objective, constraints, seed: section.seed };
}

/** Brings the bars of an experiment in, and into memory that threads share. */
export async function searchedExperiment(
  context: CommandContext,
  options: ExperimentOptions,
  experiment: Experiment,
): Promise<{ readonly market: MarketData; readonly searched: SearchedExperiment }> {
  const { progress, signal } = context;
  const files = { ...barsFilesOf(options), vendors: systemVendorAccess(context.config.vendors) };
  const database = await context.database();
  const market = await ingestMarketData(database, { experiment, ...files, progress, signal });
  const { bars, fine, actions } = await loadBars(database, market.reference);
  const shared = { bars: bars.map(sharedBars), fine: sharedFine(fine), actions };
  return {
    market,
    searched: {
      kind: 'experiment',
      experiment: market.experiment,
      market: { ...shared, instruments: market.instruments, calendar: market.calendar.name },
    },
  };
}
