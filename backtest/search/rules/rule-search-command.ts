import { basename } from 'node:path';
import { availableParallelism } from 'node:os';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { dataHash } from '../../../pipelines/bars/bar-fingerprint.ts';
import { marketDays } from '../../../pipelines/calendars/market-days.ts';
import { takenText } from '../../../pipelines/sources/files/taken.ts';
import { readHistory } from '../../judgement/trial-store.ts';
import { versionsNow, type RunRecord } from '../../report/run-record.ts';
import { keepReport } from '../../report/keep-report.ts';
import { readRuleBars, requireBars, ruleSettings } from '../../run/rule-settings.ts';
import { isoTime } from '../../statistics/performance.ts';
import { countedRun } from './run-counted.ts';
import { renderSearchReport } from './rule-search-report.ts';
import { ruleSearchOf, type RuleSearchOptions } from './rule-search-options.ts';
import { ruleSearchResult, type SearchedBars } from './rule-search-result.ts';
import { ruleSearchText } from './rule-search-text.ts';
import { searchRules } from './rule-search.ts';
import { sharedBars, sharedFine } from './run-trials.ts';
import type { TradedRules } from './rule-trial.ts';

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
  const rules: TradedRules = {
    ...{ ...settings, calendar: settings.calendar.name, bars },
    ...{ fine: sharedFine(read.fine), actions: read.actions },
  };
  const database = await context.database();
  const { progress, signal, config } = context;
  const total = search.method === 'grid' ? space.all().length : Math.min(search.trials, space.size);
  const stage = progress.stage(`optimize ${strategy} by ${search.method}`, total);
  let done = 0;
  const run = countedRun({
    ...{ strategy, rules, database, signal, dataHash: dataHash(bars) },
    threads: config.workers ?? availableParallelism(),
    onDone: (trials) => {
      done += trials;
      stage.advance(trials);
    },
  });
  const tried = await searchRules(space, search, run).catch((error: unknown) => {
    if (signal.aborted) progress.note(stoppedText(done, total));
    throw error;
  });
  stage.done(`${tried.length} trials`);
  const history = await readHistory(database, dataHash(bars));
  const found = { space, search, tried };
  const result = ruleSearchResult(found, searchedBars(rules, settings.calendar), { history, heatMap: options.heatMap });
  const document = { ...result, taken };
  const page = await renderSearchReport(result, { files, statement: takenText(taken), rules });
  const name = `optimize-${basename(strategy, '.ts')}-${bars[0]!.symbol.replace(/[^A-Za-z0-9]+/g, '-')}`;
  const json = JSON.stringify(document);
  const record: RunRecord = {
    ...{ kind: 'search', title: name, currency: null, session: null, data: null, costs: { ...settings.costs } },
    hashes: { experiment: null, data: dataHash(bars), features: null, training: null },
    versions: versionsNow(),
    made: new Date(context.clock()).toISOString(),
  };
  const report = await keepReport({ dataDir: config.dataDir, name, html: page, result: json, record });
  return { value: { ...document, report }, text: () => `${ruleSearchText(result, report)}\n${takenText(taken)}` };
}

/** What a search says when it is stopped. */
const stoppedText = (done: number, total: number): string =>
  `stopped: ${done} of ${total} trials are recorded and count; the same command goes on from them`;

/** How many bars there are, and from when to when. */
export function searchedBars(
  { bars }: Pick<TradedRules, 'bars'>,
  calendar: Parameters<typeof marketDays>[0],
): SearchedBars {
  const first = Math.min(...bars.map(({ closeTimeMs }) => closeTimeMs[0]!));
  const last = Math.max(...bars.map(({ closeTimeMs }) => closeTimeMs.at(-1)!));
  return {
    bars: bars.reduce((sum, { length }) => sum + length, 0),
    from: isoTime(first),
    to: isoTime(last),
    market: marketDays(calendar, bars),
  };
}
