import type { ListedSession } from '../sessions/session-store.ts';
import type { SupervisorRow } from '../sessions/supervisor/supervisor-store.ts';
import type { StoredStrategy } from './strategy-store.ts';

export const STRATEGY_STATES = [
  'stopped',
  'starting',
  'waiting',
  'running',
  'halted',
  'pausing',
  'paused',
  'stopping',
  'restarting',
  'ended',
  'failed',
] as const;
export type StrategyState = (typeof STRATEGY_STATES)[number];

/** Starts in vain after which nobody tries again until somebody asks. */
export const TRIES_MAX = 5;

/** A strategy with what its session and its supervisor are about. */
export interface SeenStrategy {
  readonly strategy: StoredStrategy;
  /** Undefined before its session is on record. */
  readonly session: Pick<ListedSession, 'state' | 'killState' | 'pending'> | undefined;
  readonly supervisor: Pick<SupervisorRow, 'alive' | 'doing' | 'outcome' | 'beganAt' | 'lastWords'> | undefined;
}

/** Whether a process of it is there, of the session or of its supervisor. */
export function isUp({ session, supervisor }: Omit<SeenStrategy, 'strategy'>): boolean {
  return session?.state === 'running' || supervisor?.alive === true;
}

/** Whether it has failed so that only a person starts it again: refused, died too often, or never started. */
export function hasFailed(seen: SeenStrategy): boolean {
  const { strategy, supervisor } = seen;
  if (isUp(seen)) return false;
  if (strategy.tries >= TRIES_MAX) return true;
  if (supervisor === undefined || supervisor.beganAt < strategy.askedAt) return false;
  return supervisor.outcome === 'refused' || supervisor.outcome === 'gave-up';
}

/** How a strategy stands: what is wanted of it, and how far that is true. */
export function strategyState(seen: SeenStrategy): StrategyState {
  const { strategy, session, supervisor } = seen;
  if (strategy.desired === 'stopped') return isUp(seen) ? 'stopping' : 'stopped';
  if (strategy.restart) return 'restarting';
  if (session?.state === 'ended') return 'ended';
  if (hasFailed(seen)) return 'failed';
  if (session?.state !== 'running') {
    return supervisor?.alive === true && supervisor.doing.startsWith('waits for the market') ? 'waiting' : 'starting';
  }
  const isHalted = session.killState !== null && session.killState !== 'run';
  if (strategy.desired === 'paused') return isHalted ? 'paused' : 'pausing';
  return isHalted ? 'halted' : 'running';
}

/** Why it stands so, in words; null where there is nothing to say. */
export function stateWords({ strategy, supervisor }: SeenStrategy): string | null {
  if (strategy.problem !== null) return strategy.problem;
  if (supervisor === undefined) return null;
  const isOfThisRun = supervisor.beganAt >= strategy.askedAt || supervisor.alive;
  const failed = isOfThisRun && supervisor.lastWords !== null ? supervisor.lastWords : null;
  if (supervisor.alive) return failed === null ? supervisor.doing : `${supervisor.doing}; before that: ${failed}`;
  if (!isOfThisRun || (supervisor.outcome !== 'refused' && supervisor.outcome !== 'gave-up')) return null;
  return failed === null ? supervisor.doing : `${supervisor.doing}: ${failed}`;
}
