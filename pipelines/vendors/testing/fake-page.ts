import { DAY_MS } from '../../../features/timeframe.ts';
import type { PageFault } from './fake-fault.ts';

/** Where a page begins, and whether it stands in the other's place. */
export interface PagePosition {
  readonly offset: number;
  readonly swapped: boolean;
}

export interface FakePage<T> {
  readonly bars: readonly T[];
  readonly next: string | undefined;
}

/** A position as the stand-ins write it into their cursors. */
export function parsePosition(cursor: string | null): PagePosition {
  if (cursor === null) return { offset: 0, swapped: false };
  return { offset: Number.parseInt(cursor.slice(1), 10), swapped: cursor.endsWith('s') };
}

const cursorOf = (offset: number, swapped = false): string => `o${offset}${swapped ? 's' : ''}`;

/** The page of `all` (bars, or whatever has a time) at `position`, with what `fault` does to it. */
export function fakePage<T extends { readonly timeMs: number }>(
  all: readonly T[],
  position: PagePosition,
  pageBars: number,
  fault: PageFault | undefined,
): FakePage<T> {
  const { offset } = position;
  const at = (from: number): readonly T[] => all.slice(Math.max(0, from), from + pageBars);
  const after = (from: number): string | undefined => (from < all.length ? cursorOf(from) : undefined);
  // The second of two swapped pages: the first one's bars, then on after both.
  if (position.swapped) return { bars: at(offset - pageBars), next: after(offset + pageBars) };
  const honest = { bars: at(offset), next: after(offset + pageBars) };
  switch (fault) {
    case 'repeated-page':
      return offset === 0 ? honest : { ...honest, bars: at(offset - pageBars) };
    case 'circle':
      return { ...honest, next: cursorOf(offset) };
    case 'swapped-pages':
      if (honest.next === undefined) return honest;
      return { bars: at(offset + pageBars), next: cursorOf(offset + pageBars, true) };
    case 'descending':
      return { ...honest, bars: [...honest.bars].reverse() };
    case 'overlapping':
      return offset === 0 ? honest : { ...honest, bars: [all[offset - 1]!, ...honest.bars] };
    case 'empty':
      return { bars: [], next: undefined };
    case 'other-range':
      return { ...honest, bars: honest.bars.map((bar) => ({ ...bar, timeMs: bar.timeMs - 400 * DAY_MS })) };
    case 'wrong-shape':
    case 'other-symbol':
    case undefined:
      return honest;
  }
}
