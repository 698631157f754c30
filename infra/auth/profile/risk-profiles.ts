import { appendAudit } from '../../audit/audit-store.ts';
import type { Database } from '../../postgres/database.ts';
import type { Doing } from '../accounts.ts';
import { userNamed } from '../user-store.ts';
import {
  askedSince,
  riskProfileOf,
  storeRiskProfile,
  type AskedSoFar,
  type RiskProfile,
  type StoredProfile,
} from './risk-profile-store.ts';

const NO_BOUNDS: RiskProfile = {
  orderValueMax: null,
  dailyOrdersMax: null,
  dailyValueMax: null,
  sessionCapitalMax: null,
  symbols: null,
};

/** What a user may ask for, and what they have asked for today. */
export interface ShownProfile {
  readonly name: string;
  readonly profile: RiskProfile;
  readonly changedBy: string | null;
  readonly changedAt: Date | null;
  readonly today: AskedSoFar;
}

/** Midnight in UTC before a moment. */
export function dayOf(ms: number): Date {
  return new Date(new Date(ms).setUTCHours(0, 0, 0, 0));
}

/** @throws InputError where there is no such user */
export async function showRiskProfile(
  { pool }: Pick<Database, 'pool'>,
  name: string,
  nowMs: number,
): Promise<ShownProfile> {
  const user = await userNamed(pool, name);
  const found = await riskProfileOf(pool, user.id);
  return shown(user.name, found, await askedSince(pool, user.id, dayOf(nowMs)));
}

/** Changes what is named of a user's bounds; the rest stays. @throws InputError */
export async function changeRiskProfile(
  { database, clock, actor }: Doing,
  name: string,
  change: Partial<RiskProfile> & { readonly reason: string },
): Promise<ShownProfile> {
  const { reason, ...bounds } = change;
  return database.transaction(async (client) => {
    const user = await userNamed(client, name);
    const before = boundsOf(await riskProfileOf(client, user.id));
    const after: RiskProfile = { ...before, ...bounds };
    const stored = { ...after, changedBy: actor.name, changedAt: new Date(clock()) };
    await storeRiskProfile(client, user.id, stored);
    const asked = await askedSince(client, user.id, dayOf(clock()));
    const details = { name: user.name, before, after };
    await appendAudit(client, [{ actor, action: 'risk-profile-change', sessionId: null, reason, details }]);
    return shown(user.name, stored, asked);
  });
}

/** The bounds alone. */
export function boundsOf(stored: StoredProfile | undefined): RiskProfile {
  if (stored === undefined) return NO_BOUNDS;
  const { orderValueMax, dailyOrdersMax, dailyValueMax, sessionCapitalMax, symbols } = stored;
  return { orderValueMax, dailyOrdersMax, dailyValueMax, sessionCapitalMax, symbols };
}

function shown(name: string, stored: StoredProfile | undefined, today: AskedSoFar): ShownProfile {
  const { changedBy = null, changedAt = null } = stored ?? {};
  return { name, profile: boundsOf(stored), changedBy, changedAt, today };
}
