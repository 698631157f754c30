import { createHash } from 'node:crypto';
import { writeWholeFile } from '../files/write-whole-file.ts';
import { sourceState } from '../git.ts';
import { programVersion } from '../program-version.ts';
import { basename } from 'node:path';
import { arrowPieces } from './arrow-pieces.ts';
import { csvPieces } from './csv-pieces.ts';
import { exportFormat, manifestPath, type ExportFormat } from './export-format.ts';
import type { Cell, ExportColumn, ExportTable } from './export-table.ts';
import { parquetPieces } from './parquet-pieces.ts';

/** What a file was made from, as its manifest says it. */
export interface ExportOrigin {
  /** `trades`, `equity`, ... */
  readonly what: string;
  /** The run or session whose rows they are, or the file that they were computed from. */
  readonly of: { readonly kind: 'run' | 'session' | 'file' | 'store'; readonly id: string };
  /** Hashes by what they identify; null where one is not on record. */
  readonly hashes: Readonly<Record<string, string | null>>;
  /** What else it takes to read the file rightly; JSON. */
  readonly notes?: readonly string[];
  /** Moment of the writing. */
  readonly writtenAtMs: number;
}

/** What stands beside an exported file, as `FILE.manifest.json`. */
export interface ExportManifest {
  readonly file: string;
  readonly format: ExportFormat;
  readonly what: string;
  readonly of: ExportOrigin['of'];
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly columns: readonly ExportColumn[];
  readonly hashes: ExportOrigin['hashes'];
  readonly notes: readonly string[];
  readonly versions: { readonly signalbox: string; readonly commit: string | null; readonly node: string };
  readonly written: string;
}

/**
 * Writes a table to a file in the format that its ending names, and its manifest beside it; each is put in place when
 * it is whole, the manifest last. Resolves to the manifest. @throws InputError for an ending that is not known, and
 * where the file cannot be written
 */
export async function writeExport(
  path: string,
  { columns, portions }: ExportTable,
  { what, of, hashes, notes = [], writtenAtMs }: ExportOrigin,
): Promise<ExportManifest> {
  const format = exportFormat(path);
  const count = { rows: 0, bytes: 0 };
  const hash = createHash('sha256');
  const table = { columns, portions: counted(portions, count) };
  const { commit, dirty } = sourceState();
  const { node } = process.versions;
  const versions = { signalbox: programVersion(), commit: commit && `${commit}${dirty ? ', modified' : ''}`, node };
  await writeWholeFile(path, hashed(piecesOf(format, table, { 'signalbox.what': what, 'signalbox.of': of.id })), {
    gzip: false,
  });
  const manifest: ExportManifest = {
    ...{ file: basename(path), format, what, of, ...count, sha256: hash.digest('hex'), columns, hashes, notes },
    ...{ versions, written: new Date(writtenAtMs).toISOString() },
  };
  await writeWholeFile(manifestPath(path), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;

  async function* hashed(pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
    for await (const piece of pieces) {
      hash.update(piece);
      count.bytes += Buffer.byteLength(piece);
      yield piece;
    }
  }
}

function piecesOf(
  format: ExportFormat,
  table: ExportTable,
  about: Readonly<Record<string, string>>,
): AsyncIterable<string | Uint8Array> {
  if (format === 'csv') return csvPieces(table);
  return format === 'arrow' ? arrowPieces(table) : parquetPieces(table, about);
}

async function* counted(
  portions: ExportTable['portions'],
  count: { rows: number },
): AsyncGenerator<readonly (readonly Cell[])[]> {
  for await (const rows of portions) {
    count.rows += rows.length;
    yield rows;
  }
}
