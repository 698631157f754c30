import type { CommandContext } from '../../../infra/command.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import type { SessionLease } from '../session-lease.ts';
import { DatabasePresence } from './database-presence.ts';
import { LocalLog } from './local-log.ts';
import { mergeInto, SessionRecord } from './session-record.ts';
import { nextWriter } from './session-writer-store.ts';

/** What keeps the record of a session that runs. */
export interface KeptRecord {
  readonly record: SessionRecord;
  readonly presence: DatabasePresence;
}

export interface KeepRecordOptions {
  readonly sessionId: string;
  readonly leases: readonly SessionLease[];
  /** Its orders leave to a venue: while the database is away, what protects is recorded on this machine. */
  readonly leaves: boolean;
  /** Hears when the database is back, and has all of it. */
  readonly onBack: () => void;
}

/**
 * Begins to write the record of a session that this process has the lease of, and merges what an earlier one left in
 * its local log.
 */
export async function keepRecord(
  { config, progress, signal }: Pick<CommandContext, 'config' | 'progress' | 'signal'>,
  database: Database,
  { sessionId, leases, leaves, onBack }: KeepRecordOptions,
): Promise<KeptRecord> {
  const note = (text: string): void => progress.note(text);
  const log = LocalLog.of(config.dataDir, sessionId);
  await mergeLeft(database, sessionId, { log, note });
  const standing = await nextWriter(database.pool, sessionId);
  const record = new SessionRecord({
    database,
    sessionId,
    standing,
    signal,
    log: leaves ? log : undefined,
    note,
  });
  const presence = new DatabasePresence({
    ping: () => database.pool.query('SELECT 1'),
    recover: async () => {
      for (const lease of leases) await lease.retake();
      await record.merge();
      onBack();
    },
    note,
  });
  record.watchedBy(presence);
  return { record, presence };
}

/** What an earlier process could not put into the database. */
async function mergeLeft(
  database: Pick<Database, 'transaction'>,
  sessionId: string,
  { log, note }: { readonly log: LocalLog; readonly note: (text: string) => void },
): Promise<void> {
  const left = log.read();
  if (left.length > 0) {
    await database.transaction((client) => mergeInto(client, sessionId, left));
    note(`${left.length} commits of before were in ${log.path}: they are merged`);
  }
  log.remove();
}
