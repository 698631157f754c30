import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createRecordWriter, readRecords, type RecordKind } from '../postgres/backup/backup-archive.ts';

/** A record of a backup: JSON kinds as their value, rows as bytes. */
export interface PlainRecord {
  readonly kind: RecordKind;
  readonly value: unknown;
}

/** The records of the backup in `file`, without its end. */
export async function recordsOfBackup(file: string): Promise<PlainRecord[]> {
  const records: PlainRecord[] = [];
  const bytes = (async function* () {
    yield gunzipSync(readFileSync(file));
  })();
  for await (const { kind, payload } of readRecords(bytes, file)) {
    if (kind === 'Z') continue;
    const last = records.at(-1);
    if (kind === 'D' && last?.kind === 'D') {
      // Where rows are cut depends on the connection.
      records[records.length - 1] = { kind, value: Buffer.concat([last.value as Buffer, payload]) };
    } else records.push({ kind, value: kind === 'D' ? payload : JSON.parse(payload.toString()) });
  }
  return records;
}

/** Writes `records` as a backup whose checksum of the whole is right. */
export function writeBackup(file: string, records: readonly PlainRecord[]): void {
  const writer = createRecordWriter();
  const bytes = records.map(({ kind, value }) => writer.encode(kind, value));
  writeFileSync(file, gzipSync(Buffer.concat([...bytes, writer.end()])));
}
