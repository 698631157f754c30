import { barAt, type BarColumns } from '../../features/bar.ts';
import { BarCursor } from '../../features/bar-cursor.ts';
import { runBarColumns, runSeriesColumns } from '../../features/columns/column-runner.ts';
import type { ResolvedCall } from '../../features/expressions/expression-resolver.ts';
import type { BarKernel, SeriesKernel } from '../../features/kernel.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { FeatureStream } from '../../features/feature-stream.ts';
import { lookOver, type SeriesColumn } from '../../features/columns/series-column.ts';

/** The ten indicators of the peer benchmark; its stochastic is the fast one. */
const BENCH_EXPRESSIONS: readonly string[] = [
  'rsi(14)',
  'ema(20)',
  'macd(12,26,9)',
  'atr(14)',
  'bollinger(20,2)',
  'adx(14)',
  'stoch(14,3,1)',
  'cci(20)',
  'obv()',
  'mfi(14)',
];

/** Bars that a set's stream is given. */
const SET_BARS = 200_000;

interface FeatureTiming {
  readonly expression: string;
  /** Nanoseconds a bar. */
  readonly batch: RepeatedNs;
  readonly stream: RepeatedNs;
  /** Every output at the last bar, by the batch loop. */
  readonly last: readonly number[];
  /** True when batch and stream agree in every bit of every output at every bar. */
  readonly identical: boolean;
}

/** Of the repeats. */
export interface RepeatedNs {
  readonly median: number;
  readonly fastest: number;
}

export interface FeatureTimings {
  readonly timings: readonly FeatureTiming[];
  /** Nanoseconds a bar to look the closes over for gaps, once for all features of a set that read them. */
  readonly lookOver: RepeatedNs;
  /**
   * Nanoseconds a bar of a `FeatureStream` of all ten, which live sessions and materialisation run: every row copied
   * out.
   */
  readonly set: RepeatedNs;
}

interface BatchInput {
  readonly bars: BarColumns;
  readonly closes: SeriesColumn;
  readonly outputs: readonly Float64Array[];
}

/**
 * Times the ten indicators over `bars` with the code that feature sets run: whole columns, and kernels bar by bar.
 * `now` gives milliseconds; nothing here reads a clock. Takes about 1.5 s for a million bars and three repeats.
 */
export function benchFeatures(bars: BarColumns, now: () => number, repeats = 3): FeatureTimings {
  const set = parseFeatureSet(BENCH_EXPRESSIONS, { timeframe: '1m', symbols: [bars.symbol] });
  const { graph } = set;
  const closes = lookOver(bars.close);
  const repeated = (work: () => void): RepeatedNs => timesOf({ repeats, now, bars: bars.length }, work);
  const timings = graph.nodes.map(({ call, width }, i) => {
    const outputs = Array.from({ length: width }, () => new Float64Array(bars.length));
    const batch = repeated(() => runBatch(call, { bars, closes, outputs }));
    const stream = compileStreamLoop(call);
    const streamed = repeated(() => stream(bars, null));
    const columns = outputs.map((column) => new Float64Array(column.length));
    stream(bars, columns);
    return {
      expression: BENCH_EXPRESSIONS[i]!,
      batch,
      stream: streamed,
      last: outputs.map((column) => column[bars.length - 1]!),
      identical: outputs.every((column, k) => column.every((value, row) => Object.is(value, columns[k]![row]))),
    };
  });
  const rows = Array.from({ length: Math.min(bars.length, SET_BARS) }, (_, i) => [barAt(bars, i)]);
  const row = new Float64Array(set.columns.length);
  const streamed = (): void => {
    const live = new FeatureStream(set, [bars.symbol]);
    for (const [bar] of rows) {
      live.advance(bar!.closeTimeMs, [bar!]);
      live.copyRow(0, row);
    }
  };
  return {
    timings,
    lookOver: repeated(() => lookOver(bars.close)),
    set: timesOf({ repeats, now, bars: rows.length }, streamed),
  };
}

/** Nanoseconds a bar of the repeats of some work over so many bars. */
function timesOf(
  { repeats, now, bars }: { repeats: number; now: () => number; bars: number },
  work: () => void,
): RepeatedNs {
  const times = Array.from({ length: repeats }, () => {
    const start = now();
    work();
    return ((now() - start) * 1e6) / bars;
  }).sort((a, b) => a - b);
  return { median: times[repeats >> 1]!, fastest: times[0]! };
}

function runBatch(call: ResolvedCall, { bars, closes, outputs }: BatchInput): void {
  const { definition } = call;
  if (definition.inputs === 'bar') runBarColumns(definition, call, { bars, outputs });
  else if (definition.inputs === 'series') runSeriesColumns(definition, call, { x: closes, outputs });
}

/**
 * One loop for all kernels of a kind, as a stream has: what it costs that the call is not inlined is part of the
 * figure.
 */
function compileStreamLoop(call: ResolvedCall): (bars: BarColumns, outputs: readonly Float64Array[] | null) => void {
  const { definition, numbers, choices } = call;
  return (bars, outputs) => {
    if (definition.inputs === 'bar') streamBars(definition.create(numbers, choices), bars, outputs);
    else if (definition.inputs === 'series') streamCloses(definition.create(numbers, choices), bars, outputs);
  };
}

function streamBars(kernel: BarKernel, bars: BarColumns, outputs: readonly Float64Array[] | null): void {
  const cursor = new BarCursor(bars);
  for (let i = 0; i < bars.length; i++) {
    const value = kernel.next(cursor.moveTo(i));
    if (outputs !== null) keep(outputs, i, kernel.out ?? value);
  }
}

function streamCloses(kernel: SeriesKernel, bars: BarColumns, outputs: readonly Float64Array[] | null): void {
  const { close } = bars;
  for (let i = 0; i < bars.length; i++) {
    const value = kernel.next(close[i]!);
    if (outputs !== null) keep(outputs, i, kernel.out ?? value);
  }
}

function keep(outputs: readonly Float64Array[], row: number, value: number | Float64Array): void {
  if (typeof value === 'number') outputs[0]![row] = value;
  else {
    for (let k = 0; k < outputs.length; k++) outputs[k]![row] = value[k]!;
  }
}
