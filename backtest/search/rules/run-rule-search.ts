import { availableParallelism } from 'node:os';
import type { CommandContext } from '../../../infra/command.ts';
import type { BarColumns } from '../../../features/bar.ts';
import type { Calendar } from '../../../pipelines/calendars/calendar.ts';
import { marketDays } from '../../../pipelines/calendars/market-days.ts';
import { countTrials, readHistory } from '../../judgement/trial-store.ts';
import { keepReport } from '../../report/keep-report.ts';
import { versionsNow, type RunRecord } from '../../report/run-record.ts';
import { detectableWords } from '../../statistics/detectable-effect.ts';
import { isoTime } from '../../statistics/performance.ts';
import { countedRun } from './run-counted.ts';
import { renderSearchReport, type SearchedData } from './rule-search-report.ts';
import { ruleSearchResult, type RuleSearchResult, type SearchedBars } from './rule-search-result.ts';
import { searchRules, type SearchOfRules } from './rule-search.ts';
import type { RuleSpace } from './rule-space.ts';
import { barsOf, calendarOf, type Searched } from './searched.ts';

/** A search that may begin. */
export interface AskedSearch {
  readonly searched: Searched;
  readonly space: RuleSpace;
  readonly search: SearchOfRules;
  /** Two parameters, `x,y`; the first two that vary where nothing is named. */
  readonly heatMap?: string | undefined;
  readonly dataHash: string;
  readonly experimentHash: string | null;
  /** Of the folder of the report, and the title of the run. */
  readonly name: string;
  readonly data: SearchedData;
  readonly costs: object;
  /** What the document says beside the result. */
  readonly more: object;
}

/** Tries everything on all cores, counts it, judges it and keeps the report. The document, and where the report is. */
export async function runRuleSearch(
  context: CommandContext,
  asked: AskedSearch,
): Promise<{ readonly result: RuleSearchResult; readonly document: object; readonly report: string }> {
  const { searched, space, search, name, costs } = asked;
  const database = await context.database();
  const { progress, signal, config } = context;
  const total = search.method === 'grid' ? space.all().length : Math.min(search.trials, space.size);
  const on = searchedBars(barsOf(searched), calendarOf(searched));
  const earlier = await countTrials(database, asked.dataHash);
  const words = detectableWords({
    days: daysOf(barsOf(searched), on.market.dayOf),
    periodsPerYear: on.market.periodsPerYear,
    trials: total + earlier,
  });
  if (words !== null) progress.note(words);
  const stage = progress.stage(`optimize ${space.strategy} by ${search.method}`, total);
  let done = 0;
  const run = countedRun({
    ...{ searched, database, signal, dataHash: asked.dataHash },
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
  const history = await readHistory(database, asked.dataHash);
  const result = ruleSearchResult({ space, search, tried }, on, { history, heatMap: asked.heatMap });
  const document = { ...result, ...asked.more };
  const record: RunRecord = {
    ...{ kind: 'search', title: name, currency: null, session: null, data: null, costs: { ...costs } },
    hashes: { experiment: asked.experimentHash, data: asked.dataHash, features: null, training: null },
    versions: versionsNow(),
    made: new Date(context.clock()).toISOString(),
  };
  const page = await renderSearchReport(result, asked.data);
  const json = JSON.stringify(document);
  const report = await keepReport({ dataDir: config.dataDir, name, html: page, result: json, record });
  return { result, document, report };
}

/** Trading days in which any of the symbols has a close. */
function daysOf(bars: readonly BarColumns[], dayOf: (closeTimeMs: number) => number): number {
  const days = new Set<number>();
  for (const { closeTimeMs, length } of bars) for (let i = 0; i < length; i++) days.add(dayOf(closeTimeMs[i]!));
  return days.size;
}

/** What a search says when it is stopped. */
const stoppedText = (done: number, total: number): string =>
  `stopped: ${done} of ${total} trials are recorded and count; the same command goes on from them`;

/** How many bars there are, and from when to when. */
export function searchedBars(bars: readonly BarColumns[], calendar: Calendar): SearchedBars {
  const first = Math.min(...bars.map(({ closeTimeMs }) => closeTimeMs[0]!));
  const last = Math.max(...bars.map(({ closeTimeMs }) => closeTimeMs.at(-1)!));
  return {
    bars: bars.reduce((sum, { length }) => sum + length, 0),
    from: isoTime(first),
    to: isoTime(last),
    market: marketDays(calendar, bars),
  };
}
