import { lockUntilCommit } from '../../infra/postgres/lock-until-commit.ts';
import type { Clock } from '../../infra/clock.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import {
  finalModelOf,
  hasExpired,
  listVersions,
  type ModelVersion,
  aliasHolder,
} from '../../models/registry/model-store.ts';
import { readDecisions } from '../../models/promotion/decision-store.ts';
import { applyDecision } from '../../models/promotion/promote.ts';
import { decidePromotion, type PromotionDecision } from '../../models/promotion/promotion-gate.ts';
import { promotionEvidence, type EvidenceWork } from './promotion-evidence.ts';

/**
 * Where a training's version stands in the registry: `decision` is the newest about it, null where nobody has offered
 * it.
 */
export interface RegisteredVersion {
  readonly version: ModelVersion;
  readonly decision: PromotionDecision | null;
  /** Whether it gives no signals for bars of now. */
  readonly expired: boolean;
  /** The champion of its name, where that one has expired. */
  readonly expiredChampion: ModelVersion | null;
}

/**
 * Offers a training's version to the gate while its name has no champion, so that a newcomer's first model may trade
 * where it proves to be better than holding, and stands as challenger with the reasons where it does not. Once: what
 * was refused is not offered again by itself. Processes that finish the same training at the same moment wait for each
 * other. Resolves to where the version stands.
 */
export async function offerFirst(
  database: Database,
  training: { readonly hash: string; readonly name: string },
  clock: Clock,
  work: EvidenceWork = {},
): Promise<RegisteredVersion> {
  await database.transaction(async (client) => {
    const { name } = training;
    await lockUntilCommit(client, `signalbox first champion ${name}`);
    if ((await aliasHolder(client, name, 'champion')) !== null) return;
    const { version, decision } = await standing(database, training, clock());
    if (decision?.outcome === 'refused') return;
    const evidence = await promotionEvidence(database, version, clock(), work);
    await applyDecision(database, decidePromotion(evidence, clock()));
  });
  return standing(database, training, clock());
}

async function standing(
  { pool }: Pick<Database, 'pool'>,
  { hash, name }: { readonly hash: string; readonly name: string },
  nowMs: number,
): Promise<RegisteredVersion> {
  const model = await finalModelOf(pool, hash);
  const versions = await listVersions(pool, name);
  const version = versions.find(({ modelHash }) => modelHash === model?.hash);
  if (version === undefined) {
    throw new SignalboxError(`The model of ${name} is not in the registry.`, { remedy: 'Run the experiment again.' });
  }
  const decisions = await readDecisions(pool, name, version.modelHash);
  const expiredChampion = versions.find((one) => one.aliases.includes('champion') && hasExpired(one, nowMs)) ?? null;
  return { version, decision: decisions.at(-1) ?? null, expired: hasExpired(version, nowMs), expiredChampion };
}

const unmetOf = (decision: PromotionDecision | null): PromotionDecision['criteria'] =>
  (decision?.criteria ?? []).filter(({ met }) => !met);

/**
 * The version as a result document says it, without wall time: the same run gives the same document. `models show
 * --json` has the rest.
 */
export function standingValue({
  version,
  decision,
  expired,
  expiredChampion,
}: RegisteredVersion): Record<string, unknown> {
  const unmet = unmetOf(decision);
  return {
    name: version.name,
    version: version.version,
    aliases: version.aliases,
    expires: version.expiresAt?.toISOString() ?? null,
    expired,
    expiredChampion: expiredChampion?.version ?? null,
    outcome: decision?.outcome ?? null,
    notMet: unmet.map(({ name }) => name),
    reasons: unmet.map(({ name, text }) => `${name}: ${text}.`),
  };
}

const dayOf = ({ expiresAt }: ModelVersion): string => expiresAt?.toISOString().slice(0, 10) ?? 'no day';

/**
 * What a reader of a run is told of it: which version it is, whether it may trade, why not, and what to do about that.
 */
export function standingText({ version: of, decision, expired, expiredChampion }: RegisteredVersion): string[] {
  const { name, version, aliases } = of;
  const reference = `${name}@${version}`;
  const card = `signalbox models show ${reference}`;
  const after = 'it gives no signals for later bars; train on newer ones.';
  const gone = [
    ...(expired ? [`It expired on ${dayOf(of)}: ${after}`] : []),
    ...(expiredChampion === null || aliases.includes('champion')
      ? []
      : [`The champion, version ${expiredChampion.version}, expired on ${dayOf(expiredChampion)}: ${after}`]),
  ];
  if (aliases.includes('champion')) {
    const may = expired ? 'the champion, expired' : 'the champion: it may trade';
    return [`${name} version ${version}, ${may} (${card})`, ...gone];
  }
  const unmet = unmetOf(decision);
  if (decision?.outcome !== 'refused') {
    return [
      `${name} version ${version}, not the champion (${card})`,
      ...gone,
      `signalbox models promote ${reference} offers it to the gate.`,
    ];
  }
  return [
    `${name} version ${version} is not the champion: sessions on a live feed do not trade it (${card})`,
    ...gone,
    ...unmet.map(({ name: criterion, text }) => `Not met: ${criterion}: ${text}.`),
    `To let it trade all the same: signalbox models promote ${reference} --force --reason TEXT`,
  ];
}
