// Entry of a thread that runs from source: what a process imports first is not imported in its threads, so the loader
// is.
import { workerData } from 'node:worker_threads';
import '../typescript/typescript-loader.mjs';

await import(workerData.module);
