import type { BarColumns } from '../bar.ts';
import { eventKernel } from '../events/symbol-events.ts';
import { runBarColumns, runEventColumn, runPairColumns, runSeriesColumns } from './column-runner.ts';
import type { KernelNode } from '../feature-graph.ts';
import type { FeatureSet } from '../feature-set.ts';
import { longerBars, type LongerBars } from './longer-bars.ts';
import { seriesColumn } from '../series.ts';
import { lookOver, type SeriesColumn } from './series-column.ts';
import { timeframeMs } from '../timeframe.ts';

/** Every slot of a feature graph as a column, for one symbol. */
export class SymbolColumns {
  readonly bars: BarColumns;
  readonly #set: FeatureSet;
  readonly #longer: LongerBars[];
  readonly #columns: Float64Array[];
  readonly #held = new Map<number, Float64Array>();
  readonly #looked = new Map<Float64Array, SeriesColumn>();

  constructor(set: FeatureSet, bars: BarColumns) {
    this.#set = set;
    this.bars = bars;
    const { graph } = set;
    this.#longer = graph.timeframes.map((timeframe) => longerBars(bars, timeframeMs(timeframe)!, set.hours));
    this.#columns = graph.slots.map(() => bars.close);
    for (const { name, context, slot } of graph.series) this.#columns[slot] = seriesColumn(this.#barsOf(context), name);
  }

  run(node: KernelNode, universe: readonly SymbolColumns[]): void {
    const { definition } = node.call;
    const bars = this.#barsOf(node.context);
    const outputs = this.outputs(node);
    if (definition.inputs === 'bar') runBarColumns(definition, node.call, { bars, outputs });
    else if (definition.inputs === 'series') {
      runSeriesColumns(definition, node.call, { x: this.#series(node.inputs[0]!, node.context), outputs });
    } else if (definition.inputs === 'events') {
      const kernel = eventKernel(definition, node.call, { events: this.#set.events, symbol: bars.symbol });
      runEventColumn(kernel, bars.closeTimeMs, outputs[0]!);
    } else if (definition.inputs !== 'cross') {
      const x = this.column(node.inputs[0]!, node.context);
      const y =
        node.call.symbol === null
          ? this.column(node.inputs[1]!, node.context)
          : this.#valuesOf(node.call.symbol, node.inputs[1], universe);
      runPairColumns(definition, node.call, { x, y, outputs });
    }
  }

  /** New columns for the outputs of `node`. */
  outputs(node: KernelNode): Float64Array[] {
    const { length } = this.#barsOf(node.context);
    const outputs = Array.from({ length: node.width }, () => new Float64Array(length));
    outputs.forEach((column, i) => {
      this.#columns[node.slot + i] = column;
    });
    return outputs;
  }

  /** The column of `slot` as a reader in `context` sees it: a longer timeframe's last closed value is held. */
  column(slot: number, context: number): Float64Array {
    const own = this.#set.graph.slots[slot]!.context;
    if (own === context) return this.#columns[slot]!;
    const known = this.#held.get(slot);
    if (known !== undefined) return known;
    const values = this.#columns[slot]!;
    const column = Float64Array.from(this.#longer[own - 1]!.closedAt, (closed) =>
      closed === 0 ? NaN : values[closed - 1]!,
    );
    this.#held.set(slot, column);
    return column;
  }

  #series(slot: number, context: number): SeriesColumn {
    const values = this.column(slot, context);
    const known = this.#looked.get(values) ?? lookOver(values);
    this.#looked.set(values, known);
    return known;
  }

  #barsOf(context: number): BarColumns {
    return context === 0 ? this.bars : this.#longer[context - 1]!.bars;
  }

  /** Closes of `symbol`, or what its `slot` holds, at this symbol's times; NaN where it has no bar. */
  #valuesOf(symbol: string, slot: number | undefined, universe: readonly SymbolColumns[]): Float64Array {
    const other = universe.find((one) => one.bars.symbol === symbol);
    if (other === undefined) return new Float64Array(this.bars.length).fill(NaN);
    const { length, closeTimeMs, close } = other.bars;
    const values = slot === undefined ? close : other.column(slot, 0);
    let at = 0;
    return this.bars.closeTimeMs.map((time) => {
      while (at < length && closeTimeMs[at]! < time) at += 1;
      return at < length && closeTimeMs[at] === time ? values[at]! : NaN;
    });
  }
}
