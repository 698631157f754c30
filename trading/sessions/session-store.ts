import { lockUntilCommit } from '../../infra/postgres/lock-until-commit.ts';
import type pg from 'pg';
import { InputError } from '../../infra/errors.ts';
import { canonicalJson, hashOf } from '../../infra/hash.ts';
import { isPartOf } from './parity/is-part-of.ts';
import type { VenueBeginning } from '../brokers/venue/venue-broker.ts';
import type { KillState } from '../effect.ts';
import type { AskedOrder, AskedOutcome } from '../orders/asked-order.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type * as Taken from './record/taken-command.ts';
import { currentScope } from '../../infra/tracing/scope.ts';
import { runningSql } from './session-lease.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** What a session is; two runs of one id must agree on all of it. */
export interface SessionDefinition {
  readonly id: string;
  readonly kind: 'backtest' | 'paper' | 'live';
  readonly symbols: readonly string[];
  readonly capital: number;
  /** Name of the experiment that it is of, for people: no part of what identifies it. */
  readonly experiment?: string;
  /** Everything else that decides what the session does: strategy, parameters, limits, costs, data. Plain JSON. */
  readonly definition: Readonly<Record<string, unknown>>;
}

/** What signals of a session are named after: the experiment, or else the session itself. */
export function signalSource({ id, definition }: Pick<SessionDefinition, 'id' | 'definition'>): string {
  const { experimentHash } = definition;
  return typeof experimentHash === 'string' ? experimentHash : id;
}

/** A session as it was found. */
export interface OpenedSession {
  /** It was registered just now. */
  readonly isNew: boolean;
  /** The hash of the journal that it ended with; null where it has not ended. */
  readonly endedWith: string | null;
}

/**
 * Registers the session, or finds it again.
 * @throws InputError when the id belongs to a session with another definition.
 */
export async function openSession(client: Queryable, session: SessionDefinition): Promise<OpenedSession> {
  const { id, kind, symbols, capital, definition, experiment = null } = session;
  const hash = hashOf({ kind, symbols, capital, definition });
  const { rowCount } = await client.query(
    `INSERT INTO signalbox.sessions (id, kind, definition_hash, definition, symbols, capital, experiment)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
    [id, kind, hash, canonicalJson(definition), symbols, capital, experiment],
  );
  const { rows } = await client.query<{ definition_hash: string; ended_with: string | null }>(
    `SELECT definition_hash, CASE WHEN ended_at IS NULL THEN NULL ELSE coalesce(journal_hash, '') END AS ended_with
     FROM signalbox.sessions WHERE id = $1`,
    [id],
  );
  if (rows[0]!.definition_hash !== hash) {
    throw new InputError(
      `session "${id}" exists with another strategy, data, limits or costs`,
      'give the session another id, or run it with the definition it was started with',
    );
  }
  return { isNew: rowCount === 1, endedWith: rows[0]!.ended_with };
}

/** Keeps other processes out of a session until the transaction ends, whether it is stored yet or not. */
export async function lockSession(client: Queryable, id: string): Promise<void> {
  await lockUntilCommit(client, `signalbox.sessions/${id}`);
}

/**
 * The hash of the journal that an ended session left; null while it has not ended, or where there is no such session.
 */
export async function journalHashOf(client: Queryable, id: string): Promise<string | null> {
  const { rows } = await client.query<{ journal_hash: string | null }>(
    'SELECT journal_hash FROM signalbox.sessions WHERE id = $1',
    [id],
  );
  return rows[0]?.journal_hash ?? null;
}

/** The session that ended with a journal of this hash, a backtest before others; null where there is none. */
export async function sessionOfJournal(client: Queryable, journalHash: string): Promise<string | null> {
  const sql = `SELECT id FROM signalbox.sessions WHERE journal_hash = $1 ORDER BY kind <> 'backtest', started_at DESC, id LIMIT 1`;
  const { rows } = await client.query<{ id: string }>(sql, [journalHash]);
  return rows[0]?.id ?? null;
}

/** Deletes a session with its journal, commands and bars; nothing where there is none. */
export async function deleteSession(client: Queryable, id: string): Promise<void> {
  await client.query('DELETE FROM signalbox.sessions WHERE id = $1', [id]);
}

/** The bars that a live session knew when it began. */
export interface SessionHistory {
  /** Close of the last of them. */
  readonly untilMs: number;
  /** What identifies them. */
  readonly bars: string;
  /** What identifies the splits and dividends among them. */
  readonly actions?: string;
  /** The last row of events on record that it began with; absent where its features read none. */
  readonly eventsTo?: number;
  /** What it began with at its venue, where that does not keep it. */
  readonly venue?: VenueBeginning;
}

/** The history that a live session began with; null where there is no such session. */
export async function historyOf(client: Queryable, id: string): Promise<SessionHistory | null> {
  const { rows } = await client.query<{ history: SessionHistory | null }>(
    `SELECT definition -> 'history' AS history FROM signalbox.sessions WHERE id = $1`,
    [id],
  );
  return rows[0]?.history ?? null;
}

/**
 * Names what a session was begun with and what of it another definition has otherwise; null where it has none of that.
 * A definition may know less of the session than its own.
 */
export async function changedSince(
  client: Queryable,
  { id, definition }: Pick<SessionDefinition, 'id' | 'definition'>,
): Promise<string | null> {
  const { rows } = await client.query<{ definition: SessionDefinition['definition'] }>(
    'SELECT definition FROM signalbox.sessions WHERE id = $1',
    [id],
  );
  const before = rows[0]?.definition ?? {};
  return Object.keys(definition).find((key) => !isPartOf(definition[key], before[key])) ?? null;
}

/** Marks the session as over. What is on record of one that has ended stays as it is. */
export async function closeSession(client: Queryable, id: string, journalHash: string): Promise<void> {
  await client.query(
    'UPDATE signalbox.sessions SET ended_at = now(), journal_hash = $2 WHERE id = $1 AND ended_at IS NULL',
    [id, journalHash],
  );
}

/** Where a session stands after a close, for whoever looks at it from outside. */
export interface SessionStanding {
  readonly killState: KillState;
  readonly lastCloseMs: number;
  readonly equity: number;
  /** Signed units of the symbols that have a position. */
  readonly positions: Readonly<Record<string, number>>;
  /** It has gone on after so many steps of the market: commands are taken up later. */
  readonly step: number;
}

/** Puts on record where a session stands, until it has ended. */
export async function noteStanding(client: Queryable, id: string, standing: SessionStanding): Promise<void> {
  const { killState, lastCloseMs, equity, positions, step } = standing;
  await client.query({
    name: 'note-standing',
    text: `UPDATE signalbox.sessions
     SET kill_state = $2, last_close = $3, equity = $4, positions = $5, step = greatest(step, $6)
     WHERE id = $1 AND ended_at IS NULL`,
    values: [id, killState, new Date(lastCloseMs), equity, positions, step],
  });
}

/** A session as it is listed. What is not known of one is null. */
export interface ListedSession {
  readonly id: string;
  readonly kind: SessionDefinition['kind'];
  readonly experiment: string | null;
  readonly state: 'running' | 'stopped' | 'ended';
  readonly killState: KillState | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly symbols: readonly string[];
  /** The whole of what identifies it, without its history of bars. */
  readonly definition: Readonly<Record<string, unknown>>;
  readonly lastClose: Date | null;
  readonly capital: number;
  readonly equity: number | null;
  readonly positions: SessionStanding['positions'] | null;
  /** Commands that it has yet to take up, oldest first. */
  readonly pending: readonly Taken.CommandName[];
}

/**
 * Sessions with what is on record of them, the newest first: those of `ids`, or else all that trade, with backtests
 * where they are wanted too.
 */
export async function listSessions(
  client: Queryable,
  { ids, backtests = false }: { readonly ids?: readonly string[]; readonly backtests?: boolean } = {},
): Promise<ListedSession[]> {
  const { rows } = await client.query<ListedSession>(
    `SELECT id, kind, experiment, symbols, definition - 'history' AS definition, kill_state AS "killState", started_at AS "startedAt", ended_at AS "endedAt",
            last_close AS "lastClose", capital::float8 AS capital, equity, positions,
            CASE WHEN ended_at IS NOT NULL THEN 'ended' WHEN ${runningSql('id')} THEN 'running' ELSE 'stopped' END AS state,
            ARRAY(SELECT command FROM signalbox.session_commands
                  WHERE session_id = sessions.id AND step IS NULL ORDER BY session_commands.id) AS pending
     FROM signalbox.sessions WHERE CASE WHEN $1::text[] IS NULL THEN $2 OR kind <> 'backtest' ELSE id = ANY($1) END
     ORDER BY started_at DESC, id`,
    [ids ?? null, backtests],
  );
  return rows;
}

/**
 * Hands a command to a session that has not ended, or to every one that a process runs.
 * @throws InputError for a session that there is not, or that has ended; with a `request` none is reached
 */
export async function requestCommand(
  client: Queryable,
  command: Taken.CommandName,
  sessionId?: string,
  { limits, asked, request }: Taken.CommandContent = {},
): Promise<Taken.CommandedSession[]> {
  const { rows } = await client.query<Taken.CommandedSession>(
    `WITH reached AS (
       SELECT id, ${runningSql('id')} AS running FROM signalbox.sessions
       WHERE ended_at IS NULL AND kind <> 'backtest' AND ($2::text IS NULL OR id = $2)
     ), asked AS (
       INSERT INTO signalbox.session_commands (session_id, command, limits, asked, request, origin)
       SELECT id, $1, $3::jsonb, $4::jsonb, $5, $6::jsonb FROM reached WHERE running OR $2::text IS NOT NULL
       ON CONFLICT (session_id, request) WHERE request IS NOT NULL DO NOTHING RETURNING session_id, id AS number
     )
     SELECT reached.id, running, asked.number FROM asked JOIN reached ON reached.id = session_id ORDER BY reached.id`,
    [command, sessionId ?? null, limits ?? null, asked ?? null, request ?? null, currentScope()],
  );
  if (sessionId !== undefined && rows.length === 0 && request === undefined) await refuseCommand(client, sessionId);
  return asked === undefined ? rows.map(({ id, running }) => ({ id, running })) : rows;
}

async function refuseCommand(client: Queryable, id: string): Promise<never> {
  const { rows } = await client.query<{ kind: string; ended_at: Date | null }>(
    'SELECT kind, ended_at FROM signalbox.sessions WHERE id = $1',
    [id],
  );
  const remedy = 'signalbox sessions list shows what there is. Leave --session out to reach every session that runs.';
  const [found] = rows;
  if (found === undefined) throw new InputError(`there is no session "${id}"`, remedy);
  if (found.kind === 'backtest') throw new InputError(`"${id}" is a backtest: it takes no commands`, remedy);
  throw new InputError(`session "${id}" ended at ${found.ended_at!.toISOString()}: it takes no commands`, remedy);
}

/** Puts on record the limits that a session begins with, or has changed to. */
export async function noteLimits(
  client: Queryable,
  id: string,
  limits: RiskLimits,
  when: 'begins' | 'changed',
): Promise<void> {
  await client.query(
    `UPDATE signalbox.sessions SET limits = $2 WHERE id = $1 AND ended_at IS NULL AND (limits IS NULL OR $3)`,
    [id, limits, when === 'changed'],
  );
}

/** The limits of a session as it last had them, and those that wait to be taken up, oldest first. */
export async function readLimits(
  client: Queryable,
  id: string,
): Promise<{ readonly limits: RiskLimits | null; readonly pending: readonly RiskLimits[] }> {
  const { rows } = await client.query<{ limits: RiskLimits | null; pending: readonly RiskLimits[] }>(
    `SELECT limits, ARRAY(SELECT limits FROM signalbox.session_commands
       WHERE session_id = $1 AND command = 'limits' AND step IS NULL ORDER BY session_commands.id) AS pending
     FROM signalbox.sessions WHERE id = $1`,
    [id],
  );
  return rows[0] ?? { limits: null, pending: [] };
}

/** An order that no session has taken up by then is void: whoever asked for it has gone. */
export const ASKED_SECONDS = 30;

interface CommandRow {
  readonly id: number;
  readonly command: Taken.CommandName;
  readonly limits: RiskLimits | null;
  readonly asked: AskedOrder | null;
  readonly origin?: Taken.CommandOrigin | null;
}

function contentOf({ id, command, limits, asked, origin = null }: CommandRow): Omit<Taken.TakenCommand, 'timeMs'> {
  const more = { ...(limits === null ? {} : { limits }), ...(origin === null ? {} : { origin }) };
  return { command, ...more, ...(asked === null ? {} : { id, asked }) };
}

/** Commands that a session took up, by step, and the last step that it had begun when it looked; null for none. */
export async function readTaken(
  client: Queryable,
  id: string,
): Promise<{ readonly step: number | null; readonly taken: Map<number, Taken.TakenCommand[]> }> {
  const { rows } = await client.query<CommandRow & { step: number; took_effect_at: Date | null }>(
    `SELECT id, command, limits, asked, step, took_effect_at FROM signalbox.session_commands
     WHERE session_id = $1 AND step IS NOT NULL AND outcome ->> 'is' IS DISTINCT FROM 'too-late' ORDER BY id`,
    [id],
  );
  const taken = new Map<number, Taken.TakenCommand[]>();
  for (const { step, took_effect_at: at, ...row } of rows) {
    taken.set(step, [...(taken.get(step) ?? []), { ...contentOf(row), timeMs: at?.getTime() ?? null }]);
  }
  const reached = await client.query<{ step: number | null }>('SELECT step FROM signalbox.sessions WHERE id = $1', [
    id,
  ]);
  return { step: reached.rows[0]?.step ?? null, taken };
}

/** Commands that no session has taken up, oldest first. One that has ended has none. */
export async function readWaiting(client: Queryable, id: string): Promise<Taken.WaitingCommand[]> {
  const { rows } = await client.query<CommandRow & { late: boolean }>({
    name: 'waiting-commands',
    text: `SELECT command.id, command.command, command.limits, command.asked, command.origin,
            asked IS NOT NULL AND requested_at < now() - interval '${ASKED_SECONDS} s' AS late FROM signalbox.session_commands AS command
     JOIN signalbox.sessions ON sessions.id = command.session_id AND ended_at IS NULL
     WHERE command.session_id = $1 AND command.step IS NULL ORDER BY command.id`,
    values: [id],
  });
  return rows.map((row) => ({ ...contentOf(row), id: row.id, late: row.late }));
}

/** Records that a session has taken commands up: in the transaction of what they led to. */
export function takenStep(sessionId: string, marks: readonly Taken.TakenMark[]): pg.QueryConfig {
  const of = <T>(value: (mark: Taken.TakenMark) => T): T[] => marks.map(value);
  const at = of(({ timeMs }) => (timeMs === null ? null : new Date(timeMs)));
  return {
    text: `UPDATE signalbox.session_commands AS command SET step = taken.step, took_effect_at = taken.at, outcome = taken.outcome
     FROM unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::jsonb[]) AS taken (id, step, at, outcome)
     WHERE command.session_id = $1 AND command.id = taken.id`,
    values: [sessionId, of(({ id }) => id), of(({ step }) => step), at, of(({ outcome = null }) => outcome)],
  };
}

/** What became of an order that was asked for; undefined until its session has taken it up. */
export async function outcomeOf(client: Queryable, command: number): Promise<AskedOutcome | undefined> {
  const { rows } = await client.query<{ outcome: AskedOutcome | null }>(
    'SELECT outcome FROM signalbox.session_commands WHERE id = $1',
    [command],
  );
  return rows[0]?.outcome ?? undefined;
}

/** The command that a request was handed over as; undefined where it was not. */
export async function commandOf(client: Queryable, session: string, request: string): Promise<number | undefined> {
  const sql = 'SELECT id FROM signalbox.session_commands WHERE session_id = $1 AND request = $2';
  return (await client.query<{ id: number }>(sql, [session, request])).rows[0]?.id;
}
