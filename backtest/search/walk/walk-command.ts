import { basename } from 'node:path';
import { availableParallelism } from 'node:os';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { hashOf } from '../../../infra/hash.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { dataHash } from '../../../pipelines/bars/bar-fingerprint.ts';
import { takenText } from '../../../pipelines/sources/files/taken.ts';
import { keepTrials, readHistory, recordTrials } from '../../judgement/trial-store.ts';
import { keepReport } from '../../report/keep-report.ts';
import type { ReportInput } from '../../report/report-input.ts';
import { runRecord } from '../../report/run-record.ts';
import { renderReport } from '../../report/render-report.ts';
import { toldWords } from '../../report/told-words.ts';
import { dataOfFiles, readRuleBars, requireBars, ruleSettings } from '../../run/rule-settings.ts';
import { parseWhole } from '../../run/number-options.ts';
import { terminalText } from '../../run/terminal.ts';
import { countedRun, tradingOf, unrecordedTrials, type CountedTrials, type TriedRule } from '../rules/run-counted.ts';
import { ruleSearchOf, type RuleSearchOptions } from '../rules/rule-search-options.ts';
import { sharedBars, sharedFine } from '../rules/run-trials.ts';
import type { SearchOfRules } from '../rules/rule-search.ts';
import type { RuleSpace } from '../rules/rule-space.ts';
import type { TradedRules } from '../rules/rule-trial.ts';
import { InputError } from '../../../infra/errors.ts';
import { analyseTests, evaluateTests, walkResult } from './walk-result.ts';
import { tradeTests, walkRules, type WalkedFold } from './walk-rules.ts';
import { walkMarkup, walkText } from './walk-sections.ts';
import { walkWindows, type WalkLengths, type WalkWindow } from './walk-windows.ts';

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
  if (options.actions !== undefined) {
    throw new InputError('--actions: windows of rules know no splits and dividends.', 'Give bars that are adjusted.');
  }
  const settings = ruleSettings(options);
  const { taken, ...read } = await readRuleBars(options, files);
  const bars = read.bars.map(sharedBars);
  const rules: TradedRules = {
    ...{ ...settings, calendar: settings.calendar.name, bars },
    ...{ fine: sharedFine(read.fine), actions: read.actions },
  };
  const windows = walkWindows(bars, lengths);
  const database = await context.database();
  const { signal, config } = context;
  const counted = {
    ...{ strategy, rules, signal, dataHash: dataHash(bars), database },
    threads: config.workers ?? availableParallelism(),
  };
  const { walked, trials } = await chooseInWindows(context, counted, { space, search, windows });
  const tests = tradeTests(strategy, rules, walked);
  const evaluation = evaluateTests(tests, search.seed);
  const symbols = bars.map(({ symbol }) => symbol);
  const own = {
    dataHash: counted.dataHash,
    experimentName: `${basename(strategy, '.ts')}.rules (walk-forward)`,
    symbols,
  };
  const trading = tradingOf(rules);
  const design = { strategy, search, ranges: space.axes, lengths, trading };
  const experimentHash = hashOf({ kind: 'rule walk-forward', ...design });
  await recordTrials(database, [
    ...(await unrecordedTrials(counted, trials)),
    { ...evaluation.record, ...own, experimentHash },
  ]);
  const history = await readHistory(database, counted.dataHash);
  const analysis = analyseTests(tests, evaluation, search.seed);
  const result = walkResult({ folds: walked, tests, search }, { evaluation, analysis, history, rules });
  const report: ReportInput = {
    ...{ title: `${strategy}, walked forward`, description: '', result, evaluation, analysis, currency: 'USD' },
    data: dataOfFiles(files, taken),
    costs: settings.costs,
    source: JSON.stringify(design, null, 1),
    identification: [],
    writtenAtMs: null,
    more: [walkMarkup(result.walkForward)],
  };
  const document = { ...result, ...toldWords(evaluation.session), taken };
  const name = `walk-forward-${basename(strategy, '.ts')}-${symbols[0]!.replace(/[^A-Za-z0-9]+/g, '-')}`;
  const html = await renderReport(report);
  const hashes = { experiment: experimentHash, data: counted.dataHash };
  const record = runRecord(report, { kind: 'walk-forward', madeAtMs: context.clock(), hashes });
  const kept = { dataDir: config.dataDir, name, html, record };
  const reportPath = await keepReport({ ...kept, result: JSON.stringify(document) });
  return {
    value: { ...document, report: reportPath },
    text: () => {
      const text = terminalText(report, { color: process.stdout.isTTY === true, reportPath, model: null });
      return `${walkText(result.walkForward)}\n\n${text}\n${takenText(taken)}`;
    },
  };
}

/** Searches every window; where it is stopped, the configurations that were tried are recorded and count. */
async function chooseInWindows(
  { progress, signal }: CommandContext,
  counted: CountedTrials & { readonly database: Database },
  { space, search, windows }: { space: RuleSpace; search: SearchOfRules; windows: readonly WalkWindow[] },
): Promise<{ walked: WalkedFold[]; trials: readonly TriedRule[] }> {
  const each = search.method === 'grid' ? space.all().length : Math.min(search.trials, space.size);
  const stage = progress.stage(`walk ${space.strategy} forward, ${windows.length} windows`, each * windows.length);
  // The newest window's record of each configuration is what it counts with.
  const trials = new Map<string, TriedRule>();
  const onDone = (done: number): void => stage.advance(done);
  try {
    const walked = await walkRules(space, {
      ...{ rules: counted.rules, windows, search },
      runOver: (trained) => async (parameters) => {
        const found = await countedRun({ ...counted, rules: trained, database: null, onDone })(parameters);
        found.forEach((trial, at) => trials.set(hashOf(parameters[at]), { parameters: parameters[at]!, trial }));
        return found;
      },
    });
    stage.done(`${trials.size} configurations`);
    return { walked, trials: [...trials.values()] };
  } catch (error) {
    await keepTrials(counted.database, await unrecordedTrials(counted, [...trials.values()]));
    if (signal.aborted) progress.note(`stopped: ${trials.size} configurations were tried, are recorded and count`);
    throw error;
  }
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
