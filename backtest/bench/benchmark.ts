import type { BenchmarkResult } from './benchmark-result.ts';
import type { Peer } from './peers.ts';
import type { Database } from '../../infra/postgres/database.ts';

/** Monotonic milliseconds. */
export type Now = () => number;

/** What a benchmark may use. */
export interface BenchContext {
  readonly now: Now;
  readonly note: (text: string) => void;
  /** For what is measured in the database. */
  readonly database: () => Promise<Database>;
}

/** A benchmark: checks its own result, and throws when the work was not done. */
export interface Benchmark {
  readonly name: string;
  readonly work: string;
  /** Run after it on the same data, where they are installed. */
  readonly peers?: () => Promise<readonly Peer[]>;
  run(context: BenchContext): Promise<readonly BenchmarkResult[]>;
}

/** Median of `values`; the mean of the middle two of an even number. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Runs `work` `runs` times after one warm-up; its seconds, sorted, and the last value it returned. */
export function timed<T>(now: Now, runs: number, work: () => T): { seconds: number[]; value: T } {
  let value = work();
  const seconds: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = now();
    value = work();
    seconds.push((now() - started) / 1000);
  }
  return { seconds: seconds.sort((a, b) => a - b), value };
}
