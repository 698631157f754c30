// Entry of a thread that runs from source: `--import tsx` does nothing inside a thread, so it registers the loader itself.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.module);
