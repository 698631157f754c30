import { availableParallelism } from 'node:os';
import type { CommandContext } from '../../../infra/command.ts';
import { hashOf } from '../../../infra/hash.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { takenText, type Taken } from '../../../pipelines/sources/files/taken.ts';
import type { Costs } from '../../../trading/brokers/simulated/cost-model.ts';
import type { SessionDefinition } from '../../../trading/sessions/session-store.ts';
import { runJournaledSession } from '../../experiment/journaled-session.ts';
import { keepTrials, readHistory, recordTrials } from '../../judgement/trial-store.ts';
import { keepReport, type KeptOutput } from '../../report/keep-report.ts';
import type { ReportInput } from '../../report/report-input.ts';
import { runCurves } from '../../report/run-curves.ts';
import { runRecord } from '../../report/run-record.ts';
import { renderReport } from '../../report/render-report.ts';
import { toldWords } from '../../report/told-words.ts';
import { terminalText } from '../../run/terminal.ts';
import { countedRun, unrecordedTrials, type CountedTrials, type TriedRule } from '../rules/run-counted.ts';
import type { SearchOfRules } from '../rules/rule-search.ts';
import type { RuleSpace } from '../rules/rule-space.ts';
import { barsOf, recordedNameOf, titleOf, type Searched } from '../rules/searched.ts';
import { analyseTests, evaluateTests, walkResult } from './walk-result.ts';
import { tradeTests, walkRules, type WalkedFold } from './walk-rules.ts';
import { walkMarkup, walkText } from './walk-sections.ts';
import type { WalkWindow } from './walk-windows.ts';

/** A walk that may begin. */
export interface AskedWalk extends Pick<ReportInput, 'data' | 'source' | 'currency'> {
  readonly searched: Searched;
  readonly space: RuleSpace;
  readonly search: SearchOfRules;
  readonly windows: readonly WalkWindow[];
  readonly dataHash: string;
  /** Of the whole design. */
  readonly experimentHash: string;
  /** Part of the name of the report's folder. */
  readonly name: string;
  readonly costs: Costs;
  /** What files were taken for; null where bars are from elsewhere. */
  readonly taken: Taken | null;
  /** What the journal of the tests is kept as; null keeps none. */
  readonly session: SessionDefinition | null;
}

/** Chooses in every window, trades what comes after each, counts everything that was tried, judges and reports. */
export async function runRuleWalk(context: CommandContext, asked: AskedWalk): Promise<KeptOutput> {
  const { searched, space, search, windows, costs, experimentHash, taken } = asked;
  const bars = barsOf(searched);
  const database = await context.database();
  const { signal, config } = context;
  const counted = {
    ...{ searched, signal, dataHash: asked.dataHash, database },
    threads: config.workers ?? availableParallelism(),
  };
  const { walked, trials } = await chooseInWindows(context, counted, { space, search, windows });
  const tests = tradeTests(searched, walked);
  const { session } = asked;
  const traded = session === null ? undefined : await runJournaledSession(database, session, tests.plan);
  const evaluation = evaluateTests(tests, search.seed, traded);
  const symbols = bars.map(({ symbol }) => symbol);
  const own = { dataHash: asked.dataHash, experimentName: `${recordedNameOf(searched)} (walk-forward)`, symbols };
  await recordTrials(database, [
    ...(await unrecordedTrials(counted, trials)),
    { ...evaluation.record, ...own, experimentHash },
  ]);
  const history = await readHistory(database, asked.dataHash);
  const analysis = analyseTests(tests, evaluation, { seed: search.seed, costs });
  const done = { folds: walked, tests, search, axes: space.axes };
  const result = walkResult(done, { evaluation, analysis, history, costs });
  const { data, source, currency } = asked;
  const report: ReportInput = {
    ...{ title: `${titleOf(searched)}, walked forward`, description: '', result, evaluation, analysis, currency },
    ...{ data, costs, source, identification: [], writtenAtMs: null, more: [walkMarkup(result.walkForward)] },
  };
  const document = { ...result, ...toldWords(evaluation.session), ...(taken === null ? {} : { taken }) };
  const name = `walk-forward-${asked.name}-${symbols[0]!.replace(/[^A-Za-z0-9]+/g, '-')}`;
  const html = await renderReport(report);
  const hashes = { experiment: experimentHash, data: asked.dataHash };
  const kind = 'walk-forward';
  const record = runRecord(report, { kind, session: session?.id ?? null, madeAtMs: context.clock(), hashes });
  const kept = { dataDir: config.dataDir, name, html, record, curves: runCurves(evaluation) };
  const reportPath = await keepReport({ ...kept, result: JSON.stringify(document) });
  return {
    reportPath,
    value: { ...document, report: reportPath },
    text: () => {
      const text = terminalText(report, { color: process.stdout.isTTY === true, reportPath, model: null });
      return `${walkText(result.walkForward)}\n\n${text}${taken === null ? '' : `\n${takenText(taken)}`}`;
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
      ...{ searched: counted.searched, windows, search },
      runOver: (trained) => async (parameters) => {
        const found = await countedRun({ ...counted, searched: trained, database: null, onDone })(parameters);
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
