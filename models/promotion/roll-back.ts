import { InputError, SignalboxError } from '../../infra/errors.ts';
import type { Actor } from '../../infra/audit/audit-store.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { listVersions, type ModelVersion, aliasHolder } from '../registry/model-store.ts';
import { championHistory, earlierChampions } from './champion-history.ts';
import { readDecisions } from './decision-store.ts';
import { applyDecision } from './promote.ts';
import type { PromotionDecision } from './promotion-gate.ts';

/** Why a version may not trade, in words; null where that is not so. */
export interface VersionFaults {
  readonly expired: string | null;
  readonly leaking: string | null;
}

export interface RollBackOptions {
  readonly decidedAtMs: number;
  /** What is known against a version now. */
  faultsOf(version: ModelVersion): Promise<VersionFaults>;
  /** The operator's reason to go back to a version that has expired; null without --force. */
  readonly reason: string | null;
  /** Who goes back. */
  readonly actor?: Actor;
}

/** What a rollback did. */
export interface Rollback {
  readonly decision: PromotionDecision;
  /** Champions in between that nobody may go back to, newest first. */
  readonly passedOver: readonly { readonly version: number; readonly fault: string }[];
}

/**
 * Gives `champion` back to the version that held it before, and records it. Each rollback goes one champion further
 * back; one in which a look-ahead was found is passed over. SignalboxError where the version has expired and no reason
 * was given, or the champion moved meanwhile; InputError where there is no earlier champion.
 */
export async function rollBack(database: Database, name: string, options: RollBackOptions): Promise<Rollback> {
  const { pool } = database;
  const champion = await aliasHolder(pool, name, 'champion');
  if (champion === null) {
    throw new InputError(`${name} has no champion to go back from.`, 'See `signalbox models list`.');
  }
  const earlier = earlierChampions(championHistory(await readDecisions(pool, name)), champion.modelHash);
  const versions = await listVersions(pool, name);
  const passedOver: { version: number; fault: string }[] = [];
  for (const { modelHash } of earlier) {
    const version = versions.find((one) => one.modelHash === modelHash);
    // Deleted by a training with --fresh: there is nothing to go back to.
    if (version === undefined) continue;
    const { expired, leaking } = await options.faultsOf(version);
    if (leaking !== null) {
      passedOver.push({ version: version.version, fault: leaking });
      continue;
    }
    if (expired !== null && options.reason === null) throw refusalOf(version, expired);
    const decision = decisionOf(version, champion, options);
    await applyDecision(database, decision, options.actor);
    return { decision, passedOver };
  }
  const leaked = passedOver.map(({ version, fault }) => `; version ${version} is passed over: ${fault}`).join('');
  throw new InputError(
    `${name}@champion has no earlier version to go back to${leaked}.`,
    'See `signalbox models list`; `signalbox models promote` offers any version.',
  );
}

function refusalOf({ name, version }: ModelVersion, expired: string): SignalboxError {
  return new SignalboxError(`${name}@${version}, the champion before, gives no signals: ${expired}.`, {
    remedy: 'Train a newer one, or go back all the same: --force --reason TEXT.',
  });
}

function decisionOf(
  { name, version, modelHash }: ModelVersion,
  champion: ModelVersion,
  { reason, decidedAtMs }: RollBackOptions,
): PromotionDecision {
  const outcome = 'rolled-back';
  return { name, version, modelHash, championVersion: champion.version, outcome, criteria: [], reason, decidedAtMs };
}

/** What was done, for people. */
export function rollbackText({ decision, passedOver }: Rollback): string {
  const { name, version, championVersion, reason } = decision;
  return [
    `${name}: version ${version} is the champion again; version ${championVersion} no longer is${reason === null ? '' : ` (${reason})`}`,
    ...passedOver.map((one) => `  passed over version ${one.version}: ${one.fault}`),
  ].join('\n');
}
