import type pg from 'pg';
import { InputError, SignalboxError } from '../../infra/errors.ts';
import { appendAudit, type Actor, type AuditNote } from '../../infra/audit/audit-store.ts';
import { SYSTEM } from '../../infra/audit/operator.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { findVersion, readModel, removeAlias, setAlias, lockAlias } from '../registry/model-store.ts';
import { cardEntries, decisionEntries } from './decision-entries.ts';
import { readModelCard } from './model-card.ts';
import { writeDecision } from './decision-store.ts';
import type { Criterion, PromotionDecision } from './promotion-gate.ts';
import { streamOf } from '../registry/training-names.ts';

/**
 * What no operator may overrule: a score that saw the future says nothing, and sessions cannot feed a model of other
 * rows.
 */
const NOT_OVERRULED: readonly Criterion['name'][] = ['leakage', 'compatible'];

/**
 * An operator's consent to a promotion that the gate refused: a champion can turn out to be broken in a way that no
 * criterion knows. The decision keeps its criteria and the operator's reason. InputError where the gate found what
 * cannot be overruled.
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
 * Stores a decision and does what it says: one transaction moves `champion`, takes `challenger` away and tells the
 * tracking server and the audit. SignalboxError when the champion has changed since the evidence was gathered.
 * @param actor who offered the version
 */
export async function applyDecision(
  database: Database,
  decision: PromotionDecision,
  actor: Actor = SYSTEM,
): Promise<void> {
  await database.transaction(async (client) => {
    const { name, version, championVersion } = decision;
    const held = await lockAlias(client, name, 'champion');
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
    await appendAudit(client, [auditNote(decision, actor)]);
  });
}

function auditNote(decision: PromotionDecision, actor: Actor): AuditNote {
  const { name, version, modelHash, championVersion, outcome, criteria, reason } = decision;
  const action = outcome === 'rolled-back' ? 'rollback' : outcome === 'refused' ? 'promotion-refused' : 'promotion';
  const unmet = criteria.filter(({ met }) => !met).map(({ text }) => text);
  const details = { name, version, modelHash, championVersion, outcome, unmet };
  return { actor, action, sessionId: null, reason: reason ?? '', details };
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

const DECIDED: Readonly<Record<PromotionDecision['outcome'], string>> = {
  first: 'is the champion, the first of its name',
  promoted: 'is the champion now',
  refused: 'is refused',
  overridden: 'is the champion now, by force',
  'rolled-back': 'is the champion again',
};

/** What was decided and why, for people: the outcome, one line per criterion, and what a refusal leaves to do. */
export function decisionText(decision: PromotionDecision): string {
  const { name, version, championVersion, outcome, criteria, reason } = decision;
  const stays = championVersion === null ? 'no version is champion' : `version ${championVersion} stays champion`;
  const against = championVersion === null ? 'there was no champion' : `the champion was version ${championVersion}`;
  return [
    `${name}@${version} ${DECIDED[outcome]}; ${outcome === 'refused' ? stays : against}${reason === null ? '' : ` (${reason})`}`,
    ...criteria.map(({ name: criterion, met, text }) => `  ${met ? 'met    ' : 'not met'}  ${criterion}: ${text}`),
    ...(outcome === 'refused' ? [`  ${whatIsLeft(decision)}`] : []),
  ].join('\n');
}

function whatIsLeft({ name, version, criteria }: PromotionDecision): string {
  const barred = criteria.some((criterion) => !criterion.met && NOT_OVERRULED.includes(criterion.name));
  return barred
    ? 'It cannot be promoted by force either.'
    : `To promote it all the same: signalbox models promote ${name}@${version} --force --reason TEXT`;
}
