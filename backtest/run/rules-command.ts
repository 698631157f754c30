import { stringify } from 'yaml';
import { analyse } from '../analysis/analyse.ts';
import type { BarColumns } from '../../features/bar.ts';
import type { CommandContext } from '../../infra/command.ts';
import { createRandom } from '../../infra/random.ts';
import { releaseMemory } from '../../infra/release-memory.ts';
import { checkedExperiment } from '../../models/experiment/checked-experiment.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { experimentPath } from '../../models/experiment/experiment-names.ts';
import { ingestMarketData, loadBars, type MarketData } from '../../models/experiment/market-data.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';
import { takenText } from '../../pipelines/sources/files/taken.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { experimentRules, rulesDefinition, rulesSession } from '../../trading/sessions/rules-experiment.ts';
import { storedTraining } from '../../models/registry/stored-training.ts';
import { barsFilesOf, type ExperimentOptions, type RuleOptions } from '../command-options.ts';
import { runJournaledSession } from '../experiment/journaled-session.ts';
import { baselineRunner, runBaselines } from '../judgement/baselines.ts';
import { evaluate } from '../judgement/evaluation.ts';
import { foresightOf } from '../judgement/foresight.ts';
import { backtestResult } from '../judgement/result.ts';
import { recordTrial } from '../judgement/trial-store.ts';
import { keepReport, type KeptOutput } from '../report/keep-report.ts';
import { runCurves } from '../report/run-curves.ts';
import { runRecord } from '../report/run-record.ts';
import { renderReport } from '../report/render-report.ts';
import type { ReportInput } from '../report/report-input.ts';
import { toldWords } from '../report/told-words.ts';
import { terminalText } from './terminal.ts';

/**
 * `backtest EXPERIMENT` where the experiment names `strategies`: nothing is trained. All of its bars are traded, or
 * those that its stored training has predictions of, where its ensemble is one of them.
 */
export async function rulesCommand(
  context: CommandContext,
  options: ExperimentOptions & Pick<RuleOptions, 'deadline'>,
  name: string,
): Promise<KeptOutput> {
  const { config, progress, signal } = context;
  const files = { ...barsFilesOf(options), vendors: systemVendorAccess(config.vendors) };
  const experiment = await checkedExperiment(experimentPath(name), { ...files, rules: true });
  const rules = await experimentRules(experiment, options.deadline);
  const database = await context.database();
  const ingested = await ingestMarketData(database, { experiment, ...files, progress, signal });
  const market = { ...ingested, ...(await loadBars(database, ingested.reference)) };
  const trained = rules.learns ? await storedTraining(database, market, name) : null;
  const plan = rulesSession(market, rules, trained);
  const { strategy } = plan;
  const stage = progress.stage(`backtest ${strategy.name}`);
  const definition = rulesDefinition(market, { rules, trained }, 'backtest');
  const session = await runJournaledSession(database, definition, plan);
  const random = createRandom(experiment.seed).fork('backtest');
  const run = baselineRunner(plan);
  const days = marketDays(market.calendar, market.bars);
  const baselines = runBaselines({ session, bars: plan.bars, market: days, run, random: random.fork('baselines') });
  const evaluation = evaluate(session, baselines, days);
  const { costs } = experiment;
  const analysis = analyse({ evaluation, plan, costs, random: random.fork('analysis') });
  const history = await recordTrial(database, {
    ...evaluation.record,
    dataHash: market.ingested.dataHash,
    experimentHash: rules.hash,
    experimentName: experiment.name,
    symbols: market.instruments.map(({ symbol }) => symbol),
  });
  const result = backtestResult({
    evaluation,
    history,
    experiment: experiment.name,
    strategy: { name: strategy.name, parameters: strategy.parameters },
    random: random.fork('statistics'),
    costs,
    protection: experiment.protection,
    foresight: rules.learns ? foresightOf(experiment.splits) : null,
    analysis,
  });
  stage.done(`${result.trades} trades, verdict: ${result.verdict}`);
  const report = reportOf(market, market.experiment, { result, evaluation, analysis });
  const html = await renderReport(report);
  const curves = runCurves(evaluation);
  // Nothing from here on looks at bars, and the document of a panel of minutes takes as much room as they do. Those of
  // one symbol have the times of the session's marks.
  if (market.bars.length > 1) releaseMemory(market.bars.flatMap(buffersOf));
  const record = runRecord(report, {
    kind: 'rules',
    session: definition.id,
    madeAtMs: context.clock(),
    hashes: {
      experiment: rules.hash,
      data: market.ingested.dataHash,
      training: trained?.trainingHash ?? null,
    },
  });
  const kept = { dataDir: config.dataDir, name: definition.id, html, record, curves };
  const reportPath = await keepReport({ ...kept, result: JSON.stringify(result) });
  return outputOf(market, report, reportPath);
}

function buffersOf({ openTimeMs, closeTimeMs, open, high, low, close, volume }: BarColumns): ArrayBufferLike[] {
  return [openTimeMs, closeTimeMs, open, high, low, close, volume].map(({ buffer }) => buffer);
}

function outputOf(market: MarketData, report: ReportInput, reportPath: string): KeptOutput {
  const { result, evaluation } = report;
  const { taken } = market.ingested;
  return {
    reportPath,
    value: { ...result, ...toldWords(evaluation.session), ...(taken === null ? {} : { taken }) },
    text: () => {
      const text = terminalText(report, { color: process.stdout.isTTY === true, reportPath, model: null });
      return taken === null ? text : `${text}\n${takenText(taken)}`;
    },
  };
}

function reportOf(
  market: MarketData,
  experiment: Experiment,
  done: Pick<ReportInput, 'result' | 'evaluation' | 'analysis'>,
): ReportInput {
  return {
    title: experiment.name,
    description: experiment.description,
    ...done,
    data: dataOfMarket(market),
    costs: experiment.costs,
    currency: market.instruments[0]!.currency,
    source: stringify(experiment),
    identification: [],
    writtenAtMs: null,
  };
}

/** What a report says of the bars of an experiment. */
export function dataOfMarket({ ingested, sourceStatement }: MarketData): ReportInput['data'] {
  const [first] = ingested.series;
  return {
    title: ingested.series.map(({ symbol }) => symbol).join(', '),
    statement: sourceStatement,
    url: null,
    simulated: first!.source === 'simulated',
    timeframe: first!.timeframe,
  };
}
