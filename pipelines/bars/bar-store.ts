import type { BarColumns } from '../../features/bar.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { Transactional } from '../../infra/postgres/joined-transaction.ts';
import { BarRoom } from './bar-room.ts';
import { BAR_BYTES, decodeColumns, encodeColumns } from './bar-codec.ts';
import { selectBars, type BarRange } from './bar-row-store.ts';
import { fingerprintOf } from './bar-fingerprint.ts';
import { findSeries, type StoredSeries } from './bar-series-store.ts';

export type { BarRange } from './bar-row-store.ts';

/** Where bars are written all the time, a cache is of no use. */
const ATTEMPTS = 3;

/** Bars per piece of a long read: 7 columns of 8 bytes, 3.6 MB. */
export const PIECE_BARS = 65_536;

/**
 * Reads the bars of each series, in the order of `seriesIds`, with opens in `[range.fromMs, range.toMs)`; whole series
 * by default. By binary COPY into columns: no object per bar; what was read before comes from the cache, under the
 * fingerprint of the series, so that bars that have changed since cannot be found there; of a universe that is larger
 * than the memory of the cache nothing is kept there. Series that open and close at the same times share those columns.
 * Throws SignalboxError for an id that is not there.
 */
export async function readBars(
  database: Database,
  seriesIds: readonly number[],
  range: BarRange = {},
): Promise<BarColumns[]> {
  const series = await findSeries(database.pool, seriesIds);
  const lost = seriesIds.find((id) => series.every((found) => found.id !== id));
  if (lost !== undefined)
    throw new SignalboxError(`There is no bar series ${lost}.`, { remedy: 'Ingest the bars again.' });
  const universe: BarColumns[] = [];
  const bars = series.reduce((sum, one) => sum + one.bars, 0);
  const inMemory = bars * BAR_BYTES <= database.cache.valueBytesMax;
  const room = new BarRoom(bars);
  for (const one of series) universe.push(room.keep(await readSeries(database, one, { range, inMemory, room })));
  return universe;
}

/** The series has other bars than its fingerprint said a moment ago: somebody is writing them. */
class MovedError extends Error {
  readonly series: StoredSeries;

  constructor(series: StoredSeries) {
    super(`${series.symbol} is being written`);
    this.series = series;
  }
}

interface ReadOptions {
  readonly range: BarRange;
  /** There is memory in the cache for all that is read. */
  readonly inMemory: boolean;
  readonly room: BarRoom;
}

/** Bars of a series, in the hand of the room or in memory of their own. */
async function readSeries(
  database: Database,
  wanted: StoredSeries,
  { range, inMemory, room }: ReadOptions,
): Promise<BarColumns> {
  const { cache } = database;
  let series = wanted;
  const isKept = ({ bars }: StoredSeries): boolean =>
    bars * BAR_BYTES <= cache.valueBytesMax && (inMemory || cache.isShared);
  for (let attempt = 0; attempt < ATTEMPTS && isKept(series); attempt++) {
    try {
      let read: BarColumns | undefined;
      const load = async (): Promise<Uint8Array> => {
        const now = await readSnapshot(database, series, { range, room });
        if (now.series.fingerprint !== series.fingerprint) throw new MovedError(now.series);
        read = now.bars;
        return encodeColumns(read);
      };
      const bytes = await cache.get(cacheKey(series, range), load, proofOf(series, range), inMemory);
      return read ?? decodeColumns(series.symbol, bytes);
    } catch (error) {
      if (!(error instanceof MovedError)) throw error;
      series = error.series;
    }
  }
  return (await readSnapshot(database, series, { range, room })).bars;
}

/**
 * Tells the bars of a whole series from anything else by the fingerprint that PostgreSQL has of them (SHA-256, 0.1 s
 * per million bars). Of a part there is no fingerprint: it is kept in memory only.
 */
function proofOf(series: StoredSeries, range: BarRange): ((bytes: Uint8Array) => boolean) | undefined {
  if (Object.values(range).some((bound) => bound !== undefined && Number.isFinite(bound))) return undefined;
  const { symbol, bars, fingerprint } = series;
  return (bytes) =>
    bytes.byteLength === bars * BAR_BYTES && fingerprintOf(decodeColumns(symbol, bytes)) === fingerprint;
}

const cacheKey = ({ fingerprint }: StoredSeries, range: BarRange): string => {
  const { fromMs, toMs, limit, closedAfterMs, closedBeforeMs } = range;
  return `bars/2/${fingerprint}/${[fromMs, toMs, limit, closedAfterMs, closedBeforeMs].join('/')}`;
};

/** Bars and the fingerprint that names them, as they were at one moment. */
async function readSnapshot(
  database: Database,
  { id, symbol }: StoredSeries,
  { range, room }: Pick<ReadOptions, 'range' | 'room'>,
): Promise<{ series: StoredSeries; bars: BarColumns }> {
  return database.transaction(async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const [series] = await findSeries(client, [id]);
    if (series === undefined)
      throw new SignalboxError(`The series of ${symbol} is gone.`, { remedy: 'Ingest the bars again.' });
    return { series, bars: await selectBars(client, series, range, room) };
  });
}

/**
 * The bars of one series in pieces of at most `range.limit` (`PIECE_BARS` by default), ascending: memory stays the
 * same whatever the length of the series.
 */
export function streamBars(
  database: Database,
  series: StreamedSeries,
  range: BarRange = {},
): AsyncGenerator<BarColumns> {
  return streamPieces(range, async (piece) => {
    const client = await database.pool.connect();
    return selectBars(client, series, piece).finally(() => client.release());
  });
}

/** All bars of one series in the same pieces, as a transaction under way sees them. */
export function streamBarsWithin(access: Transactional, series: StreamedSeries): AsyncGenerator<BarColumns> {
  return streamPieces({}, (piece) => access.transaction((client) => selectBars(client, series, piece)));
}

interface StreamedSeries {
  readonly id: number;
  readonly symbol: string;
}

async function* streamPieces(
  range: BarRange,
  read: (piece: BarRange) => Promise<BarColumns>,
): AsyncGenerator<BarColumns> {
  const limit = range.limit ?? PIECE_BARS;
  let fromMs = range.fromMs ?? -Infinity;
  for (;;) {
    const bars = await read({ ...range, fromMs, limit });
    if (bars.length > 0) yield bars;
    if (bars.length < limit) return;
    fromMs = bars.openTimeMs[bars.length - 1]! + 1;
  }
}
