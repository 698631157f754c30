import type { Benchmark } from './benchmark.ts';

/** Every benchmark that `bench` knows, in the order it runs them. */
export const BENCHMARKS: readonly Benchmark[] = [];
