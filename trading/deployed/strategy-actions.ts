import type pg from 'pg';
import { appendAudit, type Actor } from '../../infra/audit/audit-store.ts';
import { InputError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { parseExperiment } from '../../models/experiment/load-experiment.ts';
import { tellSessions } from '../sessions/operators/tell-sessions.ts';
import { seenStrategies, type WholeStrategy } from './seen-strategies.ts';
import { isUp } from './strategy-state.ts';
import { askFor, findStrategy, noteTold, readVersion, type DesiredState } from './strategy-store.ts';

export const STRATEGY_ACTIONS = ['start', 'stop', 'pause', 'resume', 'restart'] as const;
export type StrategyAction = (typeof STRATEGY_ACTIONS)[number];

const DESIRES: Readonly<Record<StrategyAction, DesiredState>> = {
  start: 'running',
  stop: 'stopped',
  pause: 'paused',
  resume: 'running',
  restart: 'running',
};

type Queryable = Pick<pg.ClientBase, 'query'>;
/** Throws where whoever wants it may start no session of that capital. */
export type CapitalPermit = (client: Queryable, capital: number) => Promise<void>;

/** Who wants it, and why. */
interface Wanting {
  readonly actor: Actor;
  readonly reason: string;
  /** `resume ID`, where the session was stopped in an emergency. */
  readonly consent?: string | undefined;
  readonly permit?: CapitalPermit;
}

/**
 * Records what is wanted of a strategy, which its runner then makes true. A paused session opens nothing and keeps its
 * exits: it is told at once, and told to go on by `resume` alone.
 * @throws InputError for a strategy that there is not, or that does not stand so that the action means something; and
 * what `permit` throws, before the session is told anything
 */
export async function actOnStrategy(
  database: Pick<Database, 'pool' | 'transaction'>,
  name: string,
  action: StrategyAction,
  wanting: Wanting,
): Promise<WholeStrategy> {
  const { actor, reason } = wanting;
  const before = await seenStrategy(database, name);
  requireFitting(before, action);
  await requirePermitted(database.pool, before, action, wanting);
  // One that was paused when it was stopped goes on halted otherwise.
  const { sessionId, toldSession } = before.strategy;
  const goesOn =
    action === 'start' && toldSession !== null && toldSession === sessionId && !wantsNewRun(before, action);
  const goesOpen = action === 'resume' || goesOn;
  if (goesOpen) await tellResumed(database, before, wanting);
  await database.transaction(async (client) => {
    const strategy = await findStrategy(client, name, { lock: true });
    if (strategy === undefined) throw noStrategy(name);
    const [seen] = await seenStrategies(client, [strategy]);
    requireFitting(seen!, action);
    await requirePermitted(client, seen!, action, wanting);
    const restart = wantsNewRun(seen!, action);
    await askFor(client, name, { desired: DESIRES[action], by: actor.name, restart });
    if (goesOpen) await noteTold(client, name, null);
    const details = { strategy: name, version: strategy.version };
    const note = { actor, action: `strategy-${action}`, sessionId: strategy.sessionId, reason, details };
    await appendAudit(client, [note]);
  });
  const after = await seenStrategy(database, name);
  if (action !== 'pause') return after;
  await tellPaused(database, after, wanting);
  return seenStrategy(database, name);
}

/** A strategy as it stands. @throws InputError for one that there is not */
export async function seenStrategy({ pool }: Pick<Database, 'pool'>, name: string): Promise<WholeStrategy> {
  const strategy = await findStrategy(pool, name);
  if (strategy === undefined) throw noStrategy(name);
  return (await seenStrategies(pool, [strategy]))[0]!;
}

function noStrategy(name: string): InputError {
  return new InputError(`there is no strategy "${name}"`, 'GET /api/v1/strategies lists them.');
}

function requireFitting({ strategy, session }: WholeStrategy, action: StrategyAction): void {
  const { name, desired } = strategy;
  if (action === 'pause' && desired === 'stopped') {
    throw new InputError(`Strategy "${name}" is stopped: there is nothing to pause.`, 'Start it.');
  }
  if (action === 'pause' && session?.state === 'ended') {
    throw new InputError(`Strategy "${name}" has come to the end of its bars.`, 'Start it: it begins another session.');
  }
  if (action === 'start' && desired === 'paused') {
    throw new InputError(`Strategy "${name}" is paused.`, 'Resume it; restart begins a session of the newest version.');
  }
  if (action === 'resume' && desired === 'stopped') {
    throw new InputError(`Strategy "${name}" is stopped: there is nothing to go on with.`, 'Start it.');
  }
}

/** Whoever starts a session answers for its capital: that of the version which it is going to trade. */
async function requirePermitted(
  client: Queryable,
  seen: WholeStrategy,
  action: StrategyAction,
  { permit }: Wanting,
): Promise<void> {
  if (permit === undefined || (action !== 'start' && action !== 'restart')) return;
  const { name, version, sessionVersion } = seen.strategy;
  const { yaml } = (await readVersion(client, name, wantsNewRun(seen, action) ? version : sessionVersion!))!;
  await permit(client, parseExperiment(yaml, name).capital);
}

/** Whether the next start is another session: of another version, or because the last one is over. */
function wantsNewRun(seen: WholeStrategy, action: StrategyAction): boolean {
  const { strategy, session } = seen;
  if (action === 'restart') return true;
  if (action === 'stop') return false;
  // One that runs keeps its version until it is restarted.
  if (action !== 'start' || (strategy.desired !== 'stopped' && isUp(seen))) return strategy.restart;
  return strategy.sessionVersion !== strategy.version || session?.state === 'ended';
}

/**
 * Tells the session of a paused strategy to open nothing, once, where there is one by now; else its runner does once
 * there is. Whoever comes at the same time waits, and finds it told.
 */
export async function tellPaused(
  database: Pick<Database, 'pool' | 'transaction'>,
  { strategy: { name }, session }: WholeStrategy,
  { actor, reason }: Wanting,
): Promise<void> {
  if (session === undefined || session.state === 'ended') return;
  await database.transaction(async (client) => {
    const now = await findStrategy(client, name, { lock: true });
    if (now?.desired !== 'paused' || now.sessionId !== session.id || now.toldSession === session.id) return;
    await tellSessions(database, 'halt', { sessionId: session.id, actor, reason });
    await noteTold(client, name, session.id);
  });
}

async function tellResumed(
  database: Pick<Database, 'pool' | 'transaction'>,
  { session }: WholeStrategy,
  { actor, reason, consent }: Wanting,
): Promise<void> {
  if (session === undefined || session.state === 'ended') return;
  await tellSessions(database, 'resume', { sessionId: session.id, actor, reason, consent });
}
