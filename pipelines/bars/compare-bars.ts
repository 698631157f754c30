import type { BarColumns } from '../../features/bar.ts';
import { createBarColumns } from '../../features/bar.ts';

/** One bar whose stored values differ from those offered; `offered` is null where the source dropped it. */
export interface BarChange {
  readonly openTimeMs: number;
  /** closeTimeMs, open, high, low, close, volume. */
  readonly stored: readonly number[];
  readonly offered: readonly number[] | null;
}

export interface BarComparison {
  /** Offered bars that the store does not have. */
  readonly missing: BarColumns;
  readonly changed: readonly BarChange[];
  readonly equal: number;
}

const VALUES = ['closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;
const ALL = ['openTimeMs', ...VALUES] as const;

const valuesAt = (bars: BarColumns, at: number): number[] => VALUES.map((field) => bars[field][at]!);

/** NaN equals NaN here: a hole that was stored and is offered again has not changed. */
function equalAt(a: BarColumns, i: number, b: BarColumns, j: number): boolean {
  for (const field of VALUES) if (!Object.is(a[field][i]! + 0, b[field][j]! + 0)) return false;
  return true;
}

/** Copies the bars at `rows` into new columns. */
export function takeBars(bars: BarColumns, rows: readonly number[]): BarColumns {
  const taken = createBarColumns(bars.symbol, rows.length);
  for (const field of ALL) {
    for (let i = 0; i < rows.length; i++) taken[field][i] = bars[field][rows[i]!]!;
  }
  return taken;
}

/** Compares what a source offers for a range of time with what the store holds for it; both ascend in time. */
export function compareBars(offered: BarColumns, stored: BarColumns): BarComparison {
  const missing: number[] = [];
  const changed: BarChange[] = [];
  let equal = 0;
  let i = 0;
  let j = 0;
  while (i < offered.length || j < stored.length) {
    const offeredMs = i < offered.length ? offered.openTimeMs[i]! : Infinity;
    const storedMs = j < stored.length ? stored.openTimeMs[j]! : Infinity;
    if (offeredMs < storedMs) {
      missing.push(i++);
    } else if (storedMs < offeredMs) {
      changed.push({ openTimeMs: storedMs, stored: valuesAt(stored, j++), offered: null });
    } else {
      if (equalAt(offered, i, stored, j)) equal++;
      else changed.push({ openTimeMs: offeredMs, stored: valuesAt(stored, j), offered: valuesAt(offered, i) });
      i++;
      j++;
    }
  }
  return { missing: takeBars(offered, missing), changed, equal };
}
