import { barAt, type Bar, type BarColumns } from '../../features/bar.ts';

/**
 * Bars of several series that closed at the same moment; one place per series, null for none. Reused: read it before
 * the next.
 */
export interface BarMoment {
  closeTimeMs: number;
  readonly bars: (Bar | null)[];
}

interface Cursor {
  readonly pieces: AsyncIterator<BarColumns>;
  bars: BarColumns | undefined;
  row: number;
}

async function refill(cursor: Cursor): Promise<void> {
  const { done, value } = await cursor.pieces.next();
  cursor.bars = done === true ? undefined : value;
  cursor.row = 0;
}

const closeOf = ({ bars, row }: Cursor): number => (bars === undefined ? Infinity : bars.closeTimeMs[row]!);

/** Sets `moment` to the earliest close among the cursors; false when all are at their end. */
function moveTo(moment: BarMoment, cursors: readonly Cursor[]): boolean {
  let closeTimeMs = Infinity;
  for (let s = 0; s < cursors.length; s++) closeTimeMs = Math.min(closeTimeMs, closeOf(cursors[s]!));
  moment.closeTimeMs = closeTimeMs;
  return closeTimeMs !== Infinity;
}

/** Fills in the bars of `moment` and steps over them; true when some cursor has used up its piece. */
function takeBarsAt(moment: BarMoment, cursors: readonly Cursor[]): boolean {
  let usedUp = false;
  for (let s = 0; s < cursors.length; s++) {
    const cursor = cursors[s]!;
    if (closeOf(cursor) === moment.closeTimeMs) {
      moment.bars[s] = barAt(cursor.bars!, cursor.row++);
      usedUp ||= cursor.row === cursor.bars!.length;
    } else {
      moment.bars[s] = null;
    }
  }
  return usedUp;
}

/**
 * Walks several series together by the time of close, as a live universe sees them, holding one piece of each.
 * `onMoment` is called for every moment without waiting; where it returns true, `onPause` is awaited before the next.
 */
export async function mergeByClose(
  series: readonly AsyncIterable<BarColumns>[],
  onMoment: (moment: BarMoment) => boolean,
  onPause: () => Promise<void>,
): Promise<void> {
  const cursors: Cursor[] = series.map((pieces) => ({
    pieces: pieces[Symbol.asyncIterator](),
    bars: undefined,
    row: 0,
  }));
  for (const cursor of cursors) await refill(cursor);
  const moment: BarMoment = { closeTimeMs: 0, bars: cursors.map(() => null) };
  while (moveTo(moment, cursors)) {
    const usedUp = takeBarsAt(moment, cursors);
    if (onMoment(moment)) await onPause();
    if (!usedUp) continue;
    for (const cursor of cursors)
      if (cursor.bars !== undefined && cursor.row === cursor.bars.length) await refill(cursor);
  }
}
