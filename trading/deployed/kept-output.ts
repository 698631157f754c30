import { maySee, type Identity } from '../../infra/auth/identity.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { isUp, stateWords, strategyState, type StrategyState } from './strategy-state.ts';
import { seenStrategies, type WholeStrategy } from './seen-strategies.ts';
import { listStrategies, type DesiredState, type StrategySettings } from './strategy-store.ts';

/** A strategy as the service shows it. */
export interface ShownStrategy {
  readonly name: string;
  readonly version: number;
  readonly settings: StrategySettings;
  readonly desired: DesiredState;
  readonly state: StrategyState;
  readonly words: string | null;
  readonly askedAt: string;
  readonly askedBy: string;
  readonly session: string | null;
  readonly sessionVersion: number | null;
  readonly isBehind: boolean;
  readonly capital: number | null;
  readonly equity: number | null;
  readonly profit: number | null;
  readonly lastClose: string | null;
}

export function shownStrategy(seen: WholeStrategy): ShownStrategy {
  const { strategy, session } = seen;
  const { name, version, settings, desired, askedAt, askedBy, sessionId, sessionVersion } = strategy;
  const { capital = null, equity = null, lastClose = null } = session ?? {};
  return {
    name,
    version,
    settings,
    desired,
    state: strategyState(seen),
    words: stateWords(seen),
    askedAt: askedAt.toISOString(),
    askedBy,
    session: sessionId,
    sessionVersion,
    isBehind: isUp(seen) && sessionVersion !== version,
    capital,
    equity,
    profit: capital === null || equity === null ? null : equity - capital,
    lastClose: lastClose?.toISOString() ?? null,
  };
}

/** Strategies that whoever asks may see, by name: all, or those of their own sessions. */
export async function keptStrategies(
  { pool }: Pick<Database, 'pool'>,
  identity: Pick<Identity, 'sessions'>,
): Promise<ShownStrategy[]> {
  const seen = await seenStrategies(pool, await listStrategies(pool));
  return seen.filter(({ strategy }) => maySeeStrategy(identity, strategy)).map(shownStrategy);
}

/** Whether a strategy is theirs to see: its session is. */
export function maySeeStrategy(
  identity: Pick<Identity, 'sessions'>,
  { sessionId }: { readonly sessionId: string | null },
): boolean {
  return identity.sessions === null || (sessionId !== null && maySee(identity, sessionId));
}
