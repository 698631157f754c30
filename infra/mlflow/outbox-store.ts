import { lockUntilCommit } from '../postgres/lock-until-commit.ts';
import pg from 'pg';
import { maskJson } from '../logging/mask-secrets.ts';
import type { OutboxEntry } from './outbox-entry.ts';
import { storedEntriesOf, type StoredEntry, type StoredPayload } from './stored-entry.ts';

export type { OutboxEntry } from './outbox-entry.ts';

/** Anything that runs SQL: a client inside a transaction, or the pool. */
export type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * Stores `entries` for delivery to the tracking server, in the caller's transaction when `writer` is a client that has
 * one open (the entries then stand or fall with the results they describe), else in one of its own. Entries of one
 * stream are delivered in the order stored; an entry whose key the stream already has is left as it was. Writers of the
 * same stream wait for each other's commit, so that a later id never becomes visible before an earlier one.
 */
export async function enqueue(
  writer: pg.Pool | pg.PoolClient,
  stream: string,
  entries: readonly OutboxEntry[],
): Promise<void> {
  const rows = entries.flatMap(storedEntriesOf);
  if (!(writer instanceof pg.Pool)) return insertEntries(writer, stream, rows);
  const client = await writer.connect();
  let failure: Error | undefined;
  try {
    await client.query('BEGIN');
    await insertEntries(client, stream, rows);
    await client.query('COMMIT');
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // A client that failed is closed, not returned: closing rolls back.
    client.release(failure);
  }
}

async function insertEntries(client: Queryable, stream: string, rows: readonly StoredEntry[]): Promise<void> {
  await lockUntilCommit(client, `signalbox.tracking.write/${stream}`);
  for (const { entryKey, payload, content } of rows) {
    await client.query(
      `INSERT INTO signalbox.tracking_entries (stream, entry_key, kind, payload, content)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (stream, entry_key) DO NOTHING`,
      // What is sent to the server is read from here.
      [stream, entryKey, payload.kind, maskJson(JSON.stringify(payload)), content],
    );
  }
}

/** A row on its way to the server. */
export interface PendingEntry {
  readonly id: number | string | bigint;
  readonly entryKey: string;
  readonly payload: StoredPayload;
  readonly content: Buffer | null;
  readonly uncertain: boolean;
  /** Attempts begun before this one. */
  readonly attempts: number;
}

/** Streams with something to deliver, the one that waits longest first. */
export async function pendingStreams(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ stream: string }>(
    `SELECT stream FROM signalbox.tracking_entries WHERE state = 'pending' GROUP BY stream ORDER BY min(id)`,
  );
  return rows.map(({ stream }) => stream);
}

export async function nextPending(client: Queryable, stream: string): Promise<PendingEntry | undefined> {
  const { rows } = await client.query<PendingEntry>(
    `SELECT id, entry_key AS "entryKey", payload, content, uncertain, attempts
     FROM signalbox.tracking_entries WHERE stream = $1 AND state = 'pending' ORDER BY id LIMIT 1`,
    [stream],
  );
  return rows[0];
}

/** Committed before the request goes out: whoever comes after a crash knows that the server may have acted. */
export async function markSent(client: Queryable, id: PendingEntry['id']): Promise<void> {
  await client.query('UPDATE signalbox.tracking_entries SET uncertain = true, attempts = attempts + 1 WHERE id = $1', [
    id,
  ]);
}

/** Keeps the entry pending; `uncertain` false: the server has certainly not acted. */
export async function markFailed(
  client: Queryable,
  id: PendingEntry['id'],
  { answer, uncertain }: { answer: string; uncertain: boolean },
): Promise<void> {
  await client.query('UPDATE signalbox.tracking_entries SET answer = $2, uncertain = $3 WHERE id = $1', [
    id,
    answer,
    uncertain,
  ]);
}

/** Refused for good, with the server's answer; the content stays for `requeueRefused`. */
export async function markRefused(
  client: Queryable,
  id: PendingEntry['id'],
  { answer, uncertain }: { answer: string; uncertain: boolean },
): Promise<void> {
  await client.query(
    `UPDATE signalbox.tracking_entries SET state = 'refused', answer = $2, uncertain = $3, settled_at = now()
     WHERE id = $1`,
    [id, answer, uncertain],
  );
}

export type IdentifierKind = 'run' | 'logged-model' | 'model-version';

/** What the server called a run, a logged model or a model version. */
export interface Identifier {
  readonly kind: IdentifierKind;
  readonly localKey: string;
  readonly remoteId: string;
  readonly experimentId: string | null;
  readonly artifactUri: string | null;
}

/** Marks the entry delivered together with the identifier the server gave, in one statement. */
export async function markDelivered(
  client: Queryable,
  id: PendingEntry['id'],
  identifier: Identifier | null,
): Promise<void> {
  const given = identifier ?? { kind: null, localKey: null, remoteId: null, experimentId: null, artifactUri: null };
  await client.query(
    `WITH delivered AS (
       UPDATE signalbox.tracking_entries
       SET state = 'delivered', content = NULL, uncertain = false, answer = NULL, settled_at = now() WHERE id = $1
     )
     INSERT INTO signalbox.tracking_identifiers (kind, local_key, remote_id, experiment_id, artifact_uri)
     SELECT $2::text, $3::text, $4::text, $5::text, $6::text WHERE $2::text IS NOT NULL
     ON CONFLICT (kind, local_key) DO UPDATE SET remote_id = excluded.remote_id,
       experiment_id = excluded.experiment_id, artifact_uri = excluded.artifact_uri`,
    [id, given.kind, given.localKey, given.remoteId, given.experimentId, given.artifactUri],
  );
}

export async function findIdentifier(
  client: Queryable,
  kind: IdentifierKind,
  localKey: string,
): Promise<Identifier | undefined> {
  const { rows } = await client.query<Identifier>(
    `SELECT kind, local_key AS "localKey", remote_id AS "remoteId", experiment_id AS "experimentId",
       artifact_uri AS "artifactUri" FROM signalbox.tracking_identifiers WHERE kind = $1 AND local_key = $2`,
    [kind, localKey],
  );
  return rows[0];
}

/** First eight characters of the id that tells this database's entries from those of others on the same server. */
export async function outboxPrefix(client: Queryable): Promise<string> {
  const { rows } = await client.query<{ prefix: string }>(
    'SELECT left(outbox_id::text, 8) AS prefix FROM signalbox.tracking_outbox',
  );
  return rows[0]!.prefix;
}

/** What waits and what was refused. */
export interface OutboxStatus {
  readonly pending: number;
  readonly refused: number;
  readonly delivered: number;
  readonly oldestPending: Date | null;
  readonly refusals: readonly { stream: string; entryKey: string; answer: string }[];
}

export async function outboxStatus(client: Queryable, refusalsMax = 20): Promise<OutboxStatus> {
  const { rows } = await client.query<{ state: string; entries: number; oldest: Date }>(
    `SELECT state, count(*)::int AS entries, min(enqueued_at) AS oldest FROM signalbox.tracking_entries GROUP BY state`,
  );
  const of = (state: string): number => rows.find((row) => row.state === state)?.entries ?? 0;
  const { rows: refusals } = await client.query<{ stream: string; entryKey: string; answer: string }>(
    `SELECT stream, entry_key AS "entryKey", answer FROM signalbox.tracking_entries
     WHERE state = 'refused' ORDER BY id LIMIT $1`,
    [refusalsMax],
  );
  const oldestPending = rows.find((row) => row.state === 'pending')?.oldest ?? null;
  return { pending: of('pending'), refused: of('refused'), delivered: of('delivered'), oldestPending, refusals };
}

/** Puts refused entries back in line (their cause was mended on the server). Returns how many. */
export async function requeueRefused(client: Queryable): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE signalbox.tracking_entries SET state = 'pending', attempts = 0, settled_at = NULL WHERE state = 'refused'`,
  );
  return rowCount ?? 0;
}
