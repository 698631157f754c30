import Table from 'cli-table3';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { configuredClient } from '../../infra/mlflow/configured-client.ts';
import { drainOutbox } from '../../infra/mlflow/drain.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';
import { nearestName } from '../../features/expressions/nearest-name.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { experimentPath } from '../../models/experiment/experiment-names.ts';
import { learnedSearch } from '../../models/search/apply-parameters.ts';
import { searchClosing, searchStream } from '../../models/search/search-entries.ts';
import { METHODS, type SearchMethod } from '../../models/search/search-schema.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { requireEnoughBars } from '../../models/training/require-enough-bars.ts';
import { checkedExperiment } from '../../models/experiment/checked-experiment.ts';
import { barsFilesOf, type ExperimentOptions } from '../command-options.ts';
import { decimal, percent, probability } from '../number-format.ts';
import {
  optimizeResult,
  recordsOf,
  type JudgedRecord,
  type OptimizeResult,
  type SearchRecords,
} from './optimize-result.ts';
import { searchParameters, type FinishedSearch } from './optimize.ts';
import { writeChosen } from './write-chosen.ts';
import { experimentFolds } from '../../models/splits/experiment-folds.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { prepareExperiment, type PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import { followPlan, type FollowedWork } from '../plan/follow-plan.ts';
import { countTrials, recordTrials } from '../judgement/trial-store.ts';
import { detectableWords } from '../statistics/detectable-effect.ts';

/** Options of `optimize`. */
export interface OptimizeOptions extends ExperimentOptions {
  readonly trials?: string;
  readonly method?: string;
  readonly write?: string;
  readonly config?: string;
}

/** `optimize EXPERIMENT` */
export async function optimizeCommand(
  context: CommandContext,
  options: OptimizeOptions,
  name: string,
): Promise<CommandOutput> {
  const files = { ...barsFilesOf(options), vendors: systemVendorAccess(context.config.vendors) };
  const { barsFiles } = files;
  const loaded = await checkedExperiment(experimentPath(name), files, requireEnoughBars);
  await requireOwnOutput({ option: '--write', path: options.write }, [
    { option: 'EXPERIMENT', path: experimentPath(name) },
    ...(barsFiles ?? []).map((path) => ({ option: '--bars', path })),
    { option: 'data.path', path: loaded.data.path },
    { option: 'data.actions', path: loaded.data.actions },
    { option: '--config', path: options.config },
  ]);
  const experiment = withOptions(loaded, options, name);
  const database = await context.database();
  const { config, progress, clock, signal } = context;
  const fresh = options.fresh ?? false;
  const prepared = await prepareExperiment(database, { experiment, ...files, progress, fresh, signal });
  signal.throwIfAborted();
  const words = await detectableWordsOf(prepared, database);
  if (words !== null) progress.note(words);
  const finished = await searchParameters(prepared, { config, database, progress, clock, signal, fresh });
  const stage = progress.stage('trade the chosen, count the trials, judge');
  const records = recordsOf(finished, prepared);
  const history = await recordTrials(database, records.trials);
  const plan = await followPlan(database, searchedWork(prepared, finished, records));
  const result = optimizeResult(finished, records, { data: prepared, history, plan });
  stage.done(`${result.trials} trials counted, verdict: ${result.honest.verdict}`);
  await tell(context, result);
  if (options.write !== undefined) {
    await writeChosen(options.write, { experiment, barsFiles, parameters: result.parameters });
  }
  return { value: result, text: () => textOf(result, options.write) };
}

/** What a plan is held against: the search's record on rows after each choice, and what it chose by. */
function searchedWork(
  { experiment, ingested, calendar, bars }: PreparedExperiment,
  { hash, plan }: FinishedSearch,
  { honest }: SearchRecords,
): FollowedWork {
  const { objective } = plan.search;
  return {
    kind: 'search',
    name: experiment.name,
    experiment,
    experimentHash: hash,
    dataHash: ingested.dataHash,
    chosenBy: objective === 'netSharpe' ? 'excessSharpe' : objective,
    measured: {
      returns: Float64Array.from(honest.returns),
      excessReturns: Float64Array.from(honest.excessReturns),
      scores: honest.scores,
      periodsPerYear: marketDays(calendar, bars).periodsPerYear,
    },
  };
}

/** What can be seen at all on the test rows, with all that was and will be tried on the data. */
async function detectableWordsOf(prepared: PreparedExperiment, database: Database): Promise<string | null> {
  const { dataset, experiment, ingested, calendar } = prepared;
  const { dayOf, periodsPerYear } = marketDays(calendar);
  const days = new Set<number>();
  for (const { testRows } of experimentFolds(dataset, experiment)) {
    for (const row of testRows) days.add(dayOf(dataset.decisionTimeMs[row]!));
  }
  const { trials } = learnedSearch(experiment.search!);
  const earlier = await countTrials(database, ingested.dataHash);
  return detectableWords({ days: days.size, periodsPerYear, trials: trials + earlier });
}

/** The experiment with `--trials` and `--method`. */
function withOptions(experiment: Experiment, options: OptimizeOptions, name: string): Experiment {
  if (experiment.search === null) {
    throw new InputError(
      `${name} has no search section, so there is nothing to try.`,
      'Add one: search: { trials: 20, space: { estimators.NAME.KEY: { int: [2, 8] } } }',
    );
  }
  const search = learnedSearch(experiment.search);
  const trials = options.trials === undefined ? search.trials : Number(options.trials);
  if (!Number.isInteger(trials) || trials < 2 || trials > 10_000) {
    throw new InputError(`--trials ${options.trials} is not a whole number from 2 to 10,000.`);
  }
  const method = (options.method ?? search.method) as SearchMethod;
  if (!METHODS.includes(method)) {
    const nearest = nearestName(method, METHODS);
    const hint = nearest === null ? '' : ` Did you mean ${nearest}?`;
    throw new InputError(`There is no method ${method}.${hint}`, `Methods: ${METHODS.join(', ')}.`);
  }
  return { ...experiment, search: { ...search, trials, method } };
}

/** Enqueues the result for the tracking server and delivers what waits, where one is configured. */
async function tell(context: CommandContext, result: OptimizeResult): Promise<void> {
  const database = await context.database();
  const { optimistic, honest } = result;
  const metrics = {
    'optimistic.objective': optimistic.objective,
    'optimistic.sharpe': optimistic.sharpe,
    'honest.objective': honest.objective,
    'honest.sharpe': honest.sharpe,
    'honest.deflatedSharpe': honest.deflatedSharpe,
    trials: result.trials,
    probabilityOfOverfitting: result.probabilityOfOverfitting,
    'superiorAbility.consistent': result.superiorAbility?.consistent ?? null,
  };
  const document = Buffer.from(JSON.stringify(result), 'utf8');
  const closing = { metrics, verdict: honest.verdict, result: document };
  const entries = searchClosing(result.search, closing, context.clock());
  await enqueue(database.pool, searchStream(result.search), entries);
  const client = configuredClient(context.config);
  if (client !== null) await drainOutbox(database, client, { signal: context.signal });
}

const SHOWN = 10;

function textOf(result: OptimizeResult, written: string | undefined): string {
  const { experiment, method, objective, trials, ranking, folds, parameters } = result;
  const table = new Table({
    head: ['rank', 'trial', objective, 'Sharpe', 'parameters'],
    style: { head: [], border: [] },
  });
  for (const one of ranking.slice(0, SHOWN)) {
    table.push([one.rank, one.trial, shown(one.objective), decimal(one.sharpe), describe(one.parameters)]);
  }
  const inner = mean(folds.map((fold) => fold.inner));
  const outer = mean(folds.map((fold) => fold.outer));
  return [
    `${experiment}: ${trials} trials by ${method}, scored inside ${folds.length} training windows and on all rows`,
    result.counted,
    table.toString(),
    ...(ranking.length > SHOWN ? [`... and ${ranking.length - SHOWN} more (--json has all)`] : []),
    `Chosen for what comes next: ${describe(parameters)}`,
    ...(outer === null
      ? []
      : [`Where windows chose, ${objective} ${shown(inner)}; on the rows after them ${shown(outer)}`]),
    judgedLine('Optimistic, the best trial where it was chosen', result.optimistic),
    judgedLine('Honest, each choice on the test rows after its window', result.honest),
    ...result.honest.reasons.map((reason) => `  ${reason}`),
    ...result.reasons,
    ...(result.probabilityOfOverfitting === null
      ? []
      : [
          `Probability of overfitting (the winner in one half of the days is below the median in the other): ${probability(result.probabilityOfOverfitting)}`,
        ]),
    ...(written === undefined ? [] : [`The experiment with these parameters is in ${written}.`]),
  ].join('\n');
}

function judgedLine(what: string, { annualReturn, sharpe, deflatedSharpe, days, verdict }: JudgedRecord): string {
  const yearly = annualReturn === null ? 'no' : `${percent(annualReturn)} a year`;
  const deflated = deflatedSharpe === null ? 'none' : probability(deflatedSharpe);
  return `${what}: ${yearly} excess return over ${days} days, Sharpe ${decimal(sharpe)}, deflated ${deflated}: ${verdict}`;
}

const describe = (parameters: OptimizeResult['parameters']): string =>
  Object.entries(parameters)
    .map(([address, value]) => `${address}=${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
    .join(' ');

const shown = (value: number | null): string => (value === null ? 'none' : value.toPrecision(5));

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
