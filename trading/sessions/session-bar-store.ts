import type pg from 'pg';
import type { Bar } from '../../features/bar.ts';
import type { ClosedBars } from './replayed-feed.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Bars of one live close, and what decided it. */
export interface RecordedClose extends ClosedBars {
  /** Hash of the model that was asked; null where none was. */
  readonly decidedBy: string | null;
}

/** Closes read at a time. */
const PIECE_ROWS = 5_000;

interface BarRow {
  readonly symbol: number;
  readonly open_ms: number;
  readonly close_ms: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly decided_by: string | null;
}

/** The live bars of one session: what it has been given, it is given again after a restart. */
export class SessionBars {
  /** Closes that this process has recorded. */
  written = 0;
  readonly #client: Queryable;
  readonly #id: string;

  constructor(client: Queryable, sessionId: string) {
    this.#client = client;
    this.#id = sessionId;
  }

  /** Everything recorded, in order. */
  async *read(): AsyncGenerator<RecordedClose> {
    let afterMs = -Infinity;
    for (;;) {
      const rows = await this.#readAfter(afterMs);
      // The last close of a full piece may go on in the next one.
      const lastMs = rows.at(-1)?.close_ms ?? afterMs;
      const whole = rows.length < PIECE_ROWS ? rows : rows.filter((row) => row.close_ms < lastMs);
      for (const closed of groupRows(whole)) yield closed;
      if (rows.length < PIECE_ROWS) return;
      afterMs = whole.at(-1)!.close_ms;
    }
  }

  /**
   * Records the bars of one close and what decides it. An error when they are recorded already: two processes run the
   * same session.
   */
  async write({ closeTimeMs, bars, decidedBy }: RecordedClose): Promise<void> {
    const column = (value: (bar: Bar) => number): number[] => bars.map(({ bar }) => value(bar));
    await this.#client.query(
      `INSERT INTO signalbox.session_bars
         (session_id, close_time, symbol, open_time, open, high, low, close, volume, decided_by)
       SELECT $1, to_timestamp($2::float8 / 1000), symbol, to_timestamp(open_ms / 1000), open, high, low, close, volume,
         $10
       FROM unnest($3::int[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::float8[])
         AS bar (symbol, open_ms, open, high, low, close, volume)`,
      [
        this.#id,
        closeTimeMs,
        bars.map(({ symbol }) => symbol),
        column((bar) => bar.openTimeMs),
        column((bar) => bar.open),
        column((bar) => bar.high),
        column((bar) => bar.low),
        column((bar) => bar.close),
        column((bar) => bar.volume),
        decidedBy,
      ],
    );
    this.written += 1;
  }

  async #readAfter(closeTimeMs: number): Promise<BarRow[]> {
    const after = Number.isFinite(closeTimeMs) ? new Date(closeTimeMs) : '-infinity';
    const { rows } = await this.#client.query<BarRow>(
      `SELECT symbol, extract(epoch FROM open_time)::float8 * 1000 AS open_ms,
              extract(epoch FROM close_time)::float8 * 1000 AS close_ms, open, high, low, close, volume,
              decided_by
       FROM signalbox.session_bars WHERE session_id = $1 AND close_time > $2
       ORDER BY close_time, symbol LIMIT ${PIECE_ROWS}`,
      [this.#id, after],
    );
    return rows;
  }
}

function* groupRows(rows: readonly BarRow[]): Generator<RecordedClose> {
  for (let from = 0; from < rows.length;) {
    const { close_ms, decided_by } = rows[from]!;
    let to = from;
    while (rows[to]?.close_ms === close_ms) to += 1;
    yield { closeTimeMs: Math.round(close_ms), bars: rows.slice(from, to).map(barOf), decidedBy: decided_by };
    from = to;
  }
}

function barOf({ symbol, open_ms, close_ms, open, high, low, close, volume }: BarRow): ClosedBars['bars'][number] {
  return {
    symbol,
    bar: { openTimeMs: Math.round(open_ms), closeTimeMs: Math.round(close_ms), open, high, low, close, volume },
  };
}
