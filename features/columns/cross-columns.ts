import type { KernelNode } from '../feature-graph.ts';
import type { SymbolColumns } from './symbol-columns.ts';

/** A cross-sectional feature: at each close time, over the symbols that have a bar and a value then. */
export function combineColumns(node: KernelNode, universe: readonly SymbolColumns[]): void {
  const { definition, choices } = node.call;
  if (definition.inputs !== 'cross') return;
  const inputs = universe.map((one) => one.column(node.inputs[0]!, 0));
  const outputs = universe.map((one) => one.outputs(node)[0]!);
  const at = new Int32Array(universe.length);
  const values = new Float64Array(universe.length);
  const present: number[] = [];
  for (;;) {
    let time = Infinity;
    universe.forEach(({ bars }, s) => {
      if (at[s]! < bars.length) time = Math.min(time, bars.closeTimeMs[at[s]!]!);
    });
    if (time === Infinity) return;
    present.length = 0;
    universe.forEach(({ bars }, s) => {
      const i = at[s]!;
      if (i >= bars.length || bars.closeTimeMs[i] !== time) return;
      const value = inputs[s]![i]!;
      if (Number.isNaN(value)) outputs[s]![i] = NaN;
      else values[present.push(s) - 1] = value;
    });
    if (present.length > 0) definition.combine(values, present.length, choices);
    present.forEach((s, k) => {
      outputs[s]![at[s]!] = values[k]!;
    });
    universe.forEach(({ bars }, s) => {
      if (at[s]! < bars.length && bars.closeTimeMs[at[s]!] === time) at[s]! += 1;
    });
  }
}
