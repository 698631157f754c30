import type { ResolvedCall, ResolvedInput } from './expressions/expression-resolver.ts';
import type { SeriesName } from './series.ts';
import { timeframeMs } from './timeframe.ts';

/** A price series that some node or column reads. */
export interface SeriesNode {
  readonly name: SeriesName;
  readonly context: number;
  readonly slot: number;
}

/** One kernel of a feature set. Nodes stand in an order in which every input comes before its reader. */
export interface KernelNode {
  readonly call: ResolvedCall;
  /** 0: bars of the set's timeframe; otherwise 1 + index into `timeframes`. */
  readonly context: number;
  readonly inputs: readonly number[];
  readonly slot: number;
  readonly width: number;
}

/** Where a value lives: in which timeframe, and after how many leading bars of the set's timeframe it is there. */
export interface Slot {
  readonly context: number;
  /** Leading bars of its own context without a value. */
  readonly warmUp: number;
}

/** The kernels of a feature set with each shared part computed once: `rsi(14)` and `lag(rsi(14),3)` have one RSI. */
export class FeatureGraph {
  readonly series: SeriesNode[] = [];
  readonly nodes: KernelNode[] = [];
  readonly slots: Slot[] = [];
  /** Longer timeframes in use. */
  readonly timeframes: string[] = [];
  readonly #baseMs: number;
  readonly #slotOf = new Map<string, number>();

  constructor(timeframe: string) {
    this.#baseMs = timeframeMs(timeframe)!;
  }

  /** True when some value depends on other symbols' bars. */
  get comparesSymbols(): boolean {
    return this.nodes.some(({ call }) => call.definition.inputs === 'cross' || call.definition.inputs === 'symbol');
  }

  /** True when some value depends on events. */
  get readsEvents(): boolean {
    return this.nodes.some(({ call }) => call.definition.inputs === 'events');
  }

  /** Makes sure that `input` is computed; returns its slots, one or all outputs. */
  add(input: ResolvedInput, inside = 0): number[] {
    if (input.kind === 'series') return [this.#addSeries(input.name, this.#contextOf(input.timeframe, inside))];
    const first = this.#addCall(input.call, inside);
    if (input.output >= 0) return [first + input.output];
    return (input.call.definition.outputs ?? ['']).map((_, i) => first + i);
  }

  /** Leading bars of the set's timeframe without a value in `slot`; for longer timeframes an upper bound. */
  warmUpBars(slot: number): number {
    return this.#seenFrom(slot, 0);
  }

  #addSeries(name: SeriesName, context: number): number {
    const key = `${context}/${name}`;
    const known = this.#slotOf.get(key);
    if (known !== undefined) return known;
    const slot = this.slots.push({ context, warmUp: 0 }) - 1;
    this.series.push({ name, context, slot });
    this.#slotOf.set(key, slot);
    return slot;
  }

  #addCall(call: ResolvedCall, inside: number): number {
    const context = this.#contextOf(call.timeframe, inside);
    const key = `${context}/${call.identity}`;
    const known = this.#slotOf.get(key);
    if (known !== undefined) return known;
    const inputs = call.inputs.map((input) => this.add(input, context)[0]!);
    const { definition, numbers, choices } = call;
    const width = definition.outputs?.length ?? 1;
    const before = Math.max(0, ...inputs.map((slot) => this.#seenFrom(slot, context)));
    const warmUp = before + definition.warmUp(numbers, choices);
    const slot = this.slots.length;
    for (let i = 0; i < width; i++) this.slots.push({ context, warmUp });
    this.nodes.push({ call, context, inputs, slot, width });
    this.#slotOf.set(key, slot);
    return slot;
  }

  #contextOf(timeframe: string | null, inside: number): number {
    if (timeframe === null) return inside;
    if (!this.timeframes.includes(timeframe)) this.timeframes.push(timeframe);
    return this.timeframes.indexOf(timeframe) + 1;
  }

  /** A longer bar is closed at the latest by the first bar after its span. */
  #seenFrom(slot: number, context: number): number {
    const { warmUp, context: own } = this.slots[slot]!;
    if (own === context) return warmUp;
    return (warmUp + 1) * Math.ceil(timeframeMs(this.timeframes[own - 1]!)! / this.#baseMs);
  }
}
