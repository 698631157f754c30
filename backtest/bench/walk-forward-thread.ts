import { parentPort } from 'node:worker_threads';
import type { Dataset } from '../../models/dataset.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { foldsOf } from '../../models/splits/folds-of.ts';
import { trainFold } from '../../models/training/fold/train-fold.ts';

/** Windows to train and test: data by reference, and a counter of windows that all workers share. */
export interface WindowsJob {
  readonly dataset: Dataset;
  readonly experiment: Experiment;
  readonly windows: number;
  readonly taken: Int32Array;
}

/** What a window found. */
export interface WindowMessage {
  readonly window: number;
  readonly trainRows: number;
  readonly score: Float64Array;
  readonly y: Float64Array;
  readonly checksum: string;
}

// Entry of a worker of `bench walk-forward`.
const port = parentPort!;

async function runWindows({ dataset, experiment, windows, taken }: WindowsJob): Promise<void> {
  const folds = foldsOf(dataset, experiment.splits);
  for (let window = Atomics.add(taken, 0, 1); window < windows; window = Atomics.add(taken, 0, 1)) {
    const outcome = await trainFold(dataset, folds[window]!, experiment, { threads: 1 });
    const { score, y } = outcome.predictions;
    const { checksum } = outcome.ensemble;
    const message: WindowMessage = { window, trainRows: outcome.trainRows, score, y, checksum };
    port.postMessage(message);
  }
}

port.on('message', (job: WindowsJob) => {
  runWindows(job).then(
    () => port.postMessage({ done: true }),
    (error: unknown) =>
      port.postMessage({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
