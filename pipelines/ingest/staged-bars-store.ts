import type pg from 'pg';
import { decodeColumns, encodeColumns } from '../bars/bar-codec.ts';
import type { Provenance } from '../sources/bar-source.ts';
import type { KeptOutBar } from '../vendors/pages/bar-page.ts';
import type { OfferedPiece, OfferedPieces } from './offered-pieces.ts';

/** What is told of a piece beside its bars. */
interface Told {
  readonly provenance?: Provenance | undefined;
  readonly keptOut: readonly KeptOutBar[];
}

/**
 * Bars that wait outside the store until it is known whether they are fit for it, in a temporary table of a connection
 * of its own: memory holds one piece, and whatever ends this process ends the table too.
 */
export class StagedBars {
  readonly #pool: Pick<pg.Pool, 'connect'>;
  #client: pg.PoolClient | undefined;
  #segments = 0;

  constructor(pool: Pick<pg.Pool, 'connect'>) {
    this.#pool = pool;
  }

  /** Takes all pieces of a segment; what is given back can be walked through until `close`. */
  async stage(symbol: string, offered: OfferedPieces, onPiece: (piece: OfferedPiece) => void): Promise<OfferedPieces> {
    const segment = ++this.#segments;
    for await (const piece of offered) {
      if (piece.bars.length === 0 && piece.keptOut.length === 0) continue;
      const { bars, provenance, keptOut } = piece;
      const client = (this.#client ??= await this.#open());
      const told: Told = { provenance, keptOut };
      await client.query('INSERT INTO staged_bars (segment, bars, told) VALUES ($1, $2, $3)', [
        segment,
        Buffer.from(encodeColumns(bars)),
        JSON.stringify(told),
      ]);
      onPiece(piece);
    }
    const closedByMs = offered.closedByMs();
    const pieces = (): AsyncIterator<OfferedPiece> => this.#pieces(segment, symbol);
    return { [Symbol.asyncIterator]: pieces, closedByMs: () => closedByMs };
  }

  /** Ends the connection, and the table with it. */
  close(): void {
    this.#client?.release(true);
    this.#client = undefined;
  }

  async #open(): Promise<pg.PoolClient> {
    const client = await this.#pool.connect();
    try {
      // Doubles are hardly smaller when they are packed.
      await client.query(
        `CREATE TEMPORARY TABLE staged_bars (
           piece bigint GENERATED ALWAYS AS IDENTITY,
           segment integer NOT NULL,
           bars bytea STORAGE EXTERNAL NOT NULL,
           told jsonb NOT NULL,
           PRIMARY KEY (segment, piece)
         )`,
      );
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  async *#pieces(segment: number, symbol: string): AsyncGenerator<OfferedPiece> {
    for (let after = 0; this.#client !== undefined;) {
      const { rows } = await this.#client.query<{ piece: number; bars: Buffer; told: Told }>(
        'SELECT piece, bars, told FROM staged_bars WHERE segment = $1 AND piece > $2 ORDER BY piece LIMIT 1',
        [segment, after],
      );
      const [row] = rows;
      if (row === undefined) return;
      after = row.piece;
      yield { ...row.told, bars: decodeColumns(symbol, row.bars) };
    }
  }
}
