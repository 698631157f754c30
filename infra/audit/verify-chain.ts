import { sha256 } from '../hash.ts';
import type pg from 'pg';
import { cutBefore, entriesAfter, type AuditEntry } from './audit-store.ts';

/** Entries that are read at once. */
const CHUNK = 2_000;
const BEGIN = '0'.repeat(64);

/** What became of a look at the whole chain. */
export interface ChainReport {
  readonly intact: boolean;
  readonly entries: number;
  /** Positions of the first entry that is there and of the last; null where there is none. */
  readonly first: number | null;
  readonly last: number | null;
  /** Hash of the last entry: whoever keeps it elsewhere can prove later that nothing before it was changed or lost. */
  readonly head: string | null;
  /** The first entry that does not fit. */
  readonly broken: { readonly position: number; readonly why: string } | null;
  /** Whether the hash that was asked for is one of the chain; null where none was. */
  readonly holds: boolean | null;
}

/** SHA-256 of an entry: each field behind its length in bytes, or `-` for one that is not there. */
function hashOfEntry(entry: AuditEntry): string {
  const { previous, position, at, actorKind, actor, action, sessionId, reason, details } = entry;
  const fields = [previous, String(position), at.toISOString(), actorKind, actor, action, sessionId, reason, details];
  return sha256(fields.map((field) => (field === null ? '-' : `${Buffer.byteLength(field)}:${field}`)).join(''));
}

/**
 * Walks the chain in pieces and says whether every entry is as it was written and in its place.
 * @param asked hash of an entry, kept elsewhere, that must be there
 */
export async function verifyChain(client: Pick<pg.ClientBase, 'query'>, asked?: string): Promise<ChainReport> {
  const seen = { entries: 0, first: null as number | null, last: null as number | null, head: null as string | null };
  let holds = asked === undefined ? null : false;
  for (;;) {
    const entries = await entriesAfter(client, seen.last ?? Number.MIN_SAFE_INTEGER, CHUNK);
    for (const entry of entries) {
      const why = await faultOf(client, entry, seen);
      if (why !== null) return { ...seen, intact: false, broken: { position: entry.position, why }, holds };
      if (entry.hash === asked) holds = true;
      seen.entries += 1;
      seen.first ??= entry.position;
      [seen.last, seen.head] = [entry.position, entry.hash];
    }
    if (entries.length < CHUNK) return { ...seen, intact: holds !== false, broken: null, holds };
  }
}

async function faultOf(
  client: Pick<pg.ClientBase, 'query'>,
  entry: AuditEntry,
  before: { readonly last: number | null; readonly head: string | null },
): Promise<string | null> {
  const { position, previous, hash } = entry;
  if (before.last !== null && position !== before.last + 1) return `entry ${before.last + 1} is missing before it`;
  const expected = before.head ?? (position === 1 ? BEGIN : await cutBefore(client, position));
  if (expected === null) return 'what was before it is gone, and no cut is on record';
  if (previous !== expected) return 'it does not follow the entry before it';
  return hash === hashOfEntry(entry) ? null : 'it was changed after it was written';
}
