import { setTimeout as sleep } from 'node:timers/promises';
import { availableParallelism } from 'node:os';
import Table from 'cli-table3';
import type { Queue, Worker } from 'bullmq';
import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../infra/command.ts';
import { InputError } from '../infra/errors.ts';
import type { Database } from '../infra/postgres/database.ts';
import { registerExplainCommands } from './explain/commands.ts';
import { findVersion, listVersions, type ModelVersion } from './registry/model-store.ts';
import type { PromotionEvidence } from './promotion/promotion-gate.ts';
import type { VersionFaults } from './promotion/roll-back.ts';
import { FOLD_QUEUE } from './training/fold-job.ts';
import type { QueueFactory } from '../infra/queue.ts';
import { SUPERVISION_QUEUE } from './monitoring/supervision-schedule.ts';
import { TRIAL_QUEUE } from './search/search-queues.ts';
import type { WorkerOptions } from './training/worker.ts';
import { requestCancel, trainingsNamed } from './registry/training-store.ts';

/** What the command line brings along from folders that this one must not know. */
export interface ModelCommandParts {
  /** Figures for the promotion gate: trading and measuring is not done here. */
  evidence(database: Database, challenger: ModelVersion, nowMs: number): Promise<PromotionEvidence>;
  /** What is known against a version now: a rollback must not bring back what may not trade. */
  faults(database: Database, version: ModelVersion, nowMs: number): Promise<VersionFaults>;
  /** Workers for the trials of searches. */
  startSearchWorkers(options: WorkerOptions): Promise<Worker>;
  /** The worker that does scheduled looks at champions. */
  startSupervisor(context: CommandContext, queues: QueueFactory): Promise<Worker>;
}

/** Registers `worker`, `cancel` and `models ...`. */
export function registerModelCommands(program: Command, parts: ModelCommandParts): void {
  const worker = addCommand(program, 'worker', 'do training jobs for any process that shares this database (or Redis)');
  worker.option('--concurrency <N>', 'folds at a time', String(availableParallelism()));
  worker.option('--until-idle', 'end when the queue has been empty for two seconds');
  bindAction<WorkerCommandOptions>(worker, (context, options) => runWorker(context, options, parts));

  const cancel = addCommand(
    program,
    'cancel <training>',
    'stop the jobs of a training or a search; a later run goes on where it was',
  );
  bindAction(cancel, cancelTraining);

  const models = program.command('models').description('the registry: what was trained, and which model may trade');
  const list = addCommand(models, 'list', 'all versions with their aliases');
  bindAction(list, listModels);
  const show = addCommand(models, 'show <model>', 'one version: NAME, NAME@champion or NAME@3');
  bindAction(show, showModel);
  const promote = addCommand(
    models,
    'promote <model>',
    'offer a version to the gate: it becomes champion, or stays with reasons',
  );
  promote.option(
    '--force',
    'promote what the gate refused; look-ahead and other features or symbols cannot be overruled',
  );
  promote.option('--reason <TEXT>', 'why it was forced: recorded with the decision');
  bindAction<PromoteOptions>(promote, (context, options, reference) =>
    promoteModel(context, options, reference!, parts),
  );
  const rollback = addCommand(
    models,
    'rollback <name>',
    'give the champion alias back to the champion before; each time one further back',
  );
  rollback.option('--force', 'go back to a version that has expired');
  rollback.option('--reason <TEXT>', 'why it was forced: recorded with the decision');
  bindAction<PromoteOptions>(rollback, (context, options, name) => rollbackModel(context, options, name!, parts));
  registerExplainCommands(models);
}

interface WorkerCommandOptions {
  readonly concurrency: string;
  readonly untilIdle?: boolean;
}

async function runWorker(
  context: CommandContext,
  options: WorkerCommandOptions,
  parts: ModelCommandParts,
): Promise<CommandOutput> {
  const concurrency = Number(options.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 256) {
    throw new InputError(`--concurrency ${options.concurrency} is not a whole number from 1 to 256.`);
  }
  const { assertQueueReachable, createQueueFactory } = await import('../infra/queue.ts');
  const { startWorkers } = await import('./training/worker.ts');
  const database = await context.database();
  const queues = createQueueFactory(context.config, database, (error) =>
    context.progress.note(`queue: ${error.message}`),
  );
  let done = 0;
  try {
    await assertQueueReachable(queues);
    const workers = { config: context.config, database, queues, concurrency };
    const { folds } = await startWorkers(workers);
    const looks = await parts.startSupervisor(context, queues);
    for (const jobs of [folds, await parts.startSearchWorkers(workers), looks]) {
      jobs.on('completed', (job) => context.progress.note(`done: ${job.id} (${++done})`));
      jobs.on('failed', (job, error) => context.progress.note(`failed: ${job?.id ?? 'a job'}: ${error.message}`));
    }
    context.progress.note(
      `worker: ${concurrency} folds and as many trials at a time over ${queues.backend}; Ctrl-C stops it`,
    );
    await waitForEnd(context.signal, options.untilIdle === true ? WORKED.map((name) => queues.queue(name)) : null);
  } finally {
    // Told to stop, jobs in hand go back to the queue; they may have half an hour to go.
    await queues.close(context.signal.aborted);
  }
  return { value: { foldsDone: done }, text: () => `${done} jobs done` };
}

const WORKED = [FOLD_QUEUE, TRIAL_QUEUE, SUPERVISION_QUEUE];

/** Until the signal, or until `queues` have had nothing to do for two seconds in a row. */
async function waitForEnd(
  signal: AbortSignal,
  queues: readonly Pick<Queue, 'name' | 'getJobCounts'>[] | null,
): Promise<void> {
  let idleSinceMs: number | null = null;
  while (!signal.aborted) {
    await sleep(250, undefined, { signal }).catch(() => undefined);
    if (queues === null) continue;
    const counts = await Promise.all(
      queues.map((queue) =>
        queue.getJobCounts(
          'waiting',
          'active',
          'prioritized',
          ...(queue.name === SUPERVISION_QUEUE ? [] : (['delayed'] as const)),
        ),
      ),
    );
    const busy = counts.flatMap((count) => Object.values(count)).some((count) => count > 0);
    if (busy) idleSinceMs = null;
    else if (idleSinceMs === null) idleSinceMs = performance.now();
    else if (performance.now() - idleSinceMs > 2_000) return;
  }
}

async function cancelTraining(context: CommandContext, _options: object, training: string): Promise<CommandOutput> {
  const { pool } = await context.database();
  const { requestSearchCancel, searchesNamed } = await import('./search/search-store.ts');
  const trainings = await trainingsNamed(pool, training);
  const searches = await searchesNamed(pool, training);
  const [only, second] = [...trainings, ...searches];
  if (only === undefined || second !== undefined) {
    const what = only === undefined ? 'No training or search begins' : 'More than one training or search begins';
    throw new InputError(`${what} with ${training}.`, 'Name it by the hash that `run` or `optimize` printed.');
  }
  await (trainings.length === 0 ? requestSearchCancel : requestCancel)(pool, only);
  return { value: { training: only, cancelled: true }, text: () => `${only.slice(0, 12)} is being cancelled` };
}

async function listModels(context: CommandContext): Promise<CommandOutput> {
  const versions = await listVersions((await context.database()).pool);
  const value = versions.map(describeVersion);
  return { value, text: () => (versions.length === 0 ? 'No model has been trained yet.' : tableOf(versions)) };
}

function tableOf(versions: readonly ModelVersion[]): string {
  const table = new Table({
    head: ['model', 'version', 'aliases', 'made', 'expires', 'hash'],
    style: { head: [], border: [] },
  });
  for (const version of versions) {
    table.push([
      version.name,
      version.version,
      version.aliases.join(', '),
      version.createdAt.toISOString().slice(0, 16),
      version.expiresAt?.toISOString().slice(0, 10) ?? '',
      version.modelHash.slice(0, 12),
    ]);
  }
  return table.toString();
}

async function showModel(context: CommandContext, _options: object, reference: string): Promise<CommandOutput> {
  const database = await context.database();
  const version = await findVersion(database.pool, reference);
  const [{ readModelCard }, { cardMarkdown }] = await Promise.all([
    import('./promotion/model-card.ts'),
    import('./promotion/card-markdown.ts'),
  ]);
  const card = await readModelCard(database.pool, version);
  const { from: trainedFrom, to: trainedTo, rows: trainedRows } = card.data;
  const value = { ...describeVersion(version), trainedFrom, trainedTo, trainedRows, ...card };
  return { value, text: () => cardMarkdown(card) };
}

interface PromoteOptions {
  readonly force?: boolean;
  readonly reason?: string;
}

/** Exit code 1 where the gate refuses. A version that is the champion already stays it without a decision. */
async function promoteModel(
  context: CommandContext,
  options: PromoteOptions,
  reference: string,
  { evidence }: ModelCommandParts,
): Promise<CommandOutput> {
  if (!reference.includes('@')) {
    throw new InputError(`${reference} names no version.`, `Say which one: ${reference}@VERSION.`);
  }
  const reason = forcedReason(options);
  const database = await context.database();
  const version = await findVersion(database.pool, reference);
  if (version.aliases.includes('champion')) {
    const value = { name: version.name, version: version.version, outcome: 'champion already' };
    return { value, text: () => `${version.name}: version ${version.version} is the champion already` };
  }
  const [{ applyDecision, decisionText, overrule }, { decidePromotion }] = await Promise.all([
    import('./promotion/promote.ts'),
    import('./promotion/promotion-gate.ts'),
  ]);
  const nowMs = context.clock();
  const judged = decidePromotion(await evidence(database, version, nowMs), nowMs);
  const decision = reason === null ? judged : overrule(judged, reason);
  await applyDecision(database, decision);
  return { value: decision, text: () => decisionText(decision), exitCode: decision.outcome === 'refused' ? 1 : 0 };
}

/** The operator's words with --force, null without. InputError where they are missing. */
function forcedReason({ force, reason = '' }: PromoteOptions): string | null {
  if (force !== true) return null;
  if (reason.trim() === '') {
    throw new InputError('--force needs a reason.', 'Add --reason TEXT; it is recorded with the decision.');
  }
  return reason.trim();
}

async function rollbackModel(
  context: CommandContext,
  options: PromoteOptions,
  name: string,
  { faults }: ModelCommandParts,
): Promise<CommandOutput> {
  const reason = forcedReason(options);
  const { rollBack, rollbackText } = await import('./promotion/roll-back.ts');
  const database = await context.database();
  const decidedAtMs = context.clock();
  const faultsOf = (version: ModelVersion): Promise<VersionFaults> => faults(database, version, decidedAtMs);
  const done = await rollBack(database, name, { decidedAtMs, faultsOf, reason });
  const { version: champion, championVersion: before } = done.decision;
  return { value: { name, champion, before, ...done }, text: () => rollbackText(done) };
}

function describeVersion(version: ModelVersion): Record<string, unknown> {
  const { name, aliases, evidence } = version;
  return {
    name,
    version: version.version,
    aliases,
    hash: version.modelHash,
    made: version.createdAt.toISOString(),
    expires: version.expiresAt?.toISOString() ?? null,
    evidence,
  };
}
