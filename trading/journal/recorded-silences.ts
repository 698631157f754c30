import { SIZER, type Silence } from '../strategies/own/silence.ts';
import type { JournalEntry } from './journal-record.ts';

/** Which of a user's code did not answer in a session that is on record, each once. */
export function recordedSilences(entries: Iterable<JournalEntry>): readonly Silence[] {
  const found = new Map<number, Silence>();
  let waitedMs = 0;
  for (const entry of entries) {
    if (entry.kind === 'refusal') {
      if (entry.code === 'strategy-silent') waitedMs = entry.value;
      if (entry.code !== 'sizer-silent' || found.has(SIZER)) continue;
      found.set(SIZER, { by: SIZER, asked: entry.limit, waitedMs: entry.value });
    } else if (entry.kind === 'state' && entry.cause === 'code-silent') {
      found.set(entry.limit, { by: entry.limit, asked: entry.value, waitedMs });
    }
  }
  return [...found.values()];
}
