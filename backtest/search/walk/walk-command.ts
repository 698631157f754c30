import { basename } from 'node:path';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { hashOf } from '../../../infra/hash.ts';
import { dataHash } from '../../../pipelines/bars/bar-fingerprint.ts';
import { dataOfFiles, readRuleBars, requireBars, ruleSettings } from '../../run/rule-settings.ts';
import { parseWhole } from '../../run/number-options.ts';
import { ruleSearchOf, type RuleSearchOptions } from '../rules/rule-search-options.ts';
import { sharedBars, sharedFine } from '../rules/run-trials.ts';
import type { TradedRules } from '../rules/rule-trial.ts';
import { tradingOf } from '../rules/searched.ts';
import { runRuleWalk } from './run-rule-walk.ts';
import { walkWindows, type WalkLengths } from './walk-windows.ts';

/** Options of `walk-forward --strategy`. */
export interface WalkCommandOptions extends RuleSearchOptions {
  readonly trainBars?: string;
  readonly testBars?: string;
  readonly anchored?: boolean;
}

/** `walk-forward --bars FILE --strategy NAME --range ...`: every option is checked before the file is read. */
export async function walkCommand(
  context: CommandContext,
  options: WalkCommandOptions,
  strategy: string,
): Promise<CommandOutput> {
  const files = requireBars(options, strategy);
  const { space, search } = ruleSearchOf(options, strategy);
  const lengths = lengthsOf(options);
  const settings = ruleSettings(options);
  const { taken, ...read } = await readRuleBars(options, files);
  const bars = read.bars.map(sharedBars);
  const rules: TradedRules = {
    ...{ ...settings, calendar: settings.calendar.name, bars },
    ...{ fine: sharedFine(read.fine), actions: read.actions },
  };
  const design = { strategy, search, ranges: space.axes, lengths, trading: tradingOf(rules) };
  return runRuleWalk(context, {
    searched: { kind: 'strategy', strategy, rules },
    ...{ space, search, windows: walkWindows(bars, lengths), dataHash: dataHash(bars) },
    experimentHash: hashOf({ kind: 'rule walk-forward', ...design }),
    name: basename(strategy, '.ts'),
    source: JSON.stringify(design, null, 1),
    data: dataOfFiles(files, taken),
    costs: settings.costs,
    currency: 'USD',
    taken,
    session: null,
  });
}

/** InputError names the length that is missing or wrong. */
function lengthsOf({ trainBars, testBars, anchored = false }: WalkCommandOptions): WalkLengths {
  const length = (text: string | undefined, option: string): number => {
    if (text === undefined) throw new InputError(`A rule strategy needs ${option}.`, `Give ${option} N, in bars.`);
    const value = parseWhole(text, option);
    if (value < 2) throw new InputError(`${option} ${text} is below 2.`, 'Correct the value.');
    return value;
  };
  return { trainBars: length(trainBars, '--train-bars'), testBars: length(testBars, '--test-bars'), anchored };
}
