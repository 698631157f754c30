import { createHash, type Hash } from 'node:crypto';
import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { ARCHIVE_FORMAT, damaged, readRecords, type ArchiveRecord } from './backup-archive.ts';

/** PostgreSQL cuts longer names off, and knows no table with more columns. */
const NAME_BYTES_MAX = 63;
const COLUMNS_MAX = 1600;
const TABLES_MAX = 20_000;
const NEWLINE = 10;

/** Of a migration, as its file is called. */
const migrationName = z.string().regex(/^\d{4}_[a-z0-9_-]{1,100}$/);
const sqlName = z
  .string()
  .min(1)
  .refine((name) => Buffer.byteLength(name) <= NAME_BYTES_MAX && !name.includes('\0'));
const headerSchema = z.object({
  format: z.int().min(1).max(ARCHIVE_FORMAT),
  createdAt: z.iso.datetime(),
  postgres: z.string().max(200),
  migrations: z.array(migrationName).max(9999).refine(isUnique),
});
const tableSchema = z.object({ name: sqlName, columns: z.array(sqlName).min(1).max(COLUMNS_MAX).refine(isUnique) });
const tableEndSchema = z.object({ rows: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const sequencesSchema = z
  .array(
    z.object({
      name: sqlName,
      value: z
        .string()
        .regex(/^-?\d{1,19}$/)
        .nullable(),
    }),
  )
  .max(TABLES_MAX)
  .refine((sequences) => isUnique(sequences.map(({ name }) => name)));

export type BackupHeader = z.output<typeof headerSchema>;
export type BackupTable = z.output<typeof tableSchema>;
export type SequenceValue = z.output<typeof sequencesSchema>[number];

/** What a backup says, in its order: header, then per table its name, rows and end, then the sequences. */
export type BackupPart =
  | { readonly kind: 'header'; readonly header: BackupHeader }
  | { readonly kind: 'table'; readonly table: BackupTable }
  | { readonly kind: 'rows'; readonly bytes: Buffer }
  | { readonly kind: 'tableEnd'; readonly rows: number }
  | { readonly kind: 'sequences'; readonly values: readonly SequenceValue[] };

interface Reading {
  readonly source: string;
  readonly tables: Set<string>;
  stage: 'begin' | 'between' | 'table' | 'end';
  hash: Hash;
  rows: number;
}

/**
 * Reads a backup file's `bytes` (compressed, as they lie on disk), with every checksum, count and order checked on the
 * way; nothing but its own words is believed or done. Throws InputError that names `source` where it is damaged, cut
 * off, or no backup; an error of `bytes` itself comes back unchanged. Memory is bounded whatever the file holds; time
 * is linear in what it unpacks to.
 */
export async function* readBackup(bytes: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<BackupPart> {
  const unpacked = createGunzip();
  // What goes wrong on either side destroys `unpacked` and is thrown where it is read.
  pipeline(Readable.from(bytes, { objectMode: false }), unpacked, () => undefined);
  const reading: Reading = { source, tables: new Set(), stage: 'begin', hash: createHash('sha256'), rows: 0 };
  try {
    for await (const record of readRecords(unpacked as AsyncIterable<Buffer>, source)) {
      const part = take(reading, record);
      if (part !== null) yield part;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code?.startsWith('Z_') === true ? damaged(source, 'it is not a whole gzip file', error) : error;
  }
  if (reading.stage !== 'end') throw damaged(source, 'it ends before its sequences');
}

function take(reading: Reading, record: ArchiveRecord): BackupPart | null {
  const { source, stage } = reading;
  const { kind, payload } = record;
  if (kind === 'H' && stage === 'begin') {
    reading.stage = 'between';
    return { kind: 'header', header: parse(headerSchema, record, source) };
  }
  if (kind === 'T' && stage === 'between') return { kind: 'table', table: beginTable(reading, record) };
  if (kind === 'D' && stage === 'table') {
    reading.hash.update(payload);
    reading.rows += countLines(payload);
    return { kind: 'rows', bytes: payload };
  }
  if (kind === 'E' && stage === 'table') return { kind: 'tableEnd', rows: endTable(reading, record) };
  if (kind === 'S' && stage === 'between') {
    reading.stage = 'end';
    return { kind: 'sequences', values: parse(sequencesSchema, record, source) };
  }
  if (kind === 'Z' && stage === 'end') return null;
  throw damaged(source, `a record of kind ${kind} stands where none may`);
}

function beginTable(reading: Reading, record: ArchiveRecord): BackupTable {
  const table = parse(tableSchema, record, reading.source);
  if (reading.tables.has(table.name)) throw damaged(reading.source, `table ${quoted(table.name)} stands in it twice`);
  if (reading.tables.size === TABLES_MAX) throw damaged(reading.source, `it has more than ${TABLES_MAX} tables`);
  reading.tables.add(table.name);
  Object.assign(reading, { stage: 'table', hash: createHash('sha256'), rows: 0 });
  return table;
}

/** In COPY's text format every row ends with a line feed, and one inside a value is written as \n. */
function endTable(reading: Reading, record: ArchiveRecord): number {
  const end = parse(tableEndSchema, record, reading.source);
  if (reading.hash.digest('hex') !== end.sha256 || reading.rows !== end.rows) {
    throw damaged(reading.source, 'the rows of a table differ from their checksum');
  }
  reading.stage = 'between';
  return end.rows;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

function parse<Schema extends z.ZodType>(schema: Schema, { kind, payload }: ArchiveRecord, source: string) {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch (error) {
    throw damaged(source, `a record of kind ${kind} cannot be read`, error);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw damaged(source, `a record of kind ${kind} has another form`, result.error);
  return result.data;
}

function isUnique(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

/** A name out of a file, for a message: control characters as escapes. */
export function quoted(name: string): string {
  return JSON.stringify(name);
}
