import type pg from 'pg';
import { canonicalJson } from '../hash.ts';
import { lockUntilCommit } from '../postgres/lock-until-commit.ts';
import { maskJson } from '../logging/mask-secrets.ts';
import { storableText } from '../logging/storable-text.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Who did something: a person at the command line, a strategy by its name, or a part of ours. */
export interface Actor {
  readonly kind: 'operator' | 'strategy' | 'system';
  readonly name: string;
}

/** What is put on record. */
export interface AuditNote {
  readonly actor: Actor;
  /** In kebab-case, such as `halt`, `limits-change` or `promotion`. */
  readonly action: string;
  readonly sessionId: string | null;
  /** Why, in the words of whoever did it; empty where nobody said. */
  readonly reason: string;
  /** Plain JSON. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** An entry of the chain as it is stored. */
export interface AuditEntry {
  readonly position: number;
  readonly at: Date;
  readonly actorKind: Actor['kind'];
  readonly actor: string;
  readonly action: string;
  readonly sessionId: string | null;
  readonly reason: string;
  /** JSON. */
  readonly details: string;
  readonly previous: string;
  readonly hash: string;
}

/** What an entry says when those before it were removed: the last of them, and its hash. */
const CUT = 'audit-cut';

const ENTRY = `position, at, actor_kind AS "actorKind", actor, action, session_id AS "sessionId", reason, details,
  previous, hash`;

/**
 * Adds entries to the chain, in order, in the transaction of the caller where there is one: they stand or fall with
 * what they tell of. Other writers wait until that ends, so it comes last. Secrets are masked.
 */
export async function appendAudit(client: Queryable, notes: readonly AuditNote[]): Promise<void> {
  const rows = notes.map(({ actor, action, sessionId, reason, details }) => ({
    kind: actor.kind,
    actor: storableText(actor.name),
    action,
    session: sessionId,
    reason: storableText(reason),
    details: maskJson(canonicalJson(details)),
  }));
  await client.query(
    `INSERT INTO signalbox.audit_entries (actor_kind, actor, action, session_id, reason, details)
     SELECT kind, actor, action, session, reason, details
     FROM json_to_recordset($1) AS note (kind text, actor text, action text, session text, reason text, details text)`,
    [JSON.stringify(rows)],
  );
}

/** Entries after a position, in order. */
export async function entriesAfter(client: Queryable, after: number, limit: number): Promise<AuditEntry[]> {
  const { rows } = await client.query<AuditEntry>(
    `SELECT ${ENTRY} FROM signalbox.audit_entries WHERE position > $1 ORDER BY position LIMIT $2`,
    [after, limit],
  );
  return rows;
}

/** The newest entries, of a session or of all, the newest first. */
export async function newestEntries(
  client: Queryable,
  { sessionId, action, before, limit }: { sessionId?: string; action?: string; before?: number; limit: number },
): Promise<AuditEntry[]> {
  const { rows } = await client.query<AuditEntry>(
    `SELECT ${ENTRY} FROM signalbox.audit_entries
     WHERE ($1::text IS NULL OR session_id = $1) AND ($2::text IS NULL OR action = $2)
       AND ($3::bigint IS NULL OR position < $3)
     ORDER BY position DESC LIMIT $4`,
    [sessionId ?? null, action ?? null, before ?? null, limit],
  );
  return rows;
}

/** The newest entry of each of some sessions that is one of these actions; those that have none are left out. */
export async function lastActions(
  client: Queryable,
  sessionIds: readonly string[],
  actions: readonly string[],
): Promise<ReadonlyMap<string, AuditEntry>> {
  const { rows } = await client.query<AuditEntry & { sessionId: string }>(
    `SELECT DISTINCT ON (session_id) ${ENTRY} FROM signalbox.audit_entries
     WHERE session_id = ANY($1) AND action = ANY($2) ORDER BY session_id, position DESC`,
    [sessionIds, actions],
  );
  return new Map(rows.map((entry) => [entry.sessionId, entry]));
}

/** What the chain goes on from where its first entries were removed: by the entry that says so, or null. */
export async function cutBefore(client: Queryable, first: number): Promise<string | null> {
  const { rows } = await client.query<{ hash: string }>(
    `SELECT details::jsonb ->> 'hash' AS hash FROM signalbox.audit_entries
     WHERE action = '${CUT}' AND (details::jsonb ->> 'through')::bigint = $1 - 1 ORDER BY position DESC LIMIT 1`,
    [first],
  );
  return rows[0]?.hash ?? null;
}

/** Entries that are older than a moment, without one that is younger before them. */
export interface OldEntries {
  readonly entries: number;
  readonly through: number;
  readonly hash: string;
}

/** The beginning of the chain that is older than `beforeMs`; null where nothing is. */
export async function entriesBefore(client: Queryable, beforeMs: number): Promise<OldEntries | null> {
  const { rows } = await client.query<OldEntries>(
    `WITH young AS (SELECT min(position) AS position FROM signalbox.audit_entries WHERE at >= $1)
     SELECT position AS through, hash,
            (SELECT count(*)::int FROM signalbox.audit_entries AS old WHERE old.position <= last.position) AS entries
     FROM signalbox.audit_entries AS last
     WHERE position < coalesce((SELECT position FROM young), 9223372036854775807)
     ORDER BY position DESC LIMIT 1`,
    [new Date(beforeMs)],
  );
  return rows[0] ?? null;
}

/**
 * Removes the beginning of the chain that is older than `beforeMs`, in the transaction of the caller. The entry that is
 * added before says who did it and what the rest goes on from.
 */
export async function cutEntries(
  client: Queryable,
  beforeMs: number,
  note: Omit<AuditNote, 'action'>,
): Promise<number> {
  await lockUntilCommit(client, 'signalbox.audit_entries');
  const old = await entriesBefore(client, beforeMs);
  if (old === null) return 0;
  await appendAudit(client, [{ ...note, action: CUT, details: { ...note.details, ...old } }]);
  await client.query('DELETE FROM signalbox.audit_entries WHERE position <= $1', [old.through]);
  return old.entries;
}
