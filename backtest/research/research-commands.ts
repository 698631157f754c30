import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { createRandom } from '../../infra/random.ts';
import { experimentPath } from '../../models/experiment/experiment-names.ts';
import { writeLeakageReport } from '../../models/promotion/leakage-store.ts';
import { planTraining } from '../../models/training/plan-training.ts';
import { adjustBars } from '../../pipelines/adjustments/bar-adjuster.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { requireEnoughBars } from '../../models/training/require-enough-bars.ts';
import { checkedExperiment } from '../../models/experiment/checked-experiment.ts';
import { barsFilesOf, type ResearchOptions } from '../command-options.ts';
import { storedReport } from './leakage-hunt.ts';
import { huntLookAhead } from './look-ahead.ts';
import { prepareExperiment, type PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import { planOptions } from '../../models/training/train-experiment.ts';
import { parseNumber } from '../run/number-options.ts';
import { warmUpFindings } from './warm-up.ts';

/** Times to corrupt from unless told otherwise: each takes a training. */
const CUTS = 3;

async function prepare(context: CommandContext, options: ResearchOptions, name: string): Promise<PreparedExperiment> {
  const { config, progress, signal } = context;
  const files = { ...barsFilesOf(options), vendors: systemVendorAccess(config.vendors) };
  const experiment = await checkedExperiment(experimentPath(name), files, requireEnoughBars);
  const database = await context.database();
  return prepareExperiment(database, { experiment, ...files, progress, signal });
}

/** `lookahead EXPERIMENT`: exit code 1 when something decided before a time changes with the bars after it. */
export async function lookAheadCommand(
  context: CommandContext,
  options: ResearchOptions,
  name: string,
): Promise<CommandOutput> {
  const cuts = parseNumber(options.cuts ?? `${CUTS}`, '--cuts', 1);
  if (!Number.isInteger(cuts)) throw new InputError(`--cuts ${options.cuts} is not a whole number.`);
  const seed = parseNumber(options.seed, '--seed');
  const prepared = await prepare(context, options, name);
  const { experiment, bars, actions, calendar, set } = prepared;
  const stage = context.progress.stage('hunt for look-ahead', cuts);
  const random = createRandom(seed).fork('lookahead');
  const report = await huntLookAhead(
    { experiment, bars, actions, calendar, events: set.events },
    { cuts, random, onCut: () => stage.advance() },
  );
  stage.done(`${report.findings.length} findings`);
  const { hash } = await planTraining(planOptions(prepared, context.config.tfBackend));
  await writeLeakageReport((await context.database()).pool, hash, storedReport('whole', report));
  const value = { ...report, cuts: report.cuts.map((timeMs) => new Date(timeMs).toISOString()) };
  const compared = Object.entries(report.compared).map(([what, count]) => `${count.toLocaleString('en')} ${what}`);
  const text = (): string =>
    [
      `${cuts} times, compared up to each: ${compared.join(', ')}.`,
      ...(report.findings.length === 0 ? ['Nothing decided before a time changed with the bars after it.'] : []),
      ...report.findings.map(({ stage: where, what }) => `${where}: ${what}`),
    ].join('\n');
  return { value, text, exitCode: report.findings.length === 0 ? 0 : 1 };
}

/** `warmup EXPERIMENT`: which features still depend on where history starts when they count as warm. */
export async function warmUpCommand(
  context: CommandContext,
  options: ResearchOptions,
  name: string,
): Promise<CommandOutput> {
  const { set, bars, actions } = await prepare(context, options, name);
  const findings = warmUpFindings(
    set,
    bars.map((columns, s) => adjustBars(columns, actions[s]!)),
  );
  const lines = findings.map(({ column, settlesAfterBars, differenceAtEnd }) =>
    settlesAfterBars === null
      ? `${column}: never settles (still off by ${differenceAtEnd.toExponential(1)} at the newest bar)`
      : `${column}: settles ${settlesAfterBars} bars after history starts`,
  );
  const head = `${set.columns.length} features, warm after ${set.warmUpBars} bars.`;
  const none = 'None depends on where history starts.';
  return {
    value: { warmUpBars: set.warmUpBars, findings },
    text: () => [head, ...(lines.length > 0 ? lines : [none])].join('\n'),
  };
}
