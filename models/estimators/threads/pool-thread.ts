import { parentPort } from 'node:worker_threads';
import { InputError } from '../../../infra/errors.ts';
import { THREAD_JOBS } from './thread-jobs.ts';

// Entry of a pool thread: runs one job at a time and says when it is done. An error is sent, so that the thread stays
// usable. A job is a name, or the URL of a module whose default export does it: what is above this folder cannot be
// named here.
const port = parentPort!;

async function runJob(job: string, data: unknown): Promise<void> {
  const named = THREAD_JOBS[job];
  const run = named ?? ((await import(job)) as { default: (typeof THREAD_JOBS)[string] }).default;
  run(data, (message) => port.postMessage({ message }));
}

port.on('message', ({ job, data }: { job: string; data: unknown }) => {
  runJob(job, data).then(
    () => port.postMessage({ done: true }),
    (error: unknown) => {
      // What a user can mend is told in the words that it was found in.
      if (error instanceof InputError) port.postMessage({ refused: error.message, remedy: error.remedy });
      else port.postMessage({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    },
  );
});
