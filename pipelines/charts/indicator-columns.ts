import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { FeatureError } from '../../features/feature-error.ts';
import { computeFeatures } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import type { MarketHours } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import type { ChartRange } from './chart-bars.ts';

/** Panes and lines that a chart holds. */
const COLUMNS_MAX = 24;

/** Features bar by bar, as columns. */
export interface IndicatorColumns {
  /** Opens of the bars, in milliseconds. */
  readonly time: readonly number[];
  /** By name of the output; null while warming up. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  readonly more: boolean;
}

/**
 * Features over `bars`, all of which are reckoned with, for those in `range`: the same computation that training and
 * sessions use.
 * @throws InputError for features that there are not, that compare symbols, or that are too many
 */
export function indicatorColumns(
  bars: BarColumns,
  asked: { readonly features: string; readonly timeframe: string; readonly hours: MarketHours | null },
  { fromMs = -Infinity, toMs = Infinity, limit, last }: ChartRange,
): IndicatorColumns {
  const set = featureSet(bars.symbol, asked);
  const [first, end] = [rowAt(bars, fromMs), rowAt(bars, toMs)];
  const from = last ? Math.max(first, end - limit) : first;
  const to = last ? end : Math.min(end, first + limit);
  const [matrix] = computeFeatures(set, [sliceBarColumns(bars, 0, to)]);
  const width = set.columns.length;
  const column = (at: number): (number | null)[] =>
    Array.from({ length: Math.max(0, to - from) }, (_, row) => {
      const value = matrix!.values[(from + row) * width + at]!;
      return Number.isFinite(value) ? value : null;
    });
  return {
    time: Array.from(bars.openTimeMs.subarray(from, Math.max(from, to))),
    values: Object.fromEntries(set.columns.map((name, at) => [name, column(at)])),
    more: last ? from > first : to < end,
  };
}

function featureSet(
  symbol: string,
  { features, timeframe, hours }: Parameters<typeof indicatorColumns>[1],
): ReturnType<typeof parseFeatureSet> {
  try {
    const set = parseFeatureSet(features, { timeframe, symbols: [symbol], hours });
    if (set.columns.length <= COLUMNS_MAX) return set;
    throw new InputError(
      `features: ${set.columns.length} columns are too many for a chart.`,
      `Ask for ${COLUMNS_MAX}.`,
    );
  } catch (error) {
    if (error instanceof FeatureError) throw new InputError(`features: ${error.message}`, error.remedy, error);
    throw error;
  }
}

/** The first bar that opens at `timeMs` or later. */
function rowAt({ openTimeMs, length }: BarColumns, timeMs: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (openTimeMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
