import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, type CopyStreamQuery } from 'pg-copy-streams';
import { damaged } from './backup/backup-archive.ts';
import { copyTarget } from './backup/backup.ts';
import { SCHEMA } from './connection.ts';
import type { OrdinaryRole } from './backup/ordinary-role.ts';
import { quoted, type BackupPart, type BackupTable } from './backup/read-backup.ts';
import { DATA_TABLES, PARTITIONED_TABLES, type DataTable } from './backup/schema-queries.ts';
import { createYearPartition, parseYearPartition } from './year-partition.ts';

export interface RowLoaderOptions {
  /** In a transaction whose search path is our schema. */
  readonly client: pg.PoolClient;
  readonly role: OrdinaryRole;
  /** For messages. */
  readonly file: string;
  readonly onTable: () => void;
}

interface Copying {
  readonly stream: CopyStreamQuery;
  failure: Error | null;
}

/**
 * Writes the tables of a backup with COPY. A table and its columns must be those of the schema, and every table of the
 * schema must come, but for partitions of a year, which are made. The rows of table `migrations` are passed over.
 */
export class RowLoader {
  readonly #options: RowLoaderOptions;
  readonly #known = new Map<string, readonly string[]>();
  readonly #partitioned = new Map<string, readonly string[]>();
  readonly #missing = new Set<string>();
  #copying: Copying | null = null;
  #tables = 0;
  #rows = 0;

  constructor(options: RowLoaderOptions) {
    this.#options = options;
  }

  /** Reads what the schema holds. */
  async prepare(): Promise<void> {
    const { client } = this.#options;
    for (const { name, columns } of (await client.query<DataTable>(DATA_TABLES, [SCHEMA])).rows) {
      this.#known.set(name, columns);
      if (name !== 'migrations') this.#missing.add(name);
    }
    for (const { name, columns } of (await client.query<DataTable>(PARTITIONED_TABLES, [SCHEMA])).rows) {
      this.#partitioned.set(name, columns);
    }
  }

  async take(part: Exclude<BackupPart, { kind: 'sequences' }>): Promise<void> {
    if (part.kind === 'table') await this.#begin(part.table);
    else if (part.kind === 'rows') await this.#write(part.bytes);
    else if (part.kind === 'tableEnd') await this.#end(part.rows);
  }

  /** Tables and rows written. Throws InputError when a table of the schema did not come. */
  finish(): { tables: number; rows: number } {
    const [missing] = this.#missing;
    if (missing !== undefined) throw damaged(this.#options.file, `table ${missing} is missing`);
    return { tables: this.#tables, rows: this.#rows };
  }

  async #begin({ name, columns }: BackupTable): Promise<void> {
    const { client, file, role } = this.#options;
    const known = this.#known.get(name) ?? (await this.#makePartition(name));
    if (known === null) throw damaged(file, `its version has no table ${quoted(name)}`);
    const stranger = columns.find((column) => !known.includes(column));
    if (stranger !== undefined) throw damaged(file, `table ${name} of its version has no column ${quoted(stranger)}`);
    if (columns.length !== known.length) throw damaged(file, `table ${name} does not have all its columns`);
    this.#missing.delete(name);
    if (name === 'migrations') return;
    await role.assume(name);
    const stream = client.query(copyFrom(`COPY ${copyTarget({ name, columns })} FROM STDIN`));
    const copying: Copying = { stream, failure: null };
    stream.on('error', (error) => (copying.failure = error));
    this.#copying = copying;
  }

  async #makePartition(name: string): Promise<readonly string[] | null> {
    const partition = parseYearPartition(name);
    const columns = partition === null ? undefined : this.#partitioned.get(partition.table);
    if (partition === null || columns === undefined) return null;
    await createYearPartition(this.#options.client, partition.table, partition.year);
    return columns;
  }

  /** Rows outside of a table do not come here: the reader knows its order. */
  async #write(bytes: Buffer): Promise<void> {
    if (this.#copying === null) return;
    const { stream, failure } = this.#copying;
    if (failure !== null) throw failure;
    if (!stream.write(bytes)) await once(stream, 'drain');
  }

  async #end(rows: number): Promise<void> {
    const { file, onTable, role } = this.#options;
    if (this.#copying === null) return;
    const { stream, failure } = this.#copying;
    if (failure !== null) throw failure;
    stream.end();
    await finished(stream);
    // A row that ends the copy (\\.) would let what follows it pass unread.
    if (stream.rowCount !== rows) throw damaged(file, 'a table ends before its last row');
    await role.leave();
    this.#copying = null;
    this.#tables += 1;
    this.#rows += rows;
    onTable();
  }

  /** Gives up a copy that is under way, after a failure. */
  abort(): void {
    this.#copying?.stream.destroy();
  }
}
