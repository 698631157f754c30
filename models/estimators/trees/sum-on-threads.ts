import { runOnThreads } from '../threads/thread-pool.ts';
import type { FeatureBins } from './feature-bins.ts';
import type { PackedTrees } from './packed-node.ts';
import { doubleArray, integerArray } from './shared-array.ts';
import type { SumJob } from './sum-rows-on-thread.ts';

/** Rows handed over at a time: 13 MB of 50 features, copied while the threads are at the ones before. */
const ROWS_HANDED = 32_768;

interface TreeSums {
  readonly trees: PackedTrees;
  readonly bins: FeatureBins;
}

interface Batch {
  readonly x: Float64Array;
  readonly rows: number;
  readonly threads: number;
}

let batches = 0;

/**
 * Sums of a model's leaf values for each row, equal to those of `TreeWalker` to the last bit, by threads of the pool.
 * They read `x` itself where it lies in a SharedArrayBuffer, else copies of it.
 */
export async function sumOnThreads(model: TreeSums, { x, rows, threads }: Batch): Promise<Float64Array> {
  const batch = ++batches;
  if (x.buffer instanceof SharedArrayBuffer) {
    const out = doubleArray(rows, true);
    await sumStretch({ ...model, x, rows, out, batch, isLast: true }, threads);
    return out;
  }
  const { width } = model.trees;
  const sums = new Float64Array(rows);
  const handed = Math.min(rows, ROWS_HANDED);
  const buffers = [0, 1].map(() => ({ x: doubleArray(handed * width, true), out: doubleArray(handed, true) }));
  let running: Promise<void> = Promise.resolve();
  for (let from = 0, turn = 0; from < rows; from += handed, turn++) {
    const count = Math.min(handed, rows - from);
    const buffer = buffers[turn % 2]!;
    buffer.x.set(x.subarray(from * width, (from + count) * width));
    await running;
    const isLast = from + count === rows;
    running = sumStretch({ ...buffer, ...model, rows: count, batch, isLast }, threads).then(() =>
      sums.set(buffer.out.subarray(0, count), from),
    );
  }
  await running;
  return sums;
}

function sumStretch(stretch: Omit<SumJob, 'control'>, threads: number): Promise<void> {
  const { trees, bins, x, rows, out, batch, isLast } = stretch;
  // A model has more than its trees and bins; only these are sent.
  const job: SumJob = { trees, bins, x, rows, out, batch, isLast, control: integerArray(1, true) };
  return runOnThreads({ job: 'sum-rows', threads, data: () => job });
}
