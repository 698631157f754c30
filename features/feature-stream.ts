import type { Bar } from './bar.ts';
import type { KernelNode } from './feature-graph.ts';
import type { FeatureSet } from './feature-set.ts';
import type { BarKernel, PairKernel, SeriesKernel } from './kernel.ts';
import type { SavedState } from './kernel-state.ts';
import { restoreState, saveState } from './kernel-state.ts';
import { seriesOf } from './series.ts';
import { Resampler, timeframeMs } from './timeframe.ts';

/** Everything a stream remembers, safe to store as JSON. */
export interface FeatureStreamState {
  /** Hash of the feature set it belongs to. */
  readonly hash: string;
  readonly symbols: readonly string[];
  readonly lastCloseTimeMs: number | null;
  readonly memory: SavedState;
}

type Kernel = BarKernel | SeriesKernel | PairKernel;

/** What one symbol's kernels remember. */
interface SymbolMemory {
  readonly values: Float64Array;
  readonly kernels: (Kernel | null)[];
  readonly resamplers: Resampler[];
}

/**
 * The features of a universe, one close time after another: for live sessions and incremental materialisation. Work per bar is
 * bounded by the set; nothing but the returned rows is allocated.
 */
export class FeatureStream {
  private readonly set: FeatureSet;
  private readonly symbols: readonly string[];
  private readonly memory: SymbolMemory[];
  private readonly crossed: Float64Array;
  private lastCloseTimeMs = -Infinity;

  constructor(set: FeatureSet, symbols: readonly string[]) {
    this.set = set;
    this.symbols = symbols;
    const { graph } = set;
    this.crossed = new Float64Array(symbols.length);
    this.memory = symbols.map(() => ({
      values: new Float64Array(graph.slots.length).fill(NaN),
      kernels: graph.nodes.map(createKernel),
      resamplers: graph.timeframes.map((timeframe) => new Resampler(timeframeMs(timeframe)!, set.hours)),
    }));
  }

  /** Continues where `state` was saved. Throws RangeError when it belongs to another set or universe. */
  static restore(set: FeatureSet, state: FeatureStreamState): FeatureStream {
    if (state.hash !== set.hash) throw new RangeError('The saved feature state belongs to another feature set.');
    const stream = new FeatureStream(set, state.symbols);
    restoreState(stream.memory, state.memory);
    stream.lastCloseTimeMs = state.lastCloseTimeMs ?? -Infinity;
    return stream;
  }

  save(): FeatureStreamState {
    return {
      hash: this.set.hash,
      symbols: this.symbols,
      lastCloseTimeMs: Number.isFinite(this.lastCloseTimeMs) ? this.lastCloseTimeMs : null,
      memory: saveState(this.memory),
    };
  }

  /**
   * Takes the bars that closed at `closeTimeMs`, one place per symbol and null for none, and returns a new row per bar, NaN while
   * warming up. Throws RangeError when time does not advance or a bar closed at another time.
   */
  step(closeTimeMs: number, bars: readonly (Bar | null)[]): (Float64Array | null)[] {
    this.advance(closeTimeMs, bars);
    const { slots } = this.set;
    return bars.map((bar, s) => {
      if (bar === null) return null;
      const row = new Float64Array(slots.length);
      this.copyRow(s, row);
      return row;
    });
  }

  /** Like `step`, without the rows: read them by `copyRow`, which allocates nothing. */
  advance(closeTimeMs: number, bars: readonly (Bar | null)[]): void {
    if (!(closeTimeMs > this.lastCloseTimeMs)) {
      throw new RangeError(`Bars must come in order: ${closeTimeMs} after ${this.lastCloseTimeMs}.`);
    }
    if (bars.length !== this.symbols.length) {
      throw new RangeError(`Expected ${this.symbols.length} places for bars, got ${bars.length}.`);
    }
    this.lastCloseTimeMs = closeTimeMs;
    for (let s = 0; s < bars.length; s++) {
      const bar = bars[s]!;
      if (bar === null) continue;
      if (bar.closeTimeMs !== closeTimeMs) {
        throw new RangeError(`The bar of ${this.symbols[s]} closed at ${bar.closeTimeMs}, not at ${closeTimeMs}.`);
      }
      this.fillSeries(this.memory[s]!, bar, 0);
      this.memory[s]!.resamplers.forEach((resampler, i) => {
        resampler.push(bar, (longer) => this.runContext(this.memory[s]!, longer, i + 1));
      });
    }
    this.runNodes(bars);
  }

  /** The row of symbol `s` after the last step into `row`. */
  copyRow(s: number, row: Float64Array): void {
    const { slots } = this.set;
    const { values } = this.memory[s]!;
    for (let c = 0; c < slots.length; c++) row[c] = values[slots[c]!]!;
  }

  private runNodes(bars: readonly (Bar | null)[]): void {
    const { nodes } = this.set.graph;
    for (let k = 0; k < nodes.length; k++) {
      const node = nodes[k]!;
      if (node.context !== 0) continue;
      if (node.call.definition.inputs === 'cross') {
        this.combine(node, bars);
        continue;
      }
      const other = node.call.symbol === null ? -1 : this.symbols.indexOf(node.call.symbol);
      const otherClose = other < 0 ? NaN : (bars[other]?.close ?? NaN);
      for (let s = 0; s < bars.length; s++) {
        const bar = bars[s]!;
        if (bar !== null)
          runNode(node, this.memory[s]!.kernels[k]!, { values: this.memory[s]!.values, bar, otherClose });
      }
    }
  }

  private runContext(memory: SymbolMemory, bar: Bar, context: number): void {
    this.fillSeries(memory, bar, context);
    this.set.graph.nodes.forEach((node, k) => {
      if (node.context === context) runNode(node, memory.kernels[k]!, { values: memory.values, bar, otherClose: NaN });
    });
  }

  private fillSeries(memory: SymbolMemory, bar: Bar, context: number): void {
    for (const series of this.set.graph.series) {
      if (series.context === context) memory.values[series.slot] = seriesOf(bar, series.name);
    }
  }

  private combine(node: KernelNode, bars: readonly (Bar | null)[]): void {
    const { definition, choices } = node.call;
    if (definition.inputs !== 'cross') return;
    const input = node.inputs[0]!;
    let count = 0;
    for (let s = 0; s < bars.length; s++) {
      if (bars[s] === null) continue;
      const value = this.memory[s]!.values[input]!;
      if (value === value) this.crossed[count++] = value;
    }
    if (count > 0) definition.combine(this.crossed, count, choices);
    let at = 0;
    for (let s = 0; s < bars.length; s++) {
      if (bars[s] === null) continue;
      const { values } = this.memory[s]!;
      values[node.slot] = values[input] === values[input] ? this.crossed[at++]! : NaN;
    }
  }
}

function createKernel({ call }: KernelNode): Kernel | null {
  const { definition, numbers, choices } = call;
  return definition.inputs === 'cross' ? null : definition.create(numbers, choices);
}

function runNode(
  node: KernelNode,
  kernel: Kernel,
  { values, bar, otherClose }: { values: Float64Array; bar: Bar; otherClose: number },
): void {
  const { inputs } = node.call.definition;
  const { slot } = node;
  let value: number;
  if (inputs === 'bar') value = (kernel as BarKernel).next(bar);
  else {
    const x = values[node.inputs[0]!]!;
    const y = inputs === 'series' ? 0 : inputs === 'symbol' ? otherClose : values[node.inputs[1]!]!;
    if (x !== x || y !== y) {
      values.fill(NaN, slot, slot + node.width);
      return;
    }
    value = (kernel as PairKernel).next(x, y);
  }
  const { out } = kernel;
  if (out === undefined) values[slot] = value;
  else for (let i = 0; i < out.length; i++) values[slot + i] = out[i]!;
}
