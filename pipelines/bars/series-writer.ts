import type pg from 'pg';
import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { BarFingerprint, BLOCK_BARS } from './bar-fingerprint.ts';
import { applyChanges, insertBars, openBefore, readBounds, selectBars, writeToBars } from './bar-row-store.ts';
import type { OnPiece } from './bar-rows.ts';
import type { SeriesExtent, StoredSeries } from './bar-series-store.ts';
import { lockSeries, saveExtent } from './bar-series-store.ts';
import { recordArrival, recordChanges } from '../revisions/revision-store.ts';
import { compareBars, type BarChange } from './compare-bars.ts';
import type { Provenance } from '../sources/bar-source.ts';
import { recordVendorRange } from '../ingest/vendor-range-store.ts';

export interface WriteResult {
  readonly inserted: number;
  readonly unchanged: number;
  readonly revised: number;
}

/** A source that changed everything is told by its first bars; all of them would only fill the table. */
const RECORDED_MAX = 1000;

/**
 * A source reports other values for bars that are stored already. The changes are in `bar_changes`; nothing was
 * overwritten.
 */
class ChangedHistoryError extends SignalboxError {
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
    this.changes = changes;
  }
}

/**
 * Writes ascending pieces of one series. Each piece is one transaction that holds its bars, the count, the last time
 * and the fingerprint, so that a process killed at any moment leaves a whole number of pieces. Bars after the last
 * stored one go straight into the table by COPY; earlier ones are compared with what is stored and only missing ones
 * are written, which is why there is no staging table: it would write every bar twice.
 */
export class SeriesWriter {
  readonly #database: Database;
  readonly #revise: boolean;
  readonly #onInserted: OnPiece | undefined;
  #series: StoredSeries;
  #fingerprint: BarFingerprint | undefined;
  /** Open of the last bar handled: stored bars between two pieces that the source leaves out are found by it. */
  #handledMs = -Infinity;

  /** `onInserted` sees the bars that go in after the last stored one, in order, while the server stores them. */
  constructor(
    database: Database,
    series: StoredSeries,
    options: { revise: boolean; onInserted?: OnPiece | undefined },
  ) {
    this.#database = database;
    this.#series = series;
    this.#revise = options.revise;
    this.#onInserted = options.onInserted;
  }

  /**
   * Stores a piece that follows the pieces before, and which vendor gave it. Throws ChangedHistoryError unless
   * revising.
   */
  async write(bars: BarColumns, provenance?: Provenance): Promise<WriteResult> {
    if (bars.length === 0) return { inserted: 0, unchanged: 0, revised: 0 };
    const lastMs = bars.openTimeMs[bars.length - 1]!;
    let refused: readonly BarChange[] = [];
    const range = { fromMs: bars.openTimeMs[0]!, toMs: lastMs };
    const written = await writeToBars(this.#database, range, async (client) => {
      const locked = await lockSeries(client, this.#series.id);
      const overtaken = locked.bars !== this.#series.bars || locked.revision !== this.#series.revision;
      if (overtaken) this.#fingerprint = undefined;
      const known = countAtOrBefore(bars, locked.lastOpenMs);
      const old = await this.#writeKnown(client, locked, sliceBarColumns(bars, 0, known));
      refused = old.refused;
      if (refused.length > 0) return undefined;
      const tail = sliceBarColumns(bars, known, bars.length);
      const rebuilt = old.result.inserted + old.result.revised > 0;
      if (tail.length === 0 && !rebuilt) return old.result;
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
        const added = { bars: old.result.inserted + tail.length, toMs: lastMs + 1 };
        await recordVendorRange(client, locked.id, { ...provenance, fromMs: provenance.askedFromMs, ...added });
      }
      this.#series = { ...locked, ...extent, blockHashes: Buffer.from(extent.blockHashes) };
      return { ...old.result, inserted: old.result.inserted + tail.length };
    });
    if (refused.length > 0) await this.#refuse(refused);
    this.#handledMs = lastMs;
    return written!;
  }

  /** The part of a piece that lies within what is stored already. */
  async #writeKnown(
    client: pg.ClientBase,
    series: StoredSeries,
    bars: BarColumns,
  ): Promise<{ refused: readonly BarChange[]; result: WriteResult }> {
    if (bars.length === 0) return { refused: [], result: { inserted: 0, unchanged: 0, revised: 0 } };
    const fromMs = this.#handledMs === -Infinity ? bars.openTimeMs[0]! : this.#handledMs + 1;
    const toMs = bars.openTimeMs[bars.length - 1]! + 1;
    const stored = await selectBars(client, series, { fromMs, toMs });
    const { missing, changed, equal } = compareBars(bars, stored);
    const result = { inserted: missing.length, unchanged: equal, revised: changed.length };
    if (changed.length > 0 && !this.#revise) return { refused: changed, result };
    await insertBars(client, series.id, missing);
    await recordArrival(client, series.id, missing, series.firstOpenMs);
    await applyChanges(client, series.id, changed);
    await recordChanges(client, series.id, { changes: changed, accepted: true });
    return { refused: [], result };
  }

  async #refuse(changes: readonly BarChange[]): Promise<never> {
    const recorded = changes.slice(0, RECORDED_MAX);
    await this.#database.transaction((client) =>
      recordChanges(client, this.#series.id, { changes: recorded, accepted: false }),
    );
    throw new ChangedHistoryError(this.#series, changes);
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
