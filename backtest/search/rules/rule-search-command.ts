import { basename } from 'node:path';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { dataHash } from '../../../pipelines/bars/bar-fingerprint.ts';
import { takenText } from '../../../pipelines/sources/files/taken.ts';
import { readRuleBars, requireBars, ruleSettings } from '../../run/rule-settings.ts';
import { ruleSearchOf, type RuleSearchOptions } from './rule-search-options.ts';
import { ruleSearchText } from './rule-search-text.ts';
import { runRuleSearch } from './run-rule-search.ts';
import { sharedBars, sharedFine } from './run-trials.ts';

/** `optimize --bars FILE --strategy NAME --range ...`: every option is checked before the file is read. */
export async function ruleSearchCommand(
  context: CommandContext,
  options: RuleSearchOptions,
  strategy: string,
): Promise<CommandOutput> {
  const files = requireBars(options, strategy);
  const { space, search } = ruleSearchOf(options, strategy);
  const settings = ruleSettings(options);
  const { taken, ...read } = await readRuleBars(options, files);
  const bars = read.bars.map(sharedBars);
  const trading = { ...settings, calendar: settings.calendar.name };
  const rules = { ...trading, bars, fine: sharedFine(read.fine), actions: read.actions };
  const { result, document, report } = await runRuleSearch(context, {
    searched: { kind: 'strategy', strategy, rules },
    ...{ space, search, heatMap: options.heatMap, dataHash: dataHash(bars), experimentHash: null },
    name: `optimize-${basename(strategy, '.ts')}-${bars[0]!.symbol.replace(/[^A-Za-z0-9]+/g, '-')}`,
    data: { title: files.join(', '), statement: takenText(taken), trading },
    costs: settings.costs,
    more: { taken },
  });
  return { value: { ...document, report }, text: () => `${ruleSearchText(result, report)}\n${takenText(taken)}` };
}
