import type { BarColumns } from '../bar.ts';
import type { ResolvedCall } from '../expressions/expression-resolver.ts';
import { BarCursor } from '../bar-cursor.ts';
import type { BarFeature, PairFeature, SeriesFeature } from '../kernel.ts';
import type { EventKernel } from '../events/event-kernel.ts';
import type { SeriesColumn } from './series-column.ts';

type Outputs = readonly Float64Array[];

/** True when the call uses every default convention: those are the ones that batch loops know. */
function usesDefaults({ definition, choices }: ResolvedCall): boolean {
  return (definition.choices ?? []).every(({ name, values }) => choices[name] === values[0]);
}

/** What `next` returned, or all that it left in `out`, into place `i` of the outputs. */
function keep(outputs: Outputs, i: number, value: number, out: Float64Array | undefined): void {
  if (out === undefined) outputs[0]![i] = value;
  else for (let k = 0; k < outputs.length; k++) outputs[k]![i] = out[k]!;
}

/** A bar feature over whole columns: its batch loop where it has one, else its kernel bar by bar. */
export function runBarColumns(
  definition: BarFeature,
  call: ResolvedCall,
  { bars, outputs }: { bars: BarColumns; outputs: Outputs },
): void {
  if (definition.batch !== undefined && usesDefaults(call)) {
    definition.batch(call.numbers, bars, outputs);
    return;
  }
  const kernel = definition.create(call.numbers, call.choices);
  const cursor = new BarCursor(bars);
  for (let i = 0; i < bars.length; i++) keep(outputs, i, kernel.next(cursor.moveTo(i)), kernel.out);
}

/** A series feature over a column that may begin with NaN and hold some: such values are skipped, and give NaN. */
export function runSeriesColumns(
  definition: SeriesFeature,
  call: ResolvedCall,
  { x: { values, first, hasGaps }, outputs }: { x: SeriesColumn; outputs: Outputs },
): void {
  for (const output of outputs) output.fill(NaN, 0, first);
  if (definition.batch !== undefined && usesDefaults(call) && !hasGaps) {
    const rest = outputs.map((output) => output.subarray(first));
    definition.batch(call.numbers, values.subarray(first), rest);
    return;
  }
  const kernel = definition.create(call.numbers, call.choices);
  for (let i = first; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) for (const output of outputs) output[i] = NaN;
    else keep(outputs, i, kernel.next(values[i]!), kernel.out);
  }
}

/** A pair feature; bars at which either side is missing are skipped, and give NaN. */
export function runPairColumns(
  definition: PairFeature,
  call: ResolvedCall,
  { x, y, outputs }: { x: Float64Array; y: Float64Array; outputs: Outputs },
): void {
  const kernel = definition.create(call.numbers, call.choices);
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i]!) || Number.isNaN(y[i]!)) for (const output of outputs) output[i] = NaN;
    else keep(outputs, i, kernel.next(x[i]!, y[i]!), kernel.out);
  }
}

/** A feature over events at each close. */
export function runEventColumn(kernel: EventKernel, closeTimeMs: Float64Array, output: Float64Array): void {
  const close = { closeTimeMs: NaN };
  for (let i = 0; i < closeTimeMs.length; i++) {
    close.closeTimeMs = closeTimeMs[i]!;
    output[i] = kernel.next(close);
  }
}
