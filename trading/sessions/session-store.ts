import type pg from 'pg';
import { InputError } from '../../infra/errors.ts';
import { canonicalJson, hashOf } from '../../infra/hash.ts';
import type { Command } from '../effect.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** What a session is; two runs of one id must agree on all of it. */
export interface SessionDefinition {
  readonly id: string;
  readonly kind: 'backtest' | 'paper' | 'live';
  readonly symbols: readonly string[];
  readonly capital: number;
  /** Everything else that decides what the session does: strategy, parameters, limits, costs, data. Plain JSON. */
  readonly definition: Readonly<Record<string, unknown>>;
}

/**
 * Registers the session, or finds it again.
 * @throws InputError when the id belongs to a session with another definition.
 */
export async function openSession(client: Queryable, session: SessionDefinition): Promise<void> {
  const { id, kind, symbols, capital, definition } = session;
  const hash = hashOf({ kind, symbols, capital, definition });
  await client.query(
    `INSERT INTO signalbox.sessions (id, kind, definition_hash, definition, symbols, capital)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`,
    [id, kind, hash, canonicalJson(definition), symbols, capital],
  );
  const { rows } = await client.query<{ definition_hash: string }>(
    'SELECT definition_hash FROM signalbox.sessions WHERE id = $1',
    [id],
  );
  if (rows[0]!.definition_hash !== hash) {
    throw new InputError(
      `session "${id}" exists with another strategy, data, limits or costs`,
      'give the session another id, or run it with the definition it was started with',
    );
  }
}

/** Keeps other processes out of a session until the transaction ends, whether it is stored yet or not. */
export async function lockSession(client: Queryable, id: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`signalbox.sessions/${id}`]);
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
}

/** The history that a live session began with; null where there is no such session. */
export async function historyOf(client: Queryable, id: string): Promise<SessionHistory | null> {
  const { rows } = await client.query<{ history: SessionHistory | null }>(
    `SELECT definition -> 'history' AS history FROM signalbox.sessions WHERE id = $1`,
    [id],
  );
  return rows[0]?.history ?? null;
}

/** Marks the session as over. */
export async function closeSession(client: Queryable, id: string, journalHash: string): Promise<void> {
  await client.query('UPDATE signalbox.sessions SET ended_at = now(), journal_hash = $2 WHERE id = $1', [
    id,
    journalHash,
  ]);
}

/**
 * Hands a command to a session, or to every session that has not ended.
 * @returns the ids that will take it up
 */
export async function requestCommand(
  client: Queryable,
  command: Command['command'],
  sessionId?: string,
): Promise<string[]> {
  const { rows } = await client.query<{ session_id: string }>(
    `INSERT INTO signalbox.session_commands (session_id, command)
     SELECT id, $1 FROM signalbox.sessions
     WHERE CASE WHEN $2::text IS NULL THEN ended_at IS NULL AND kind <> 'backtest' ELSE id = $2 END
     RETURNING session_id`,
    [command, sessionId ?? null],
  );
  if (sessionId !== undefined && rows.length === 0) {
    throw new InputError(`there is no session "${sessionId}"`, 'see the sessions table for their ids');
  }
  return rows.map((row) => row.session_id);
}

/**
 * The commands of one session: those taken up before are repeated at their step, new ones are taken up at the step that
 * asks.
 */
export class SessionCommands {
  readonly #client: Queryable;
  readonly #id: string;
  readonly #taken: Map<number, Command['command'][]>;

  private constructor(client: Queryable, id: string, taken: Map<number, Command['command'][]>) {
    this.#client = client;
    this.#id = id;
    this.#taken = taken;
  }

  static async load(client: Queryable, id: string): Promise<SessionCommands> {
    const { rows } = await client.query<{ command: Command['command']; step: number }>(
      `SELECT command, step FROM signalbox.session_commands
       WHERE session_id = $1 AND step IS NOT NULL ORDER BY id`,
      [id],
    );
    const taken = new Map<number, Command['command'][]>();
    for (const { command, step } of rows) taken.set(step, [...(taken.get(step) ?? []), command]);
    return new SessionCommands(client, id, taken);
  }

  /** What was taken up at `step` before a restart. */
  replayed(step: number): readonly Command['command'][] {
    return this.#taken.get(step) ?? [];
  }

  /** Takes up what is waiting: its step is stored before the session acts on it. */
  async take(step: number): Promise<readonly Command['command'][]> {
    const { rows } = await this.#client.query<{ id: number; command: Command['command'] }>(
      `UPDATE signalbox.session_commands SET step = $2 WHERE session_id = $1 AND step IS NULL RETURNING id, command`,
      [this.#id, step],
    );
    return rows.sort((a, b) => a.id - b.id).map((row) => row.command);
  }
}
