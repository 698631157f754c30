import { stringify } from 'yaml';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { requireOwnOutput } from '../../../infra/files/output-file.ts';
import { experimentPath } from '../../../models/experiment/experiment-names.ts';
import { experimentHash } from '../../../models/experiment/load-experiment.ts';
import { takenText } from '../../../pipelines/sources/files/taken.ts';
import type { OptimizeOptions } from '../optimize-command.ts';
import { ruleSearchText } from '../rules/rule-search-text.ts';
import { runRuleSearch } from '../rules/run-rule-search.ts';
import { writeChosen } from '../write-chosen.ts';
import { askedExperiment, searchedExperiment } from './asked-experiment.ts';

/** `optimize EXPERIMENT` where the experiment is of rules alone. */
export async function searchExperimentCommand(
  context: CommandContext,
  options: OptimizeOptions,
  name: string,
): Promise<CommandOutput> {
  const { experiment: asked, space, search } = await askedExperiment(context, options, name);
  await requireOwnOutput({ option: '--write', path: options.write }, [
    { option: 'EXPERIMENT', path: experimentPath(name) },
    ...(options.bars ?? []).map((path) => ({ option: '--bars', path })),
    { option: 'data.path', path: asked.data.path },
    { option: 'data.actions', path: asked.data.actions },
    { option: '--config', path: options.config },
  ]);
  const { market, searched } = await searchedExperiment(context, options, asked);
  const { experiment, ingested } = market;
  const { result, document, report } = await runRuleSearch(context, {
    ...{ searched, space, search, dataHash: ingested.dataHash, experimentHash: experimentHash(experiment) },
    name: `optimize-${experiment.name}`,
    data: {
      title: ingested.series.map(({ symbol }) => symbol).join(', '),
      statement: market.sourceStatement,
      trading: { experiment: stringify(experiment) },
    },
    costs: experiment.costs,
    more: { experiment: experiment.name, ...(ingested.taken === null ? {} : { taken: ingested.taken }) },
  });
  const { write } = options;
  if (write !== undefined)
    await writeChosen(write, { experiment, barsFiles: options.bars, parameters: result.parameters });
  const more = [
    ...(ingested.taken === null ? [] : [takenText(ingested.taken)]),
    ...(write === undefined ? [] : [`The experiment with these parameters is in ${write}.`]),
  ];
  return { value: { ...document, report }, text: () => [ruleSearchText(result, report), ...more].join('\n') };
}
