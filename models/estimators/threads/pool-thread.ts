import { parentPort } from 'node:worker_threads';
import { THREAD_JOBS } from './thread-jobs.ts';

// Entry of a pool thread: runs one job at a time and says when it is done. An error is sent, so that the thread stays usable.
const port = parentPort!;
port.on('message', ({ job, data }: { job: string; data: unknown }) => {
  try {
    THREAD_JOBS[job]!(data, (message) => port.postMessage({ message }));
    port.postMessage({ done: true });
  } catch (error) {
    port.postMessage({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
