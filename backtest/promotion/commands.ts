import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import { operatorOf } from '../../infra/audit/operator.ts';
import { InputError } from '../../infra/errors.ts';
import type { VersionFaults } from '../../models/promotion/roll-back.ts';
import { findVersion, namedVersions, type ModelVersion } from '../../models/registry/model-store.ts';

/** Adds `promote` and `rollback` to the `models` command: both weigh what a version earned in a session. */
export function registerPromotionCommands(program: Command): void {
  const models = program.commands.find((command) => command.name() === 'models') ?? program.command('models');
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
  bindAction<PromoteOptions>(promote, (context, options, reference) => promoteModel(context, options, reference!));
  const rollback = addCommand(
    models,
    'rollback <name>',
    'give the champion alias back to the champion before; each time one further back',
  );
  rollback.option('--force', 'go back to a version that has expired');
  rollback.option('--reason <TEXT>', 'why it was forced: recorded with the decision');
  bindAction<PromoteOptions>(rollback, (context, options, name) => rollbackModel(context, options, name!));
}

interface PromoteOptions {
  readonly force?: boolean | undefined;
  readonly reason?: string | undefined;
}

/** Exit code 1 where the gate refuses. A version that is the champion already stays it without a decision. */
export async function promoteModel(
  context: CommandContext,
  options: PromoteOptions,
  reference: string,
): Promise<CommandOutput> {
  requireVersionNamed(reference);
  const reason = forcedReason(options);
  const database = await context.database();
  const version = await findVersion(database.pool, reference);
  if (version.aliases.includes('champion')) {
    const value = { name: version.name, version: version.version, outcome: 'champion already' };
    return { value, text: () => `${version.name}: version ${version.version} is the champion already` };
  }
  const [{ applyDecision, decisionText, overrule }, { decidePromotion }, { promotionEvidence }] = await Promise.all([
    import('../../models/promotion/promote.ts'),
    import('../../models/promotion/promotion-gate.ts'),
    import('./promotion-evidence.ts'),
  ]);
  const nowMs = context.clock();
  const judged = decidePromotion(await promotionEvidence(database, version, nowMs), nowMs);
  const decision = reason === null ? judged : overrule(judged, reason);
  await applyDecision(database, decision, operatorOf(context.config));
  return { value: decision, text: () => decisionText(decision), exitCode: decision.outcome === 'refused' ? 1 : 0 };
}

/** @throws InputError for a name without a version */
export function requireVersionNamed(reference: string): void {
  if (reference.includes('@')) return;
  throw new InputError(`${reference} names no version.`, `Say which one: ${reference}@VERSION.`);
}

/** The operator's words with --force, null without. InputError where they are missing. */
export function forcedReason({ force, reason = '' }: PromoteOptions): string | null {
  if (force !== true) return null;
  if (reason.trim() === '') {
    throw new InputError('--force needs a reason.', 'Add --reason TEXT; it is recorded with the decision.');
  }
  return reason.trim();
}

/** The champion before is the champion again. */
export async function rollbackModel(
  context: CommandContext,
  options: PromoteOptions,
  asked: string,
): Promise<CommandOutput> {
  const reason = forcedReason(options);
  const { rollBack, rollbackText } = await import('../../models/promotion/roll-back.ts');
  const { versionFaults } = await import('./promotion-evidence.ts');
  const database = await context.database();
  const { name } = await namedVersions(database.pool, asked);
  const decidedAtMs = context.clock();
  const faultsOf = (version: ModelVersion): Promise<VersionFaults> => versionFaults(database, version, decidedAtMs);
  const done = await rollBack(database, name, {
    decidedAtMs,
    faultsOf,
    reason,
    actor: operatorOf(context.config),
  });
  const { version: champion, championVersion: before } = done.decision;
  return { value: { name, champion, before, ...done }, text: () => rollbackText(done) };
}
