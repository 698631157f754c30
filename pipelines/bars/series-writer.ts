import type pg from 'pg';
import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Transactional } from '../../infra/postgres/joined-transaction.ts';
import { BarFingerprint, BLOCK_BARS } from './bar-fingerprint.ts';
import { applyChanges, insertBars, openBefore, readBounds, selectBars, writeToBars } from './bar-row-store.ts';
import type { OnPiece } from './bar-rows.ts';
import type { SeriesExtent, StoredSeries } from './bar-series-store.ts';
import { lockSeries, saveExtent } from './bar-series-store.ts';
import { recordArrival, recordChanges } from '../revisions/revision-store.ts';
import { compareBars, type BarChange } from './compare-bars.ts';
import type { Provenance } from '../sources/bar-source.ts';
import { forgetVendorBars, recordVendorRange } from '../ingest/vendor-range-store.ts';

export interface WriteResult {
  readonly inserted: number;
  readonly unchanged: number;
  readonly revised: number;
}

/** A source that changed everything is told by its first bars; all of them would only fill the table. */
const RECORDED_MAX = 1000;

/**
 * A source reports other values for bars that are stored already. Nothing was overwritten; `recordRefusal` puts the
 * changes into `bar_changes` once the transaction that met them has ended.
 */
export class ChangedHistoryError extends SignalboxError {
  readonly seriesId: number;
  readonly changes: readonly BarChange[];

  constructor(series: StoredSeries, changes: readonly BarChange[]) {
    const first = changes[0]!;
    const at = new Date(first.openTimeMs).toISOString();
    const how =
      first.offered === null
        ? 'is no longer offered'
        : `had close ${first.stored[4]} and volume ${first.stored[5]}, now ${first.offered[4]} and ${first.offered[5]}`;
    super(
      `History changed: ${changes.length} stored ${changes.length === 1 ? 'bar' : 'bars'} of ${series.symbol} (${series.source} ${series.origin}) differ from what the source now says; the first, ${at}, ${how}.`,
      {
        remedy:
          'Ingest with --revise to take over the new values; results computed from the old ones will be computed again.',
      },
    );
    this.seriesId = series.id;
    this.changes = changes;
  }
}

/** Puts refused changes on record. */
export async function recordRefusal(database: Transactional, error: ChangedHistoryError): Promise<void> {
  const changes = error.changes.slice(0, RECORDED_MAX);
  await database.transaction((client) => recordChanges(client, error.seriesId, { changes, accepted: false }));
}

export interface SeriesWriterOptions {
  /** Take over what the source has changed instead of refusing it. */
  readonly revise: boolean;
  /** Sees the bars that go in after the last stored one, in order, while the server stores them. */
  readonly onInserted?: OnPiece | undefined;
  /** All bars from here on are given: stored ones before the first of them are no longer offered. Default: unknown. */
  readonly fromMs?: number | undefined;
}

/**
 * Writes ascending pieces of one series. Each piece is one transaction that holds its bars, the count, the last time
 * and the fingerprint, so that a process killed at any moment leaves a whole number of pieces. Bars after the last
 * stored one go straight into the table by COPY; earlier ones are compared with what is stored and only missing ones
 * are written. In a transaction under way (`joinTransaction`) all pieces are part of that one.
 */
export class SeriesWriter {
  readonly #database: Transactional;
  readonly #revise: boolean;
  readonly #onInserted: OnPiece | undefined;
  #series: StoredSeries;
  #fingerprint: BarFingerprint | undefined;
  /** Open of the last bar handled: stored bars between two pieces that the source leaves out are found by it. */
  #handledMs: number | undefined;
  #hasBars = false;

  constructor(database: Transactional, series: StoredSeries, options: SeriesWriterOptions) {
    this.#database = database;
    this.#series = series;
    this.#revise = options.revise;
    this.#onInserted = options.onInserted;
    this.#handledMs = options.fromMs === undefined ? undefined : options.fromMs - 1;
  }

  /**
   * Stores a piece that follows the pieces before, and which vendor gave it. Throws ChangedHistoryError unless
   * revising.
   */
  async write(bars: BarColumns, provenance?: Provenance): Promise<WriteResult> {
    if (bars.length === 0) return { inserted: 0, unchanged: 0, revised: 0 };
    const lastMs = bars.openTimeMs[bars.length - 1]!;
    const range = { fromMs: bars.openTimeMs[0]!, toMs: lastMs };
    const written = await writeToBars(this.#database, range, async (client) => {
      const locked = await lockSeries(client, this.#series.id);
      const overtaken = locked.bars !== this.#series.bars || locked.revision !== this.#series.revision;
      if (overtaken) this.#fingerprint = undefined;
      const known = countAtOrBefore(bars, locked.lastOpenMs);
      const old = await this.#writeKnown(client, locked, { bars, known });
      const tail = sliceBarColumns(bars, known, bars.length);
      const rebuilt = old.inserted + old.revised > 0;
      if (tail.length === 0 && !rebuilt) return old;
      const fingerprint = rebuilt ? undefined : (this.#fingerprint ??= await resumeFingerprint(client, locked));
      await insertBars(client, locked.id, tail, (piece) => {
        fingerprint?.update(piece);
        this.#onInserted?.(piece);
      });
      this.#fingerprint = fingerprint ?? (await hashSeries(client, locked));
      await recordArrival(client, locked.id, tail);
      const extent = await extentAfter(client, locked, { tail, rebuilt, fingerprint: this.#fingerprint });
      await saveExtent(client, locked.id, extent);
      if (provenance !== undefined) {
        const added = { bars: old.inserted + tail.length, toMs: lastMs + 1 };
        await recordVendorRange(client, locked.id, { ...provenance, fromMs: provenance.askedFromMs, ...added });
      }
      this.#series = { ...locked, ...extent, blockHashes: Buffer.from(extent.blockHashes) };
      return { ...old, inserted: old.inserted + tail.length };
    });
    this.#handledMs = lastMs;
    this.#hasBars = true;
    return written;
  }

  /** The part of a piece that lies within what is stored already: its first `known` bars. */
  async #writeKnown(
    client: pg.ClientBase,
    series: StoredSeries,
    { bars, known }: { readonly bars: BarColumns; readonly known: number },
  ): Promise<WriteResult> {
    const fromMs = this.#handledMs === undefined ? bars.openTimeMs[0]! : this.#handledMs + 1;
    const toMs = known === bars.length ? bars.openTimeMs[known - 1]! + 1 : bars.openTimeMs[known]!;
    if (!(series.lastOpenMs >= fromMs)) return { inserted: 0, unchanged: 0, revised: 0 };
    const stored = await selectBars(client, series, { fromMs, toMs });
    const { missing, changed, equal } = compareBars(sliceBarColumns(bars, 0, known), stored);
    await this.#applyChanges(client, series, changed);
    await insertBars(client, series.id, missing);
    await recordArrival(client, series.id, missing, series.firstOpenMs);
    return { inserted: missing.length, unchanged: equal, revised: changed.length };
  }

  /** Takes changes over. Throws ChangedHistoryError unless revising. */
  async #applyChanges(client: pg.ClientBase, series: StoredSeries, changes: readonly BarChange[]): Promise<void> {
    if (changes.length === 0) return;
    if (!this.#revise) throw new ChangedHistoryError(series, changes);
    await applyChanges(client, series.id, changes);
    await recordChanges(client, series.id, { changes, accepted: true });
    const gone = changes.filter(({ offered }) => offered === null).map(({ openTimeMs }) => openTimeMs);
    if (gone.length > 0) await forgetVendorBars(client, series.id, gone);
  }

  /**
   * The source has given all that it has with opens before `toMs` and closes by `closedByMs`: what is stored of that
   * behind its last bar it no longer offers. Throws ChangedHistoryError unless revising, which removes it.
   */
  async finish({ toMs, closedByMs }: { readonly toMs: number; readonly closedByMs: number }): Promise<WriteResult> {
    const none = { inserted: 0, unchanged: 0, revised: 0 };
    const fromMs = this.#handledMs! + 1;
    if (!this.#hasBars || this.#series.lastOpenMs < fromMs) return none;
    const range = { fromMs, toMs: this.#series.lastOpenMs };
    return writeToBars(this.#database, range, async (client) => {
      const locked = await lockSeries(client, this.#series.id);
      const stored = await selectBars(client, locked, { fromMs, toMs, closedBeforeMs: closedByMs + 1 });
      const { changed: gone } = compareBars(sliceBarColumns(stored, 0, 0), stored);
      if (gone.length === 0) return none;
      await this.#applyChanges(client, locked, gone);
      const fingerprint = await hashSeries(client, locked);
      await saveExtent(
        client,
        locked.id,
        await extentAfter(client, locked, { tail: stored, rebuilt: true, fingerprint }),
      );
      return { ...none, revised: gone.length };
    });
  }
}

/** What a series holds after a write. */
async function extentAfter(
  client: pg.ClientBase,
  before: StoredSeries,
  { tail, rebuilt, fingerprint }: { tail: BarColumns; rebuilt: boolean; fingerprint: BarFingerprint },
): Promise<SeriesExtent> {
  const hashes = { bars: fingerprint.length, blockHashes: fingerprint.blockHashes() };
  if (rebuilt) return { ...(await readBounds(client, before.id)), ...hashes, revision: before.revision + 1 };
  return {
    firstOpenMs: before.bars > 0 ? before.firstOpenMs : tail.openTimeMs[0]!,
    lastOpenMs: tail.length > 0 ? tail.openTimeMs[tail.length - 1]! : before.lastOpenMs,
    ...hashes,
    revision: before.revision,
  };
}

function countAtOrBefore(bars: BarColumns, timeMs: number): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bars.openTimeMs[middle]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Takes up the fingerprint of a stored series from its full blocks and the bars after them. */
async function resumeFingerprint(client: pg.ClientBase, series: StoredSeries): Promise<BarFingerprint> {
  const part = series.bars % BLOCK_BARS;
  const full = series.blockHashes.subarray(0, ((series.bars - part) / BLOCK_BARS) * 32);
  const fingerprint = new BarFingerprint(full);
  if (part === 0) return fingerprint;
  const { id, lastOpenMs } = series;
  const fromMs = await openBefore(client, id, { lastOpenMs, back: part - 1 });
  fingerprint.update(await selectBars(client, series, { fromMs, toMs: lastOpenMs + 1 }));
  return fingerprint;
}

/** Hashes a whole series again, in blocks: after bars were put in between, revised or removed. */
export async function hashSeries(client: pg.ClientBase, series: StoredSeries): Promise<BarFingerprint> {
  const fingerprint = new BarFingerprint();
  for (let fromMs = -Infinity; ;) {
    const bars = await selectBars(client, series, { fromMs, limit: 16 * BLOCK_BARS });
    fingerprint.update(bars);
    if (bars.length < 16 * BLOCK_BARS) return fingerprint;
    fromMs = bars.openTimeMs[bars.length - 1]! + 1;
  }
}
