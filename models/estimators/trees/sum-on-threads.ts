import { runOnThreads } from '../threads/thread-pool.ts';
import type { FeatureBins } from './feature-bins.ts';
import type { PackedTrees } from './packed-node.ts';
import { doubleArray, integerArray } from './shared-array.ts';
import type { SumJob } from './sum-rows-on-thread.ts';

/** Rows handed over at a time: 26 MB of 50 features, copied while the threads are at the ones before. */
const ROWS_HANDED = 65_536;

/** Sums of a model's leaf values for each row, equal to those of `TreeWalker` to the last bit, by threads of the pool. */
export async function sumOnThreads(
  model: { readonly trees: PackedTrees; readonly bins: FeatureBins },
  { x, rows, threads }: { x: Float64Array; rows: number; threads: number },
): Promise<Float64Array> {
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
    running = sumStretch({ ...buffer, ...model, rows: count, control: integerArray(1, true) }, threads).then(() =>
      sums.set(buffer.out.subarray(0, count), from),
    );
  }
  await running;
  return sums;
}

function sumStretch({ trees, bins, x, rows, out, control }: SumJob, threads: number): Promise<void> {
  const job: SumJob = { trees, bins, x, rows, out, control };
  return runOnThreads({ job: 'sum-rows', threads, data: () => job });
}
