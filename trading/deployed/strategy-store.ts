import type pg from 'pg';

type Queryable = Pick<pg.ClientBase, 'query'>;

export const DESIRED_STATES = ['running', 'paused', 'stopped'] as const;
export type DesiredState = (typeof DESIRED_STATES)[number];

/** How a strategy is run, beside its experiment: part of its version. Real money is none of the choices. */
export interface StrategySettings {
  readonly broker: 'simulated' | 'alpaca';
  readonly feed: 'replay' | 'live';
  /** Event time over wall time of a replay; null for as fast as it can. */
  readonly speed: number | null;
  /** What becomes of positions and orders at the venue that are not of its session. */
  readonly foreign: 'refuse' | 'adopt';
}

/** A strategy as it is kept. */
export interface StoredStrategy {
  readonly name: string;
  /** The newest. */
  readonly version: number;
  readonly settings: StrategySettings;
  readonly desired: DesiredState;
  readonly askedAt: Date;
  readonly askedBy: string;
  /** The session of its last run, and the version that it trades; null before the first. */
  readonly sessionId: string | null;
  readonly sessionVersion: number | null;
  readonly runs: number;
  /** The next run is of the newest version, once the present one is down. */
  readonly restart: boolean;
  /** The session that was told to halt because the strategy is paused. */
  readonly toldSession: string | null;
  /** Starts in vain since it was last asked for. */
  readonly tries: number;
  /** What the last start in vain said. */
  readonly problem: string | null;
}

/** A version of a strategy, without its text. */
interface StrategyVersion {
  readonly version: number;
  readonly settings: StrategySettings;
  readonly madeAt: Date;
  readonly madeBy: string;
  readonly reason: string;
}

/** What a new version is made of. */
interface NewVersion {
  readonly name: string;
  readonly yaml: string;
  readonly settings: StrategySettings;
  readonly by: string;
  readonly reason: string;
}

const STRATEGY = `s.name, s.version, v.settings, s.desired, s.asked_at AS "askedAt", s.asked_by AS "askedBy",
  s.session_id AS "sessionId", s.session_version AS "sessionVersion", s.runs, s.restart,
  s.told_session AS "toldSession", s.tries, s.problem
  FROM signalbox.strategies s JOIN signalbox.strategy_versions v ON v.strategy = s.name AND v.version = s.version`;
const VERSION = 'version, settings, made_at AS "madeAt", made_by AS "madeBy", reason';

/** Keeps a new strategy, stopped, as version 1. False where the name is taken. */
export async function addStrategy(client: Queryable, { name, ...made }: NewVersion): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO signalbox.strategies (name, version, asked_by) VALUES ($1, 1, $2) ON CONFLICT (name) DO NOTHING`,
    [name, made.by],
  );
  if (rowCount !== 1) return false;
  await writeVersion(client, 1, { name, ...made });
  return true;
}

/** Keeps a version that follows `from`, and answers its number; null where another one came in between. */
export async function addVersion(client: Queryable, from: number, made: NewVersion): Promise<number | null> {
  const { rowCount } = await client.query(
    'UPDATE signalbox.strategies SET version = version + 1 WHERE name = $1 AND version = $2',
    [made.name, from],
  );
  if (rowCount !== 1) return null;
  await writeVersion(client, from + 1, made);
  return from + 1;
}

async function writeVersion(client: Queryable, version: number, made: NewVersion): Promise<void> {
  const { name, yaml, settings, by, reason } = made;
  await client.query(
    `INSERT INTO signalbox.strategy_versions (strategy, version, yaml, settings, made_by, reason)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [name, version, yaml, JSON.stringify(settings), by, reason],
  );
}

/** All strategies, by name. */
export async function listStrategies(client: Queryable): Promise<StoredStrategy[]> {
  const { rows } = await client.query<StoredStrategy>(`SELECT ${STRATEGY} ORDER BY s.name`);
  return rows;
}

/** One of them; with `lock` nobody else changes it until the transaction ends. */
export async function findStrategy(
  client: Queryable,
  name: string,
  { lock = false } = {},
): Promise<StoredStrategy | undefined> {
  const { rows } = await client.query<StoredStrategy>(
    `SELECT ${STRATEGY} WHERE s.name = $1 ${lock ? 'FOR UPDATE OF s' : ''}`,
    [name],
  );
  return rows[0];
}

/** Versions of a strategy, the newest first. */
export async function listVersions(client: Queryable, name: string): Promise<StrategyVersion[]> {
  const { rows } = await client.query<StrategyVersion>(
    `SELECT ${VERSION} FROM signalbox.strategy_versions WHERE strategy = $1 ORDER BY version DESC`,
    [name],
  );
  return rows;
}

/** One version whole; undefined where there is none. */
export async function readVersion(
  client: Queryable,
  name: string,
  version: number,
): Promise<(StrategyVersion & { readonly yaml: string }) | undefined> {
  const { rows } = await client.query<StrategyVersion & { yaml: string }>(
    `SELECT ${VERSION}, yaml FROM signalbox.strategy_versions WHERE strategy = $1 AND version = $2`,
    [name, version],
  );
  return rows[0];
}

/** Records what is wanted of a strategy from now on. Failures from before count no more. */
export async function askFor(
  client: Queryable,
  name: string,
  { desired, by, restart }: { readonly desired: DesiredState; readonly by: string; readonly restart: boolean },
): Promise<void> {
  await client.query(
    `UPDATE signalbox.strategies SET desired = $2, asked_by = $3, restart = $4, asked_at = clock_timestamp(),
       tries = 0, try_after = clock_timestamp(), problem = NULL WHERE name = $1`,
    [name, desired, by, restart],
  );
}

/** Notes which session was told to halt for a pause; null once it was told to go on. */
export async function noteTold(client: Queryable, name: string, session: string | null): Promise<void> {
  await client.query('UPDATE signalbox.strategies SET told_session = $2 WHERE name = $1', [name, session]);
}

/**
 * Gives the newest version a session of its own, which the next start begins, in place of the one that was looked at.
 * Nothing where another process did, or is starting that one.
 */
export async function beginRun(client: Queryable, { name, sessionId }: StoredStrategy): Promise<void> {
  await client.query(
    `UPDATE signalbox.strategies SET runs = runs + 1, session_version = version, restart = false, told_session = NULL,
       session_id = name || '-v' || version || '-' || (runs + 1)
     WHERE name = $1 AND restart AND session_id IS NOT DISTINCT FROM $2
       AND (starting_until IS NULL OR starting_until < clock_timestamp())`,
    [name, sessionId],
  );
}

/** Takes the next start for this process, for `seconds`. False where another has it, or it is not wanted any more. */
export async function takeStart(
  client: Queryable,
  { name, sessionId }: StoredStrategy,
  seconds: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE signalbox.strategies SET starting_until = clock_timestamp() + make_interval(secs => $3)
     WHERE name = $1 AND session_id = $2 AND desired <> 'stopped' AND NOT restart AND try_after <= clock_timestamp()
       AND (starting_until IS NULL OR starting_until < clock_timestamp())`,
    [name, sessionId, seconds],
  );
  return rowCount === 1;
}

/** Records how a start went: `problem` is null where it did. The next one may be tried after `seconds`. */
export async function endStart(
  client: Queryable,
  name: string,
  { problem, seconds }: { readonly problem: string | null; readonly seconds: number },
): Promise<void> {
  await client.query(
    `UPDATE signalbox.strategies SET problem = $2, tries = CASE WHEN $2::text IS NULL THEN 0 ELSE tries + 1 END,
       try_after = clock_timestamp() + make_interval(secs => $3), starting_until = NULL WHERE name = $1`,
    [name, problem, seconds],
  );
}
