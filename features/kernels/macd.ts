import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Ema, emaColumn } from './ema.ts';

/** Difference of two EMAs, the EMA of that difference, and the distance between the two. */
class Macd implements SeriesKernel {
  readonly out = new Float64Array(3).fill(NaN);
  readonly fast: Ema;
  readonly slow: Ema;
  readonly signal: Ema;

  constructor(fast: number, slow: number, signal: number) {
    this.fast = new Ema(fast);
    this.slow = new Ema(slow);
    this.signal = new Ema(signal);
  }

  next(x: number): number {
    const fast = this.fast.next(x);
    const line = fast - this.slow.next(x);
    if (line !== line) return NaN;
    const signal = this.signal.next(line);
    this.out[0] = line;
    this.out[1] = signal;
    this.out[2] = line - signal;
    return line;
  }
}

/** Everything after the seeds in one loop: the three recursions do not wait for each other. */
function macdColumns([fast, slow, signal]: readonly number[], x: Float64Array, outputs: readonly Float64Array[]): void {
  const [line, signals, histogram] = outputs as [Float64Array, Float64Array, Float64Array];
  const head = Math.min(slow! + signal! - 1, x.length);
  const start = x.subarray(0, head);
  const slowHead = new Float64Array(head);
  const fastHead = new Float64Array(head);
  emaColumn(fast!, start, fastHead);
  emaColumn(slow!, start, slowHead);
  for (let i = 0; i < head; i++) line[i] = fastHead[i]! - slowHead[i]!;
  signals.fill(NaN, 0, Math.min(slow! - 1, head));
  emaColumn(signal!, line.subarray(Math.min(slow! - 1, head), head), signals.subarray(Math.min(slow! - 1, head), head));
  for (let i = 0; i < head; i++) histogram[i] = line[i]! - signals[i]!;
  if (head === x.length) return;
  const fastAlpha = 2 / (fast! + 1);
  const fastKeep = 1 - fastAlpha;
  const slowAlpha = 2 / (slow! + 1);
  const slowKeep = 1 - slowAlpha;
  const signalAlpha = 2 / (signal! + 1);
  const signalKeep = 1 - signalAlpha;
  let fastEma = fastHead[head - 1]!;
  let slowEma = slowHead[head - 1]!;
  let signalEma = signals[head - 1]!;
  for (let i = head; i < x.length; i++) {
    const value = x[i]!;
    fastEma = value * fastAlpha + fastEma * fastKeep;
    slowEma = value * slowAlpha + slowEma * slowKeep;
    const difference = fastEma - slowEma;
    signalEma = difference * signalAlpha + signalEma * signalKeep;
    line[i] = difference;
    signals[i] = signalEma;
    histogram[i] = difference - signalEma;
  }
}

export const macd: SeriesFeature = {
  name: 'macd',
  version: 1,
  source:
    'Moving average convergence divergence, Gerald Appel (1979): EMA(fast) - EMA(slow), its EMA, and the difference.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('fast', 12), period('slow', 26), period('signal', 9)],
  outputs: ['line', 'signal', 'histogram'],
  check: ([fast, slow]) => (fast! < slow! ? null : 'fast must be shorter than slow'),
  warmUp: ([, slow, signal]) => slow! + signal! - 2,
  create: ([fast, slow, signal]) => new Macd(fast!, slow!, signal!),
  batch: macdColumns,
};
