import Table from 'cli-table3';
import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../infra/command.ts';
import { InputError } from '../infra/errors.ts';
import { registerEstimatorCommands } from './estimators/listing/commands.ts';
import { registerExplainCommands } from './explain/commands.ts';
import { registerModelExport } from './onnx/commands.ts';
import { findVersion, hasExpired, listVersions, type ModelVersion } from './registry/model-store.ts';
import { requestCancel, trainingsNamed } from './registry/training-store.ts';

/**
 * Registers `cancel`, `estimators` and what of `models` needs no trading: `list`, `show`, `explain`, `importance`,
 * `export`.
 */
export function registerModelCommands(program: Command): void {
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
  registerExplainCommands(models);
  registerModelExport(models);
  registerEstimatorCommands(program);
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

/** `models list`: all versions with their aliases. */
export async function listModels(context: CommandContext): Promise<CommandOutput> {
  const versions = await listVersions((await context.database()).pool);
  const nowMs = context.clock();
  const value = versions.map((version) => describeVersion(version, nowMs));
  const text = (): string => (versions.length === 0 ? 'No model has been trained yet.' : tableOf(versions, nowMs));
  return { value, text };
}

function tableOf(versions: readonly ModelVersion[], nowMs: number): string {
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
      `${hasExpired(version, nowMs) ? 'expired ' : ''}${version.expiresAt?.toISOString().slice(0, 10) ?? ''}`,
      version.modelHash.slice(0, 12),
    ]);
  }
  return table.toString();
}

/** `models show MODEL`: one version with its card. @throws InputError for one that there is not */
export async function showModel(context: CommandContext, _options: object, reference: string): Promise<CommandOutput> {
  const database = await context.database();
  const version = await findVersion(database.pool, reference);
  const [{ readModelCard }, { cardMarkdown }] = await Promise.all([
    import('./promotion/model-card.ts'),
    import('./promotion/card-markdown.ts'),
  ]);
  const { lineageOf } = await import('./registry/lineage.ts');
  const card = await readModelCard(database.pool, version);
  const { from: trainedFrom, to: trainedTo, rows: trainedRows } = card.data;
  const lineage = await lineageOf(context, version);
  const value = { ...describeVersion(version, context.clock()), trainedFrom, trainedTo, trainedRows, ...card, lineage };
  return { value, text: () => cardMarkdown(card) };
}

function describeVersion(version: ModelVersion, nowMs: number): Record<string, unknown> {
  const { name, aliases, evidence } = version;
  return {
    name,
    version: version.version,
    aliases,
    hash: version.modelHash,
    made: version.createdAt.toISOString(),
    expires: version.expiresAt?.toISOString() ?? null,
    expired: hasExpired(version, nowMs),
    evidence,
  };
}
