import type { BarColumns } from './bar.ts';
import { combineColumns } from './columns/cross-columns.ts';
import type { FeatureSet } from './feature-set.ts';
import { SymbolColumns } from './columns/symbol-columns.ts';

export { FeatureStream } from './feature-stream.ts';
export type { FeatureStreamState } from './feature-stream.ts';

/** The features of one symbol. */
export interface FeatureMatrix {
  readonly symbol: string;
  readonly columns: readonly string[];
  /** Rows: one per bar. */
  readonly length: number;
  readonly closeTimeMs: Float64Array;
  /** Row-major, length x columns.length; NaN while warming up. */
  readonly values: Float64Array;
}

/**
 * The features of every symbol of `universe` over whole columns, in its order; bit for bit what `FeatureStream` gives
 * bar by bar. One symbol's intermediate columns are held at a time, unless some feature compares symbols.
 */
export function computeFeatures(set: FeatureSet, universe: readonly BarColumns[]): FeatureMatrix[] {
  if (!set.graph.comparesSymbols) return universe.map((bars) => computeAlone(set, bars));
  const columns = universe.map((bars) => new SymbolColumns(set, bars));
  for (const node of set.graph.nodes) {
    if (node.call.definition.inputs === 'cross') combineColumns(node, columns);
    else for (const one of columns) one.run(node, columns);
  }
  return columns.map((one) => matrixOf(set, one));
}

function computeAlone(set: FeatureSet, bars: BarColumns): FeatureMatrix {
  const columns = new SymbolColumns(set, bars);
  for (const node of set.graph.nodes) columns.run(node, []);
  return matrixOf(set, columns);
}

function matrixOf({ columns, slots }: FeatureSet, symbol: SymbolColumns): FeatureMatrix {
  const { bars } = symbol;
  const { length } = bars;
  const width = columns.length;
  const values = new Float64Array(length * width);
  slots.forEach((slot, c) => {
    const column = symbol.column(slot, 0);
    for (let i = 0, at = c; i < length; i++, at += width) values[at] = column[i]!;
  });
  return { symbol: bars.symbol, columns, length, closeTimeMs: bars.closeTimeMs.slice(), values };
}
