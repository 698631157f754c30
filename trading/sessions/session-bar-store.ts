import type pg from 'pg';
import { createBarColumns, type Bar, type BarColumns } from '../../features/bar.ts';
import { momentBound } from '../../infra/postgres/moment-bound.ts';
import type { ClosedBars, CloseQuote, SymbolAction } from './replayed-feed.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** What decides a live close. */
export interface Decider {
  /** Hash of the model in charge; null where none is. */
  readonly decidedBy: string | null;
  /** Why it is not asked, in words; null where it is. */
  readonly unfit: string | null;
}

/** What a session is given of one live close, and what decided it. */
export interface RecordedClose extends ClosedBars, Decider {
  /** Records of the session's journal before these bars were handed on; null where that was not recorded. */
  readonly records: number | null;
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
  readonly unfit: string | null;
  readonly late_bars: number;
  readonly records: number | null;
  readonly events_to: number | null;
  readonly quote_ms: number | null;
  readonly bid: number;
  readonly ask: number;
  readonly bid_size: number;
  readonly ask_size: number;
}

interface ActionRow {
  readonly close_ms: number;
  readonly symbol: number;
  readonly kind: SymbolAction['action']['kind'];
  readonly effective_ms: number;
  readonly known_ms: number;
  readonly value: number;
}

/** What one session was given live, bars, quotes, splits and dividends: it is given the same again after a restart. */
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
    const actions = await this.#readActions();
    let afterMs = -Infinity;
    for (;;) {
      const rows = await this.#readAfter(afterMs);
      // The last close of a full piece may go on in the next one.
      const lastMs = rows.at(-1)?.close_ms ?? afterMs;
      const whole = rows.length < PIECE_ROWS ? rows : rows.filter((row) => row.close_ms < lastMs);
      for (const closed of groupRows(whole, actions)) yield closed;
      if (rows.length < PIECE_ROWS) return;
      afterMs = whole.at(-1)!.close_ms;
    }
  }

  /** The bar of a symbol that closed at a moment, and the model in charge then; undefined where none was recorded. */
  async at(symbol: number, closeTimeMs: number): Promise<(Bar & { readonly decidedBy: string | null }) | undefined> {
    const [row] = (await this.#readAfter(closeTimeMs - 1)).filter((one) => one.symbol === symbol);
    if (row === undefined || Math.round(row.close_ms) !== closeTimeMs) return undefined;
    return { ...barOf(row).bar, decidedBy: row.decided_by };
  }

  /** Records one close by itself: see `closesStep`. */
  async write(closed: RecordedClose): Promise<void> {
    await this.#client.query(closesStep(this.#id, [closed]));
    this.written += 1;
  }

  /** Records that what decides a close was asked and could not answer, before the session sees its bars. */
  async refuse(closeTimeMs: number, unfit: string): Promise<void> {
    await this.#client.query(
      `UPDATE signalbox.session_bars SET unfit = $3
       WHERE session_id = $1 AND close_time = to_timestamp($2::float8 / 1000)`,
      [this.#id, closeTimeMs, unfit],
    );
  }

  /** The splits and dividends of each close, which are few. */
  async #readActions(): Promise<Map<number, SymbolAction[]>> {
    const { rows } = await this.#client.query<ActionRow>(
      `SELECT symbol, kind, value, extract(epoch FROM close_time)::float8 * 1000 AS close_ms,
              extract(epoch FROM effective_at)::float8 * 1000 AS effective_ms,
              extract(epoch FROM known_at)::float8 * 1000 AS known_ms
       FROM signalbox.session_actions WHERE session_id = $1 ORDER BY close_time, symbol, effective_at, kind`,
      [this.#id],
    );
    const byClose = new Map<number, SymbolAction[]>();
    for (const { close_ms, symbol, kind, value, effective_ms, known_ms } of rows) {
      const [effectiveMs, knownAtMs] = [Math.round(effective_ms), Math.round(known_ms)];
      const closeMs = Math.round(close_ms);
      const one = { symbol, action: { kind, value, effectiveMs, knownAtMs } };
      byClose.set(closeMs, [...(byClose.get(closeMs) ?? []), one]);
    }
    return byClose;
  }

  async #readAfter(closeTimeMs: number): Promise<BarRow[]> {
    const after = Number.isFinite(closeTimeMs) ? new Date(closeTimeMs) : '-infinity';
    const { rows } = await this.#client.query<BarRow>(
      `SELECT symbol, extract(epoch FROM open_time)::float8 * 1000 AS open_ms,
              extract(epoch FROM close_time)::float8 * 1000 AS close_ms, open, high, low, close, volume,
              decided_by, unfit, late_bars, records::float8 AS records, events_to::float8 AS events_to, quote_ms, bid, ask, bid_size, ask_size
       FROM signalbox.session_bars WHERE session_id = $1 AND close_time > $2
       ORDER BY close_time, symbol LIMIT ${PIECE_ROWS}`,
      [this.#id, after],
    );
    return rows;
  }
}

/** Which bars of one symbol, which is named by its place in the universe of the session. */
interface SymbolBarsAsked {
  readonly name: string;
  readonly symbol: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly last: boolean;
}

/** Bars of one symbol as a session was given them live, opens in `[fromMs, toMs)`: the first of them, or the last. */
export async function sessionBarColumns(
  client: Queryable,
  sessionId: string,
  { name, symbol, fromMs, toMs, limit, last }: SymbolBarsAsked,
): Promise<BarColumns> {
  const { rows } = await client.query<BarRow>(
    `SELECT extract(epoch FROM open_time)::float8 * 1000 AS open_ms,
            extract(epoch FROM close_time)::float8 * 1000 AS close_ms, open, high, low, close, volume
     FROM signalbox.session_bars
     WHERE session_id = $1 AND symbol = $2 AND open_time >= $3 AND open_time < $4
     ORDER BY close_time ${last ? 'DESC' : 'ASC'} LIMIT $5`,
    [sessionId, symbol, momentBound(fromMs), momentBound(toMs), limit],
  );
  if (last) rows.reverse();
  const columns = createBarColumns(name, rows.length);
  rows.forEach((row, at) => {
    columns.openTimeMs[at] = Math.round(row.open_ms);
    columns.closeTimeMs[at] = Math.round(row.close_ms);
    for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) columns[field][at] = row[field];
  });
  return columns;
}

/** Close of a symbol's last bar that a session had been given at each of these moments; null before the first. */
export async function sessionClosesAt(
  client: Queryable,
  sessionId: string,
  symbol: number,
  timesMs: readonly number[],
): Promise<(number | null)[]> {
  const { rows } = await client.query<{ close: number | null }>(
    `SELECT last.close FROM unnest($3::timestamptz[]) WITH ORDINALITY AS asked (at, place)
     LEFT JOIN LATERAL (
       SELECT close FROM signalbox.session_bars
       WHERE session_id = $1 AND symbol = $2 AND close_time <= asked.at ORDER BY close_time DESC LIMIT 1
     ) AS last ON true ORDER BY place`,
    [sessionId, symbol, timesMs.map((timeMs) => new Date(timeMs))],
  );
  return rows.map(({ close }) => close);
}

/** Hashes of the models that decided in a session. */
export async function decidersOf(client: Queryable, sessionId: string): Promise<string[]> {
  const { rows } = await client.query<{ model: string }>(
    `SELECT DISTINCT decided_by AS model FROM signalbox.session_bars
     WHERE session_id = $1 AND decided_by IS NOT NULL ORDER BY 1`,
    [sessionId],
  );
  return rows.map(({ model }) => model);
}

/**
 * Records the bars of some closes, what came into effect with them and what decides them, all or nothing. An error when
 * they are recorded already: two processes run the same session.
 */
export function closesStep(sessionId: string, closes: readonly RecordedClose[]): pg.QueryConfig {
  const bars = closes.flatMap((close) => close.bars.map((one) => ({ ...one, close })));
  const column = (value: (bar: Bar) => number): number[] => bars.map(({ bar }) => value(bar));
  const quoted = (key: keyof CloseQuote): (number | null)[] => bars.map(({ quote }) => quote?.[key] ?? null);
  const actions = closes.flatMap(({ closeTimeMs, actions: some = [] }) => some.map((one) => ({ ...one, closeTimeMs })));
  const of = <T>(value: (one: (typeof actions)[number]) => T): T[] => actions.map(value);
  return {
    // Parsed and planned once a connection.
    name: 'write-closes',
    text: `WITH given AS (
       INSERT INTO signalbox.session_bars
         (session_id, close_time, symbol, open_time, open, high, low, close, volume, decided_by, unfit, late_bars,
          records, quote_ms, bid, ask, bid_size, ask_size, events_to)
       SELECT $1, to_timestamp(close_ms / 1000), symbol, to_timestamp(open_ms / 1000), open, high, low, close,
         volume, decided_by, unfit, late_bars, records, quote_ms, bid, ask, bid_size, ask_size, events_to
       FROM unnest($2::float8[], $3::int[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[],
         $9::float8[], $10::text[], $11::text[], $12::int[], $19::float8[], $20::float8[], $21::float8[],
         $22::float8[], $23::float8[], $24::bigint[], $25::bigint[])
         AS bar (close_ms, symbol, open_ms, open, high, low, close, volume, decided_by, unfit, late_bars,
           quote_ms, bid, ask, bid_size, ask_size, records, events_to)
     )
     INSERT INTO signalbox.session_actions (session_id, close_time, symbol, kind, effective_at, known_at, value)
     SELECT $1, to_timestamp(close_ms / 1000), symbol, kind, to_timestamp(effective_ms / 1000),
       to_timestamp(known_ms / 1000), value
     FROM unnest($13::float8[], $14::int[], $15::text[], $16::float8[], $17::float8[], $18::float8[])
       AS action (close_ms, symbol, kind, effective_ms, known_ms, value)`,
    values: [
      sessionId,
      bars.map(({ close }) => close.closeTimeMs),
      bars.map(({ symbol }) => symbol),
      column((bar) => bar.openTimeMs),
      column((bar) => bar.open),
      column((bar) => bar.high),
      column((bar) => bar.low),
      column((bar) => bar.close),
      column((bar) => bar.volume),
      bars.map(({ close }) => close.decidedBy),
      bars.map(({ close }) => close.unfit),
      bars.map(({ close }) => close.lateBars ?? 0),
      of(({ closeTimeMs }) => closeTimeMs),
      of(({ symbol }) => symbol),
      of(({ action }) => action.kind),
      of(({ action }) => action.effectiveMs),
      of(({ action }) => action.knownAtMs),
      of(({ action }) => action.value),
      quoted('timeMs'),
      quoted('bid'),
      quoted('ask'),
      quoted('bidSize'),
      quoted('askSize'),
      bars.map(({ close }) => close.records),
      bars.map(({ close }) => close.eventsTo ?? null),
    ],
  };
}

/** The last close that a live feed gave a session of the symbol at a place in its universe; null for none. */
export async function lastCloseOf(client: Queryable, sessionId: string, symbol: number): Promise<number | null> {
  const { rows } = await client.query<{ close: number }>(
    `SELECT close FROM signalbox.session_bars WHERE session_id = $1 AND symbol = $2 ORDER BY close_time DESC LIMIT 1`,
    [sessionId, symbol],
  );
  return rows[0]?.close ?? null;
}

/** Distinct days, UTC, on which some sessions got bars from their live feeds. */
export async function daysOfBars(client: Pick<pg.Pool, 'query'>, ids: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ days: number }>(
    `SELECT count(DISTINCT (close_time - interval '1 ms')::date)::int AS days FROM signalbox.session_bars
     WHERE session_id = ANY($1)`,
    [ids],
  );
  return rows[0]!.days;
}

function* groupRows(
  rows: readonly BarRow[],
  actions: ReadonlyMap<number, readonly SymbolAction[]>,
): Generator<RecordedClose> {
  for (let from = 0; from < rows.length;) {
    const { close_ms, decided_by: decidedBy, unfit, late_bars: lateBars, records, events_to } = rows[from]!;
    let to = from;
    while (rows[to]?.close_ms === close_ms) to += 1;
    const closeTimeMs = Math.round(close_ms);
    const bars = rows.slice(from, to).map(barOf);
    const told = { lateBars, decidedBy, unfit, records, ...(events_to === null ? {} : { eventsTo: events_to }) };
    yield { closeTimeMs, bars, actions: actions.get(closeTimeMs) ?? [], ...told };
    from = to;
  }
}

function barOf(row: BarRow): ClosedBars['bars'][number] {
  const { symbol, open_ms, close_ms, open, high, low, close, volume, quote_ms, bid, ask } = row;
  const quote =
    quote_ms === null ? {} : { quote: { timeMs: quote_ms, bid, ask, bidSize: row.bid_size, askSize: row.ask_size } };
  const bar = { openTimeMs: Math.round(open_ms), closeTimeMs: Math.round(close_ms), open, high, low, close, volume };
  return { symbol, bar, ...quote };
}
