import { stringify } from 'yaml';
import type { CommandContext } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { hashOf } from '../../../infra/hash.ts';
import type { Experiment } from '../../../models/experiment/experiment.ts';
import { experimentHash } from '../../../models/experiment/load-experiment.ts';
import type { MarketData } from '../../../models/experiment/market-data.ts';
import type { SessionDefinition } from '../../../trading/sessions/session-store.ts';
import type { ExperimentOptions } from '../../command-options.ts';
import type { AskedExperiment } from './asked-experiment.ts';
import { askedExperiment, searchedExperiment } from './asked-experiment.ts';
import type { KeptOutput } from '../../report/keep-report.ts';
import { dataOfMarket } from '../../run/rules-command.ts';
import { runRuleWalk } from '../walk/run-rule-walk.ts';
import { splitWindows } from '../walk/walk-windows.ts';

/** `walk-forward EXPERIMENT` where the experiment is of rules alone: windows by `splits`, parameters by `search`. */
export async function walkExperimentCommand(
  context: CommandContext,
  options: ExperimentOptions,
  name: string,
): Promise<KeptOutput> {
  const { experiment: asked, space, search } = await askedExperiment(context, options, name);
  requireParameters(asked, space);
  const { market, searched } = await searchedExperiment(context, options, asked);
  const { experiment, ingested, instruments } = market;
  const windows = splitWindows(searched.market.bars, experiment.splits);
  const design = { experiment: experimentHash(experiment), search, ranges: space.axes };
  const hash = hashOf({ kind: 'rule walk-forward', ...design });
  return runRuleWalk(context, {
    ...{ searched, space, search, windows, dataHash: ingested.dataHash },
    experimentHash: hash,
    session: walkDefinition(market, hash),
    name: experiment.name,
    source: stringify(experiment),
    data: dataOfMarket(market),
    costs: experiment.costs,
    currency: instruments[0]!.currency,
    taken: ingested.taken,
  });
}

/** What the session over all tests is kept as. */
function walkDefinition({ experiment, ingested, finer, instruments }: MarketData, hash: string): SessionDefinition {
  const { name, capital } = experiment;
  const { dataHash } = ingested;
  return {
    id: `walk-forward-${name}-${dataHash.slice(0, 8)}-${hash.slice(0, 8)}`,
    kind: 'backtest',
    symbols: instruments.map(({ symbol }) => symbol),
    ...{ capital, experiment: name },
    definition: { experimentHash: hash, dataHash, ...(finer === null ? {} : { fineDataHash: finer.dataHash }) },
  };
}

/** From window to window a strategy changes; how it is sized and protected stays. */
function requireParameters({ name }: Experiment, { axes }: AskedExperiment['space']): void {
  const other = axes.find((axis) => !/^strategies\.[^.]+\.parameters\./.test(axis.name));
  if (other === undefined) return;
  throw new InputError(
    `${name}: search.space.${other.name}: a walk chooses parameters of a strategy from window to window, and the rest stays.`,
    'Leave it out of search.space, or search it by `optimize`.',
  );
}
