import type pg from 'pg';
import { InputError, SignalboxError } from '../../infra/errors.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { findVersion, listVersions, readModel, removeAlias, rollbackAlias, setAlias } from '../model-store.ts';
import { streamOf } from '../training/tracking-entries.ts';
import { cardEntries, decisionEntries } from './decision-entries.ts';
import { readModelCard } from './model-card.ts';
import { writeDecision } from './decision-store.ts';
import type { Criterion, PromotionDecision } from './promotion-gate.ts';

/** What no operator may overrule: a score that saw the future says nothing, and sessions cannot feed a model of other rows. */
const NOT_OVERRULED: readonly Criterion['name'][] = ['leakage', 'compatible'];

/**
 * An operator's consent to a promotion that the gate refused: a champion can turn out to be broken in a way that no criterion knows.
 * The decision keeps its criteria and the operator's reason. InputError where the gate found what cannot be overruled.
 */
export function overrule(decision: PromotionDecision, reason: string): PromotionDecision {
  if (reason.trim() === '') throw new InputError('--force needs a reason.', 'Add --reason TEXT; it is recorded.');
  if (decision.outcome !== 'refused') return decision;
  const barred = decision.criteria.filter(({ name, met }) => !met && NOT_OVERRULED.includes(name));
  if (barred.length > 0) {
    throw new SignalboxError(
      `${decision.name}@${decision.version} cannot be promoted even by force: ${barred.map(({ text }) => text).join('; ')}.`,
      { remedy: 'Mend that first; a leak or another set of features cannot be consented to.' },
    );
  }
  return { ...decision, outcome: 'overridden', reason: reason.trim() };
}

/**
 * Stores a decision and does what it says: one transaction moves `champion`, takes `challenger` away and tells the tracking server.
 * SignalboxError when the champion has changed since the evidence was gathered.
 */
export async function applyDecision(database: Database, decision: PromotionDecision): Promise<void> {
  await database.transaction(async (client) => {
    const { name, version, championVersion } = decision;
    const held = await lockedChampion(client, name);
    if (held !== championVersion) {
      throw new SignalboxError(`${name}@champion has moved to version ${held ?? 'none'} meanwhile.`, {
        remedy: 'Promote again: the challenger is then compared with that one.',
      });
    }
    let challengerGone = false;
    if (decision.outcome !== 'refused') {
      await setAlias(client, name, 'champion', version);
      challengerGone = await removeAlias(client, name, 'challenger', version);
    }
    await record(client, decision, challengerGone);
  });
}

/** Gives `champion` back to the version before and records it. Resolves to that version. */
export async function rollBack(database: Database, name: string, decidedAtMs: number): Promise<number> {
  return database.transaction(async (client) => {
    const championVersion = await lockedChampion(client, name);
    const version = await rollbackAlias(client, name, 'champion');
    const { modelHash } = await findVersion(client, `${name}@${version}`);
    const outcome = 'rolled-back';
    const decision: PromotionDecision = {
      name,
      version,
      modelHash,
      championVersion,
      outcome,
      criteria: [],
      reason: null,
      decidedAtMs,
    };
    await record(client, decision, false);
    return version;
  });
}

async function record(client: pg.PoolClient, decision: PromotionDecision, challengerGone: boolean): Promise<void> {
  const id = await writeDecision(client, decision);
  const { trainingHash } = await readModel(client, decision.modelHash);
  const version = await findVersion(client, `${decision.name}@${decision.version}`);
  const card = await readModelCard(client, version);
  await enqueue(client, streamOf(trainingHash), [
    ...decisionEntries(trainingHash, decision, { id, challengerGone }),
    ...cardEntries(trainingHash, card, `decision-${id}`),
  ]);
}

/** The champion's version, held until the transaction ends. */
async function lockedChampion(client: pg.PoolClient, name: string): Promise<number | null> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT version FROM signalbox.model_aliases WHERE name = $1 AND alias = 'champion' FOR UPDATE`,
    [name],
  );
  return rows[0]?.version ?? null;
}

/** The version that holds an alias of `name`, or null. */
export async function aliasHolder(
  client: Pick<pg.ClientBase, 'query'>,
  name: string,
  alias: string,
): Promise<Awaited<ReturnType<typeof findVersion>> | null> {
  const versions = await listVersions(client, name);
  return versions.find(({ aliases }) => aliases.includes(alias)) ?? null;
}

/** One line per criterion and the outcome, for people. */
export function decisionText({ name, version, championVersion, outcome, criteria, reason }: PromotionDecision): string {
  const against = championVersion === null ? 'no champion' : `champion version ${championVersion}`;
  return [
    `${name}@${version} against ${against}: ${outcome}${reason === null ? '' : ` (${reason})`}`,
    ...criteria.map(({ name: criterion, met, text }) => `  ${met ? 'met    ' : 'not met'}  ${criterion}: ${text}`),
  ].join('\n');
}
