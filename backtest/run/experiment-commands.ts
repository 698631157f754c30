import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { takenText } from '../../pipelines/sources/files/taken.ts';
import { vendorNames } from '../../pipelines/ingest/vendor-statement.ts';
import { barsFilesOf, type ExperimentOptions } from '../command-options.ts';
import { standingText, standingValue } from '../promotion/first-champion.ts';
import { runExperiment, type ExperimentRun } from '../experiment/run-experiment.ts';
import type { KeptOutput } from '../report/keep-report.ts';
import { toldWords } from '../report/told-words.ts';
import { parseMonteCarlo } from './monte-carlo-options.ts';
import { terminalText } from './terminal.ts';

/** `train EXPERIMENT` */
export async function trainCommand(
  context: CommandContext,
  options: ExperimentOptions,
  experiment: string,
): Promise<CommandOutput> {
  const { trained, prepared, registered } = await runOf(context, options, experiment);
  const value = {
    experiment: prepared.experiment.name,
    training: trained.trainingHash,
    folds: trained.folds.length,
    trainedNow: trained.trainedNow,
    model: standingValue(registered),
  };
  const head = `${value.experiment}: ${value.folds} folds and the final model are trained`;
  return { value, text: () => [head, ...standingText(registered)].join('\n') };
}

/** `walk-forward EXPERIMENT` and `backtest EXPERIMENT` of what learns. */
export async function walkForwardCommand(
  context: CommandContext,
  options: ExperimentOptions,
  experiment: string,
): Promise<KeptOutput> {
  return outputOf(await runOf(context, options, experiment));
}

/** The main job, as options ask for it. */
export async function runOf(
  context: CommandContext,
  options: ExperimentOptions,
  experiment: string,
): Promise<ExperimentRun> {
  const monteCarlo = parseMonteCarlo(options);
  return runExperiment(context, { experiment, ...barsFilesOf(options), fresh: options.fresh ?? false, monteCarlo });
}

export function outputOf(run: ExperimentRun): KeptOutput {
  return { value: valueOf(run), text: () => textOf(run), reportPath: run.reportPath };
}

/** The result, with where the version stands in the registry; bars from vendors are named by them. */
function valueOf({ result, report, prepared, registered }: ExperimentRun): unknown {
  const vendors = vendorNames(prepared.ingested.series);
  const { taken } = prepared.ingested;
  const words = toldWords(report.evaluation.session);
  const read = taken === null ? {} : { taken };
  const document = { ...result, ...words, model: standingValue(registered), ...read };
  return vendors.length === 0 ? document : { ...document, vendors };
}

function textOf(run: ExperimentRun): string {
  const { taken } = run.prepared.ingested;
  const text = terminalText(run.report, {
    color: hasColor(),
    reportPath: run.reportPath,
    model: standingText(run.registered),
  });
  return taken === null ? text : `${text}\n${takenText(taken)}`;
}

const hasColor = (): boolean => process.stdout.isTTY === true;
